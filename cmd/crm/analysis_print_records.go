package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/projections"
)

// recordsPrinted bounds the records a terminal shows.
const recordsPrinted = 20

func printRecords(out io.Writer, r projections.Report) error {
	t := newTable(out)
	t.row("RECORD", "ID", "BASELINE", "VARIANT", "BECAUSE")
	shown := r.Records.Items[:min(len(r.Records.Items), recordsPrinted)]
	assumed := assumptions(r)
	for _, c := range shown {
		because := assumed
		if c.Because != nil && len(c.Because.Events) > 0 {
			e := c.Because.Events[0]
			because = fmt.Sprintf("%s of %s, recorded %s, counts in the %s only", e.Type, e.OccurredAt.Local().Format(time.DateOnly), e.RecordedAt.Local().Format(time.DateOnly), e.Side)
		}
		t.row(c.Subject, c.ID, countings(c.Baseline), countings(c.Variant), because)
	}
	if err := t.flush(); err != nil || r.Records.Total == int64(len(shown)) {
		return err
	}
	_, err := fmt.Fprintf(out, "… and %d more; --json shows up to 100\n", r.Records.Total-int64(len(shown)))
	return err
}

// assumptions are what two sides differ in for a record whose events are the same
// on both.
func assumptions(r projections.Report) string {
	var all []string
	switch policy := r.Causes.Policy; len(policy) {
	case 0:
	case 1:
		all = append(all, fmt.Sprintf("%s is %v, not %v", policy[0].Path, policy[0].To, policy[0].From))
	default:
		all = append(all, "the policy differs")
	}
	for _, d := range r.Causes.Definitions {
		all = append(all, fmt.Sprintf("%s is defined by version %v, not %v", d.Path, d.To, d.From))
	}
	if !r.Baseline.At.Equal(r.Variant.At) {
		all = append(all, "the instant differs")
	}
	return strings.Join(all, "; ")
}

// countings is the first thing a record adds on one side only.
func countings(all []projections.Counting) string {
	if len(all) == 0 {
		return "–"
	}
	c := all[0]
	text := c.Measure
	if c.Part != "" {
		text += " " + c.Part
	}
	if c.On != "" {
		text += " on " + string(c.On)
	} else if !c.From.IsZero() {
		text += " from " + c.From.Local().Format(time.DateOnly)
	}
	if c.Value != 1 {
		text += ": " + strconv.FormatInt(c.Value, 10)
	}
	if len(all) > 1 {
		text += fmt.Sprintf(" (+%d)", len(all)-1)
	}
	return text
}
