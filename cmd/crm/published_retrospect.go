package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// The metrics that say what the published figures say.
var (
	soldMetrics   = []string{"win_rate", "won_value", "sales_cycle"}
	solvedMetrics = []string{"resolution_time"}
	soldBy        = []string{"region", "product", "owner"}
)

// way is one way to come by metrics over all time: their rows, by metric.
type way func(ctx context.Context, by string, metrics ...string) (map[string][]projections.MetricRow, error)

// inRetrospect compares the figures come by in every way there is: from the live
// metrics, from analyses that decide everything again under the pack the product
// ships or leave out what happened after the last day of the data, and from
// dashboards that were rebuilt.
func (c *comparison) inRetrospect(ctx context.Context, t *trial, w *worksheet, before dashboards) error {
	shipped := 0
	for _, from := range []struct {
		name string
		way  way
	}{
		{"metrics", t.liveMetrics},
		{"analysis under the shipped pack", t.analysed(commands.AnalysisSide{PolicyVersion: &shipped})},
		{"analysis as of the last day", t.analysed(commands.AnalysisSide{AsOf: &w.last})},
	} {
		if err := c.oneWay(ctx, from.name, from.way, w.facts); err != nil {
			return fmt.Errorf("%s: %w", from.name, err)
		}
	}
	_, _ = fmt.Fprintln(t.stderr, "crm rebuild")
	rebuild := t.server.command(ctx, "rebuild", "--json")
	rebuild.Stderr = t.stderr
	if err := rebuild.Run(); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	after, err := t.read(ctx)
	if err != nil {
		return err
	}
	c.check("rebuilt: figures", "as at first", same(reflect.DeepEqual(before.facts(), after.facts())))
	return nil
}

func (c *comparison) oneWay(ctx context.Context, name string, way way, f facts) error {
	sold, err := way(ctx, "", soldMetrics...)
	if err != nil {
		return err
	}
	solved, err := way(ctx, "", solvedMetrics...)
	if err != nil {
		return err
	}
	all, clock := soldIn(sold, ""), rowOf(solved["resolution_time"], "", "clock")
	check := func(what, format string, want, got any) {
		c.check(name+": "+what, english().Sprintf(format, want), english().Sprintf(format, got))
	}
	check("won", "%d", f.whole.won, all.won)
	check("lost", "%d", f.whole.lost, all.lost)
	check("win rate %", "%.4f", f.whole.rate(), all.rate())
	check("won value", "%.0f", f.whole.value, all.value)
	check("cycle won mean days", "%.3f", f.won.mean, value(sold["sales_cycle"], ""))
	check("cycle won median days", "%g", f.won.median, median(rowOf(sold["sales_cycle"], "", "")))
	check("tickets resolved", "%d", f.resolved, clock.Samples)
	check("resolution mean days", "%.3f", f.resolution.mean, value(solved["resolution_time"], "clock")/daySeconds)
	check("resolution median days", "%.3f", f.resolution.median, median(clock)/daySeconds)
	if clock.P90 != nil && clock.Max != nil {
		check("resolution p90 days", "%.3f", f.resolution.p90, float64(*clock.P90)/daySeconds)
		check("resolution max days", "%.3f", f.resolution.longest, float64(*clock.Max)/daySeconds)
	}
	for _, by := range soldBy {
		rows, err := way(ctx, by, soldMetrics...)
		if err != nil {
			return err
		}
		wrong := 0
		for key, want := range f.by[by] {
			want.open = 0 // only what was closed
			if got := soldIn(rows, key); got != want {
				wrong++
			}
		}
		check("by "+by+", figures that differ", "%d", 0, wrong)
	}
	return nil
}

const daySeconds = 24 * 60 * 60

// soldIn is what was won and lost, for one value of a dimension.
func soldIn(rows map[string][]projections.MetricRow, key string) (s sums) {
	for _, r := range rows["win_rate"] {
		if r.Key == key && r.Numerator != nil {
			s.won, s.lost = *r.Numerator, *r.Denominator-*r.Numerator
		}
	}
	for _, r := range rows["won_value"] {
		if r.Key == key && r.Numerator != nil {
			s.value += float64(*r.Numerator) / 100
		}
	}
	return s
}

func rowOf(rows []projections.MetricRow, key, part string) projections.MetricRow {
	for _, r := range rows {
		if r.Key == key && r.Part == part {
			return r
		}
	}
	return projections.MetricRow{}
}

func value(rows []projections.MetricRow, part string) float64 {
	if r := rowOf(rows, "", part); r.Value != nil {
		return *r.Value
	}
	return 0
}

func median(r projections.MetricRow) float64 {
	if r.Median == nil {
		return 0
	}
	return *r.Median
}

func (t *trial) liveMetrics(ctx context.Context, by string, metrics ...string) (map[string][]projections.MetricRow, error) {
	rows := map[string][]projections.MetricRow{}
	for _, m := range metrics {
		var answer projections.MetricAnswer
		query := url.Values{"period": {"whole"}, "by": {by}, "min_position": {t.position}}
		if err := t.client.Get(ctx, "/v1/queries/metrics/"+m, query, &answer); err != nil {
			return nil, err
		}
		rows[m] = answer.Rows
	}
	return rows, nil
}

// analysed comes by metrics as the variant of an analysis.
func (t *trial) analysed(variant commands.AnalysisSide) way {
	return func(ctx context.Context, by string, metrics ...string) (map[string][]projections.MetricRow, error) {
		started, err := t.client.Send(ctx, apiclient.Command{Name: "start-analysis", Key: uuid.NewString(), Body: commands.StartAnalysis{
			Name: "published figures", Metrics: metrics, Period: "whole", By: by, Variant: variant,
		}})
		if err != nil {
			return nil, err
		}
		path, query := "/v1/queries/analyses/"+started.ID, url.Values{"min_position": {started.Position.String()}}
		var a projections.AnalysisRecord
		for a.Status = analysis.Running; a.Status == analysis.Running; {
			if err := t.client.Pause(ctx, 50*time.Millisecond); err != nil {
				return nil, err
			}
			if err := t.client.Get(ctx, path, query, &a); err != nil {
				return nil, err
			}
		}
		var text json.RawMessage
		if err := t.client.Get(ctx, path+"/report", nil, &text); err != nil {
			return nil, err
		}
		var report projections.Report
		if err := json.Unmarshal(text, &report); err != nil {
			return nil, err
		}
		rows := map[string][]projections.MetricRow{}
		for _, m := range report.Metrics {
			for _, r := range m.Rows {
				if r.Variant != nil {
					rows[m.Metric] = append(rows[m.Metric], *r.Variant)
				}
			}
		}
		return rows, nil
	}
}
