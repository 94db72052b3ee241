package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/projections"
)

// analysisProgress shows how far an analysis is the way builds are shown.
type analysisProgress struct{ *buildProgress }

func newAnalysisProgress(w io.Writer) analysisProgress { return analysisProgress{newBuildProgress(w)} }

func (p analysisProgress) show(now projections.AnalysisProgress) {
	p.buildProgress.show([]httpapi.Build{asBuild(now)})
}

func asBuild(p projections.AnalysisProgress) httpapi.Build {
	return httpapi.Build{ReadModel: "analysis", Phase: p.Phase, Progress: p.Progress, EventsPerSec: p.Rate, Remaining: p.Remaining}
}

func progressLine(p projections.AnalysisProgress) string { return progressOf(asBuild(p)) }

func printAnalyses(out io.Writer, all []projections.AnalysisRecord) error {
	t := newTable(out)
	t.row("ID", "NAME", "STATUS", "FIGURES", "DIFFER", "STARTED", "BY")
	for _, a := range all {
		status := a.Status
		if a.Shadow {
			status += " shadow"
		}
		t.row(a.ID, a.Name, status, strconv.Itoa(a.Rows), strconv.Itoa(a.Changed), a.StartedAt.Local().Format(time.DateTime), a.StartedBy)
	}
	return t.flush()
}

// printReport shows why the sides differ, then the figures, then records.
func printReport(out io.Writer, a projections.AnalysisRecord, r projections.Report, all bool) error {
	_, err := fmt.Fprintf(out, "%s\nbaseline as of %s, variant as of %s; log up to %s, %d events\n",
		a.Name, r.Baseline.At.Local().Format(time.DateTime), r.Variant.At.Local().Format(time.DateTime), r.Position, r.Events)
	if err != nil {
		return err
	}
	if err := printCauses(out, r.Causes); err != nil {
		return err
	}
	for _, m := range r.Metrics {
		if err := printCompared(out, m, all); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\nfigures that differ: %d; records that count differently: %d\n", r.Changed, r.Records.Total)
	if err != nil || r.Records.Total == 0 {
		return err
	}
	return printRecords(out, r)
}

func printCauses(out io.Writer, c projections.Causes) error {
	for _, differs := range [][]difference.Difference{c.Policy, c.Definitions} {
		if err := printDifferences(out, "BASELINE", "VARIANT", differs); err != nil {
			return err
		}
	}
	if c.OnlyBaseline+c.OnlyVariant == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "%d events count in the baseline only, %d in the variant only\n", c.OnlyBaseline, c.OnlyVariant)
	return err
}

func printCompared(out io.Writer, m projections.ComparedMetric, all bool) error {
	t, shown := newTable(out), 0
	t.row("PERIOD", "KEY", "PART", "BASELINE", "VARIANT", "CHANGE", "")
	for _, row := range m.Rows {
		if !row.Changed && !all {
			continue
		}
		shown++
		mark := ""
		if row.Changed {
			mark = "differs"
		}
		t.row(row.Period, row.Key, row.Part, figureIn(row.Baseline), figureIn(row.Variant), number(row.Change), mark)
	}
	if shown == 0 {
		_, err := fmt.Fprintf(out, "\n%s: no figure differs\n", m.Metric)
		return err
	}
	if _, err := fmt.Fprintf(out, "\n%s (%s)\n", m.Metric, m.Unit); err != nil {
		return err
	}
	return t.flush()
}

// figureIn is the value of a row, and what it was divided of.
func figureIn(r *projections.MetricRow) string {
	switch {
	case r == nil:
		return "–"
	case r.Numerator != nil && r.Denominator != nil:
		return fmt.Sprintf("%s (%d/%d)", number(r.Value), *r.Numerator, *r.Denominator)
	}
	return number(r.Value)
}

func number(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(math.Round(*v*1e6)/1e6, 'f', -1, 64)
}
