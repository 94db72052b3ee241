package projections_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// Why a customer is in a value tier, and how many are in it, are two ways to the
// same figure.
func TestWhyTierIsTheTierOfTheMetric(t *testing.T) {
	c := randomClientele(t, 25, 6)
	events := c.history()
	views := projectionstest.Given(t, projections.All, events...)
	h := projections.History{
		Streams: projections.NewStreams(&projectionstest.Log{Events: events}, 0), Views: views,
		Policy: func() policy.Policy { return c.policy }, Now: func() time.Time { return c.now },
	}
	live := projections.Metrics{Views: views, Policy: fixedPolicy(c.policy), Now: func() time.Time { return c.now }}
	want := map[string]float64{}
	for id, customer := range c.customers {
		if customer.registered.IsZero() {
			continue
		}
		x, err := h.Why(t.Context(), kind("customers"), id, "tier", projections.Point{})
		require.NoError(t, err)
		tier, ok := x.Value.(string)
		require.True(t, ok)
		assert.Equal(t, c.tier(id, c.now), tier)
		want[tier]++
		sum := int64(0)
		for _, in := range x.Inputs {
			if amount, ok := in.Value.(domain.Money); ok && in.Name != "value" {
				sum += amount.Minor
			}
		}
		assert.Len(t, x.Cause, len(x.Inputs)-3)
		assert.Equal(t, domain.Money{Minor: sum, Currency: "CNY"}, x.Inputs[len(x.Inputs)-3].Value, "the orders shown add up to the value")
	}
	got := map[string]float64{}
	for _, row := range read(t, live, "value_tiers", projections.MetricFilter{Period: "day", From: c.day(c.now), To: c.day(c.now)}).Rows {
		if *row.Value > 0 {
			got[row.Part] = *row.Value
		}
	}
	assert.Equal(t, want, got)
}
