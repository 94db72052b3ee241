package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/projections"
)

type metricInput struct {
	Name string `path:"name" doc:"Name in the list of metrics" maxLength:"50" example:"win_rate"`
	projections.MetricFilter
	Format string `query:"format" enum:"json,csv,xlsx" default:"json" doc:"json, or a table for spreadsheets"`
}

// metricOutput is an answer as JSON, which is written in parts, or as a table.
type metricOutput struct {
	ContentType   string `header:"Content-Type" hidden:"true"`
	ContentLength string `header:"Content-Length" hidden:"true"`
	Disposition   string `header:"Content-Disposition" hidden:"true"`
	Position      string `header:"X-Position" doc:"Log position the figures hold for" example:"8312/8312"`
	Body          func(huma.Context)
}

func metricJSON(text projections.MetricText) *metricOutput {
	return &metricOutput{
		ContentType: "application/json", ContentLength: strconv.Itoa(text.Len()), Position: text.Position.String(),
		Body: func(hc huma.Context) { _, _ = text.WriteTo(hc.BodyWriter()) }, // a caller who is gone needs no answer
	}
}

func metricFile(file tableOutput) *metricOutput {
	return &metricOutput{
		ContentType: file.ContentType, ContentLength: strconv.Itoa(len(file.Body)), Disposition: file.Disposition, Position: file.Position,
		Body: func(hc huma.Context) { _, _ = hc.BodyWriter().Write(file.Body) }, // as above
	}
}

// metricList declares the catalogue of metrics.
func (q *Queries) metricList() route {
	return figures("metrics", "list-metrics", "List the metrics: what they mean, what they leave out, what they can be broken down by", everyone(),
		func(context.Context, struct{}) (projections.MetricCatalogue, error) {
			return projections.Catalogue(q.Policy.State().InForce(q.Now())), nil
		})
}

// metric declares the query of one metric, as JSON or as a table.
func (q *Queries) metric() route {
	metrics := projections.Metrics{Views: q.Views, Policy: q.Policy, Now: q.Now, Kept: projections.NewKeptMetrics()}
	return route{
		method: http.MethodGet, path: queryPath + "metrics/{name}", name: "get-metric", tag: "queries",
		summary: "Read a metric by period and dimension, or export it", who: sellers(), reads: projections.All,
		errs: []*domain.Error{
			projections.ErrNoMetric, projections.ErrDimension, projections.ErrCoarse, projections.ErrWhole, projections.ErrSpan, projections.ErrNotMoment, projections.ErrTooManyRows, access.ErrBeyondReach,
		},
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[projections.MetricAnswer](s, &op)
			documentTables(&op)
			register(s, op, func(ctx context.Context, in *metricInput) (*metricOutput, error) {
				if in.Format == "" || in.Format == "json" {
					text, err := metrics.Text(ctx, in.Name, in.MetricFilter)
					return metricJSON(text), err //nolint:wrapcheck // the errors are ours
				}
				answer, err := metrics.Read(ctx, in.Name, in.MetricFilter)
				if err != nil {
					return nil, err
				}
				out := tableOutput{Position: answer.Position.String()}
				err = out.as(in.Format, answer.Metric, metricTable(answer))
				return metricFile(out), err
			})
		},
	}
}
