package httpapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/projections"
)

// metricColumns head the table of a metric.
func metricColumns() []string {
	return []string{
		"metric", "period", "from", "to", "key", "part", "value", "numerator", "denominator", "samples", "median", "p90", "max", "step", "pending",
		"excluded", "target", "met", "anomaly", "provisional", "unit", "definition", "policy_version", "position",
	}
}

// metricCells is one row of the table: text, a number, or nil.
func metricCells(a projections.MetricAnswer, r projections.MetricRow) []any {
	var anomaly any
	if r.Anomaly != nil {
		anomaly = strconv.FormatBool(r.Anomaly.Flag)
	}
	var met any
	if r.Met != nil {
		met = strconv.FormatBool(*r.Met)
	}
	return []any{
		a.Metric, r.Period, string(r.From), string(r.To), r.Key, r.Part, cell(r.Value), cell(r.Numerator), cell(r.Denominator), r.Samples,
		cell(r.Median), cell(r.P90), cell(r.Max), cell(r.Step), cell(r.Pending), reasons(r.Excluded), cell(r.Target), met, anomaly,
		strconv.FormatBool(r.Provisional), a.Unit, a.Definition, r.Policy, a.Position.String(),
	}
}

// cell is what a pointer points to; nil if it is nil.
func cell[V any](v *V) any {
	if v == nil {
		return nil
	}
	return *v
}

// reasons writes "cancelled: 2; merged: 1".
func reasons(excluded map[string]int64) string {
	var all []string
	for _, reason := range slices.Sorted(maps.Keys(excluded)) {
		all = append(all, fmt.Sprintf("%s: %d", reason, excluded[reason]))
	}
	return strings.Join(all, "; ")
}

// metricTable has a row for every figure.
func metricTable(a projections.MetricAnswer) table {
	t := table{columns: metricColumns(), about: [][]any{
		{"metric", a.Metric},
		{"definition", a.Definition},
		{"unit", a.Unit},
		{"period", a.Period},
		{"zone", a.Zone},
		{"by", a.By},
		{"part", a.Part},
		{"at", a.At.Format(time.RFC3339Nano)},
		{"position", a.Position.String()},
		{"left out", reasons(a.Excluded)},
	}}
	for _, r := range a.Rows {
		t.rows = append(t.rows, metricCells(a, r))
	}
	return t
}
