package projections_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func ticketDashboard(t *testing.T, d *desk) projections.TicketDashboard {
	t.Helper()
	views := projectionstest.Folded(t, projections.TicketModel, d.history()...)
	got, err := projections.TicketDurations{Views: views}.Dashboard(t.Context())
	require.NoError(t, err)
	return got
}

func TestTicketDashboard(t *testing.T) {
	got := ticketDashboard(t, busyDesk(t))
	assert.Equal(t, []int64{4, 1, 2}, []int64{got.Open, got.Waiting, got.Resolved})

	days := got.ResolutionDays // d took 97 minutes, e 46
	assert.Equal(t, int64(2), days.Count)
	assert.InDelta(t, 71.5/1440, *days.Mean, 1e-12)
	assert.InDelta(t, 71.5/1440, *days.Median, 1e-12)
	assert.InDelta(t, 97.0/1440, *days.P90, 1e-12)
	assert.InDelta(t, 97.0/1440, *days.Max, 1e-12)

	minutes := got.FirstResponse.Minutes // a 30, b 29, d 27, f 25
	assert.Equal(t, int64(4), minutes.Count)
	assert.InDelta(t, 27.75, *minutes.Mean, 1e-12)
	assert.InDelta(t, 28, *minutes.Median, 1e-12)
	assert.InDelta(t, 30, *minutes.P90, 1e-12)
	assert.Equal(t, []int64{4, 1}, []int64{got.FirstResponse.Met, got.FirstResponse.Breached})

	assert.Equal(t, policy.Resolution, got.Targets[2].Target)
	assert.Equal(t, []int64{2, 0}, []int64{got.Targets[2].Met, got.Targets[2].Breached})
	assert.InDelta(t, 0.8, *got.Targets[0].Compliance, 1e-12)
	assert.Equal(t, projections.Variants{Count: 1, Top: []projections.Variant{{Activities: "1-8-6", Tickets: 1}}}, got.Variants)
}

func TestTicketDashboardOfNothing(t *testing.T) {
	d := newDesk(t)
	d.open(0, "a", "", "general")
	got := ticketDashboard(t, d)
	assert.Equal(t, projections.Durations{}, got.ResolutionDays)
	assert.Equal(t, projections.Durations{}, got.FirstResponse.Minutes)
	assert.Nil(t, got.Targets[0].Compliance)
	assert.Equal(t, projections.Variants{Top: []projections.Variant{}}, got.Variants)
}

func TestTicketDashboardCorrections(t *testing.T) {
	d := newDesk(t)
	d.open(0, "a", "", "general")
	d.log(10, "a", "1", "6")
	d.resolve(1440, "a")
	got := ticketDashboard(t, d)
	assert.InDelta(t, 1, *got.ResolutionDays.Max, 0)
	assert.Equal(t, []projections.Variant{{Activities: "1-6", Tickets: 1}}, got.Variants.Top)

	d.reopen(1500, "a")
	got = ticketDashboard(t, d)
	assert.Equal(t, []int64{1, 0}, []int64{got.Open, got.Resolved})
	assert.Equal(t, projections.Durations{}, got.ResolutionDays, "a reopened ticket has not been resolved")
	assert.Empty(t, got.Variants.Top)
	assert.Equal(t, int64(0), got.Targets[2].Met)

	d.log(1600, "a", "8")
	d.resolve(2880, "a")
	got = ticketDashboard(t, d)
	assert.Equal(t, []int64{0, 1}, []int64{got.Open, got.Resolved})
	assert.InDelta(t, 2, *got.ResolutionDays.Max, 0, "it took until it was resolved for good")
	assert.Equal(t, []projections.Variant{{Activities: "1-6-8", Tickets: 1}}, got.Variants.Top)
	assert.Equal(t, int64(1), got.Targets[2].Met)
}

func TestTicketDashboardRanksVariants(t *testing.T) {
	d := newDesk(t)
	for i, way := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "x", "y", "y"} {
		id := string(rune('a' + i))
		d.open(0, id, "", "general")
		d.log(1, id, way)
		d.resolve(2, id)
	}
	got := ticketDashboard(t, d)
	assert.Equal(t, int64(11), got.Variants.Count)
	assert.Len(t, got.Variants.Top, 10)
	assert.Equal(t, projections.Variant{Activities: "y", Tickets: 2}, got.Variants.Top[0])
	assert.Equal(t, projections.Variant{Activities: "1", Tickets: 1}, got.Variants.Top[1])
}
