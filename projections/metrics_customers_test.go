package projections_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// keys are the values a customer has in a dimension.
func (x *client) keys(by string) []string {
	switch by {
	case projections.ByOwner:
		return []string{x.owner}
	case projections.ByIndustry:
		return []string{x.industry}
	case projections.ByRegion:
		return []string{x.region}
	case projections.BySource:
		return []string{x.source}
	case projections.ByTag:
		return x.tags
	}
	return []string{""}
}

var customerKeys = []string{"", projections.ByOwner, projections.ByIndustry, projections.ByRegion, projections.BySource, projections.ByTag}

// broken is what a test expects, by dimension.
type broken map[string]cells

func (b broken) each(x *client, name, part string, add func(*cell)) {
	for _, by := range customerKeys {
		if b[by] == nil {
			b[by] = cells{}
		}
		for _, key := range x.keys(by) {
			add(b[by].at(name, key, part))
		}
	}
}

// last is the last instant of a period that can be asked about.
func (c *clientele) last(p period.Period) time.Time { return c.before(p.To) }

func (c *clientele) before(day domain.Date) time.Time {
	at := c.midnight(day).Add(-time.Millisecond)
	if at.After(c.now) {
		return c.now
	}
	return at
}

func TestConversion(t *testing.T) {
	c := randomClientele(t, 150, 1)
	metrics := metricsAfter(t, c.now, c.history())
	converted := int64(0)
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		want, earlier := broken{}, map[[2]string]int64{}
		for id, x := range c.customers {
			entered, won := domain.Date(""), domain.Date("")
			window := 0
			for _, s := range x.sets {
				if s.stage == policy.Potential && entered == "" {
					entered, window = c.day(s.at), c.pack(s.at).Customers.ConversionWindowDays
				}
				if (s.stage == policy.ClosedWon || s.stage == policy.Existing) && won == "" {
					won = c.day(s.at)
				}
			}
			for _, o := range c.orders(id) {
				if won == "" || o.on < won {
					won = o.on
				}
			}
			name, in := nameOf(kind, entered)
			if entered == "" || !in {
				continue
			}
			if won != "" && won < entered {
				earlier[[2]string{name, x.owner}]++
				continue
			}
			want.each(x, name, "", func(cell *cell) {
				cell.den++
				if won != "" && entered.DaysUntil(won) <= int64(window) {
					cell.num++
					converted++
				}
			})
		}
		for by, cells := range want {
			if by == "" || kind != period.Day && kind != period.Week {
				got := read(t, metrics, "conversion", year(kind, by))
				sameRatios(t, cells, got)
				for _, row := range got.Rows {
					if by == projections.ByOwner {
						assert.Equal(t, earlier[[2]string{row.Period, row.Key}], row.Excluded["won_before"])
					}
				}
			}
		}
	})
	assert.Positive(t, converted, "the histories must have what is tested")
}

func TestMomentsOfCustomers(t *testing.T) {
	c := randomClientele(t, 60, 2)
	metrics := metricsAfter(t, c.now, c.history())
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		again, worth, states := broken{}, broken{}, broken{}
		for _, p := range period.Between(kind, "2024-01-01", "2024-12-31") {
			at := c.last(p)
			for id, x := range c.customers {
				if n := c.ordered(id, at); n > 0 {
					again.each(x, p.Name(), "", func(cell *cell) {
						cell.den++
						if n > 1 {
							cell.num++
						}
					})
				}
				if tier := c.tier(id, at); tier != "" {
					worth.each(x, p.Name(), tier, func(cell *cell) { cell.num++ })
				}
				if state := c.closeness(id, at); state != "" {
					states.each(x, p.Name(), state, func(cell *cell) { cell.num++ })
				}
			}
		}
		for _, by := range customerKeys {
			sameRatios(t, again[by], read(t, metrics, "repurchase_rate", year(kind, by)))
			if by != projections.ByTag {
				sameNumbers(t, worth[by], read(t, metrics, "value_tiers", year(kind, by)))
				sameNumbers(t, states[by], read(t, metrics, "engagement_states", year(kind, by)))
			}
		}
	})
}

// sameNumbers compares how many there are of each part.
func sameNumbers(t *testing.T, want cells, got projections.MetricAnswer) {
	t.Helper()
	rows := rowsBy(got)
	for k, w := range want {
		if row, ok := rows[k]; assert.True(t, ok, "no row %q", k) {
			assert.Equal(t, w.num, *row.Numerator, k)
			assert.InDelta(t, float64(w.num), *row.Value, 0, k)
		}
	}
	for k, row := range rows {
		if want[k] == nil {
			assert.Zero(t, *row.Numerator, k)
		}
	}
}

// At any instant, past or to come, the counts are what they are then.
func TestCustomersAtAnyInstant(t *testing.T) {
	c := randomClientele(t, 60, 3)
	metrics := metricsAfter(t, c.now, c.history())
	for range 300 {
		at := c.some(700, time.Date(2023, 5, 1, 0, 0, 0, 0, time.UTC))
		states, worth := map[string]int64{}, map[string]int64{}
		for id := range c.customers {
			states[c.closeness(id, at)]++
			worth[c.tier(id, at)]++
		}
		today := c.day(at)
		f := projections.MetricFilter{Period: "day", From: today, To: today, At: at}
		for _, row := range read(t, metrics, "engagement_states", f).Rows {
			assert.Equal(t, states[row.Part], *row.Numerator, "%s at %s", row.Part, at)
		}
		for _, row := range read(t, metrics, "value_tiers", f).Rows {
			assert.Equal(t, worth[row.Part], *row.Numerator, "%s at %s", row.Part, at)
		}
	}
}

func TestForeignOrdersHaveNoTier(t *testing.T) {
	c := randomClientele(t, 60, 4)
	foreign := int64(0)
	for _, d := range c.deals {
		if c.customers[d.customer] == nil {
			continue
		}
		count := func(on domain.Date, currency, basis string) {
			if currency == "EUR" && c.pack(c.midnight(on)).Customers.ValueBasis == basis {
				foreign++
			}
		}
		for _, o := range d.order() {
			count(o.on, o.amount.Currency, "signed")
		}
		for _, p := range d.payments {
			count(p.on, p.amount.Currency, "paid")
		}
	}
	got := read(t, metricsAfter(t, c.now, c.history()), "value_tiers", projections.MetricFilter{})
	assert.Equal(t, map[string]int64{"other_currency": foreign}, got.Excluded)
}

func TestJourneysDoNotDependOnPages(t *testing.T) {
	c := randomClientele(t, 25, 5)
	projectionstest.Equivalent(t, projections.JourneyModel, c.history()...)
}
