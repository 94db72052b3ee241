package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// AnalysesUnderWay tells of analyses what no event tells.
type AnalysesUnderWay interface {
	// Progress is how far one is.
	Progress(ctx context.Context, a projections.AnalysisRecord) (projections.AnalysisProgress, error)
	// Standing is the report of a shadow as it stands; nil if there is none (yet).
	Standing(ctx context.Context, id string) (*analysis.Completed, error)
}

// errReportPending says that there is no report to read.
var errReportPending = &domain.Error{Kind: domain.Refused, Code: "no_report_yet", Message: "the analysis has no report: it is still running, or it has failed or was cancelled; its progress tells"}

// AnalysisPath names an analysis in a path.
type AnalysisPath struct {
	ID string `path:"id" format:"uuid" doc:"Id of the analysis" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

type reportInput struct {
	AnalysisPath
	Format string `query:"format" enum:"json,csv,xlsx" default:"json" doc:"json, or the figures as a table for spreadsheets"`
}

// onAnalyses are the queries about analyses.
func (q *Queries) onAnalyses() []route {
	analysts, analyses := roles(access.Analyst, access.Auditor), projections.Analyses{Views: q.Views}
	return []route{
		list[projections.AnalysisRecord]("analyses", "list-analyses", "List analyses, newest first", analysts, projections.AnalysisModel, analyses.List),
		figures("analyses/{id}", "get-analysis", "Read an analysis: what was asked, and how it ended", analysts,
			func(ctx context.Context, in AnalysisPath) (projections.AnalysisRecord, error) {
				return analyses.Get(ctx, in.ID)
			},
			projections.AnalysisModel).failing(analysis.ErrNotFound),
		figures("analyses/{id}/progress", "analysis-progress", "Read how far an analysis is", analysts,
			func(ctx context.Context, in AnalysisPath) (projections.AnalysisProgress, error) {
				a, err := analyses.Get(ctx, in.ID)
				if err != nil {
					return projections.AnalysisProgress{}, err
				}
				return q.Analyses.Progress(ctx, a)
			}, projections.AnalysisModel).failing(analysis.ErrNotFound),
		q.report(analysts, analyses),
	}
}

// report declares the query of what an analysis found; of a shadow, so far.
func (q *Queries) report(who rights, analyses projections.Analyses) route {
	return route{
		method: http.MethodGet, path: queryPath + "analyses/{id}/report", name: "analysis-report", tag: "queries",
		summary: "Read what an analysis found: figures on both sides, records that count differently, and why; of a shadow, so far", who: who,
		reads: []projections.Model{projections.AnalysisModel}, errs: []*domain.Error{analysis.ErrNotFound, errReportPending},
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[projections.Report](s, &op)
			documentTables(&op)
			register(s, op, func(ctx context.Context, in *reportInput) (*tableOutput, error) {
				text, err := q.reportOf(ctx, analyses, in.ID)
				if err != nil {
					return nil, err
				}
				return reportAs(in.Format, in.ID, text)
			})
		},
	}
}

func (q *Queries) reportOf(ctx context.Context, analyses projections.Analyses, id string) (json.RawMessage, error) {
	a, err := analyses.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	text, err := analyses.Report(ctx, id)
	if err == nil && text == nil && a.Status == analysis.Running && a.Shadow {
		standing, err := q.Analyses.Standing(ctx, id)
		if err != nil {
			return nil, err
		}
		if standing != nil {
			text = standing.Report
		}
	}
	if err == nil && text == nil {
		return nil, errReportPending.Because("the analysis is %s; it has no report", a.Status)
	}
	return text, err
}

func reportAs(format, id string, text json.RawMessage) (*tableOutput, error) {
	var report projections.Report
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("report of %s: %w", id, err)
	}
	out := &tableOutput{Position: report.Position.String(), ContentType: "application/json", Body: text}
	if format == "" || format == "json" {
		return out, nil
	}
	return out, out.as(format, "analysis-"+id, reportTable(report))
}

// reportTable has a row for every figure, both sides beside each other.
func reportTable(r projections.Report) table {
	t := table{
		columns: []string{
			"metric", "period", "key", "part", "changed", "baseline", "variant", "change", "baseline_numerator", "baseline_denominator",
			"variant_numerator", "variant_denominator", "unit", "baseline_definition", "variant_definition", "position",
		},
		about: [][]any{
			{"position", r.Position.String()},
			{"baseline at", r.Baseline.At.Format(time.RFC3339Nano)},
			{"variant at", r.Variant.At.Format(time.RFC3339Nano)},
			{"figures that differ", r.Changed},
			{"records that count differently", r.Records.Total},
			{"events only in the baseline", r.Causes.OnlyBaseline},
			{"events only in the variant", r.Causes.OnlyVariant},
		},
	}
	for _, d := range slices.Concat(r.Causes.Policy, r.Causes.Definitions) {
		t.about = append(t.about, []any{"differs: " + d.Path, fmt.Sprint(d.From), fmt.Sprint(d.To)})
	}
	for _, m := range r.Metrics {
		for _, row := range m.Rows {
			baseline, variant := orDefault(row.Baseline, &projections.MetricRow{}), orDefault(row.Variant, &projections.MetricRow{})
			t.rows = append(t.rows, []any{
				m.Metric, row.Period, row.Key, row.Part, strconv.FormatBool(row.Changed), cell(baseline.Value), cell(variant.Value), cell(row.Change),
				cell(baseline.Numerator), cell(baseline.Denominator), cell(variant.Numerator), cell(variant.Denominator),
				m.Unit, m.BaselineDefinition, m.VariantDefinition, r.Position.String(),
			})
		}
	}
	return t
}
