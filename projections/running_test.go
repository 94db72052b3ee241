package projections_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/projections"
)

// moving are views of a log that goes on: every other answer is of a later position.
type moving struct {
	projections.Views
	asked int
	step  uint64 // how far it goes on between two answers
}

func (v *moving) Figures(ctx context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	f, err := v.Views.Figures(ctx, m, ask)
	v.asked++
	f.Position.Commit += uint64(v.asked) * v.step
	return f, err
}

// What still runs is asked for apart, but an answer is of one position: if the log
// has gone on in between, all is asked for at once.
func TestWhatRunsIsOfTheSamePosition(t *testing.T) {
	events, _ := randomDeals(t, 100, 12)
	metrics := metricsAfter(t, endOfDeals, events)
	filter := projections.MetricFilter{Period: "quarter", From: "2024-01-01", To: "2025-12-31"}
	still := &moving{Views: metrics.Views}
	metrics.Views = still
	want := read(t, metrics, "time_in_stage", filter)
	assert.Equal(t, 2, still.asked, "once for what is over, once for what runs")

	on := &moving{Views: still.Views, step: 100}
	metrics.Views = on
	got := read(t, metrics, "time_in_stage", filter)
	assert.Equal(t, 3, on.asked)
	assert.Equal(t, want.Position.Commit+300, got.Position.Commit, "the last answer counts")
	assert.Equal(t, want.Rows, got.Rows)
	assert.Equal(t, want.Rows, read(t, metrics, "time_in_stage", filter).Rows)
}
