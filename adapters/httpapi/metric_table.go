package httpapi

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

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

func metricCSV(a projections.MetricAnswer) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(byteOrderMark)
	table := csv.NewWriter(&text)
	table.UseCRLF = true // RFC 4180
	_ = table.Write(metricColumns())
	for _, r := range a.Rows {
		cells := metricCells(a, r)
		row := make([]string, len(cells))
		for i, c := range cells {
			switch c := c.(type) {
			case nil:
			case string:
				row[i] = inert(c)
			case float64:
				row[i] = strconv.FormatFloat(c, 'f', -1, 64)
			default:
				row[i] = fmt.Sprint(c)
			}
		}
		_ = table.Write(row)
	}
	table.Flush()
	return text.Bytes(), table.Error() // of any write
}

// metricXLSX has the rows on one sheet, and what they are on another. Text is
// stored as text, so no cell is ever taken for a formula.
func metricXLSX(a projections.MetricAnswer) (workbook []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	const sheet, about = "Figures", "About"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet(about); err != nil {
		return nil, err
	}
	rows := [][]any{texts(metricColumns())}
	for _, r := range a.Rows {
		rows = append(rows, metricCells(a, r))
	}
	if err := fillSheet(f, sheet, rows); err != nil {
		return nil, err
	}
	err = fillSheet(f, about, [][]any{
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
	})
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = f.Write(&file)
	return file.Bytes(), err
}

func texts(of []string) []any {
	cells := make([]any, len(of))
	for i, text := range of {
		cells[i] = text
	}
	return cells
}

func fillSheet(f *excelize.File, sheet string, rows [][]any) error {
	stream, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := stream.SetRow(at, row); err != nil {
			return err
		}
	}
	return stream.Flush()
}
