package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/projections"
)

// A record whose events are the same on both sides counts differently because of
// what the sides assume, so that is what is named.
func TestRecordsNameWhatTheSidesAssume(t *testing.T) {
	seconds := difference.Difference{Path: "tickets.sla[standard].targets[first_response].seconds", From: 3600, To: 1800}
	later := time.Date(2026, 1, 19, 0, 0, 0, 0, time.UTC)
	for want, report := range map[string]projections.Report{
		seconds.Path + " is 1800, not 3600": {Causes: projections.Causes{Policy: []difference.Difference{seconds}}},
		"the policy differs":                {Causes: projections.Causes{Policy: []difference.Difference{seconds, seconds}}},
		"first_contact_resolution is defined by version 1, not 2; the instant differs": {
			Causes:  projections.Causes{Definitions: []difference.Difference{{Path: "first_contact_resolution", From: 2, To: 1}}},
			Variant: projections.SideReport{At: later},
		},
	} {
		report.Records = projections.ChangedRecords{Total: 1, Items: []projections.ChangedRecord{{Subject: "tickets", ID: "x"}}}
		var out strings.Builder
		require.NoError(t, printRecords(&out, report))
		assert.Contains(t, out.String(), "  "+want+"\n")
	}
}
