package httpapi

import (
	"context"
	"net/http"

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
			register(s, op, func(ctx context.Context, in *metricInput) (*tableOutput, error) {
				if in.Format == "" || in.Format == "json" {
					text, err := metrics.Text(ctx, in.Name, in.MetricFilter)
					return &tableOutput{Position: text.Position.String(), ContentType: "application/json", Body: text.JSON}, err //nolint:wrapcheck // the errors are ours
				}
				answer, err := metrics.Read(ctx, in.Name, in.MetricFilter)
				if err != nil {
					return nil, err
				}
				out := &tableOutput{Position: answer.Position.String()}
				return out, out.as(in.Format, answer.Metric, metricTable(answer))
			})
		},
	}
}
