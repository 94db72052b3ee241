package projections

import (
	"time"

	"github.com/annals-crm/annals/domain/policy"
)

// Dimensions of customers.
const (
	ByIndustry = "industry"
	BySource   = "source"
	ByTag      = "tag"  // dimension:value; a customer counts in each it has
	ByTier     = "tier" // of value
)

// Measures and states of customers.
const (
	prospectsEntered  = "potential"  // by day of entering potential
	prospectsWon      = "converted"  // those of them that bought in time
	prospectsEarlier  = "won_before" // those that had bought already
	customersClose    = "engagement"
	customersWorth    = "worth" // by value tier
	customersOrdering = "ordering"
	ordersForeign     = "foreign" // without a day
)

const unitCustomers = "customers"

func customerDimensions(more ...string) []string {
	return append([]string{ByOwner, ByIndustry, ByRegion, BySource}, more...)
}

// customerMetrics are about customers as they are: one counts for the owner it
// has, and an order counts for whom the deal belongs to. An order is a contract
// signed, or a deal won without one; if the deal is lost after all, it was none.
func customerMetrics() []Metric {
	return []Metric{
		{
			Name: "conversion", Title: "Customers that bought in time, of those that entered potential", Definition: 1,
			Formula: "AN-01, definitions 5.4: first reaching closed_won (by an order, or by hand) within the days of the policy, standard 180 / entering potential",
			Subject: "customers", Unit: unitRatio, When: "by day of first entering potential", Dimensions: customerDimensions(ByTag), GrainBy: Months,
			Excludes: []Exclusion{{Reason: prospectsEarlier, Why: "customers that had bought before they entered potential"}},
			Settles: func(p policy.Pack) time.Duration {
				return time.Duration(p.Customers.ConversionWindowDays) * 24 * time.Hour
			},
			facts: (*journey).conversion,
			reads: reads{measures: []string{prospectsWon, prospectsEntered, prospectsEarlier}},
			figure: func(s *Slice) []Figure {
				figure := fraction("", s.Count(prospectsWon), s.Count(prospectsEntered))
				figure.leaveOut(prospectsEarlier, s.Count(prospectsEarlier))
				return []Figure{figure}
			},
		},
		{
			Name: "repurchase_rate", Title: "Customers with two orders or more, of those with one or more", Definition: 1,
			Formula: "AN-04, definitions 5.7: >= 2 orders in the trailing 12 calendar months / >= 1", Subject: "customers", Unit: unitRatio,
			When: "of an instant", Dimensions: customerDimensions(ByTag), Moment: true,
			facts: func(j *journey, t *Tally) { t.phases(customersOrdering, j.bought(t.f.rules).ordering) },
			reads: reads{states: []string{customersOrdering}},
			figure: func(s *Slice) []Figure {
				return []Figure{fraction("", s.End(customersOrdering, twiceOrMore), s.End(customersOrdering, onceOrMore))}
			},
		},
		{
			Name: "value_tiers", Title: "Customers by value tier", Definition: 1,
			Formula: "LC-09, X6, X7, definitions 5.6: by the sum of amounts signed, or paid, as the policy says, in the trailing days of the policy, standard 365",
			Subject: "customers", Unit: unitCustomers, When: "of an instant", Part: "tier", Dimensions: customerDimensions(), Moment: true,
			Excludes: []Exclusion{{Reason: "other_currency", Why: "orders, or payments, in another currency than that of the policy: tiers are in one", undated: ordersForeign}},
			facts:    (*journey).worth,
			reads:    reads{states: []string{customersWorth}},
			figure: func(s *Slice) []Figure {
				var figures []Figure
				for _, t := range s.Policy.Pack.Customers.ValueTiers {
					figures = append(figures, headcount(t.Name, s.End(customersWorth, t.Name)))
				}
				return figures
			},
		},
		{
			Name: "engagement_states", Title: "Customers by how long ago we were in touch", Definition: 1,
			Formula: "X1, LC-05, LC-06, definitions 5.7: by the time since the last two-way contact, standard 3 and 6 calendar months", Subject: "customers",
			Unit: unitCustomers, When: "of an instant", Part: "state", Dimensions: customerDimensions(), Moment: true,
			facts: func(j *journey, t *Tally) { t.phases(customersClose, t.f.rules.phases(j.engagement)) },
			reads: reads{states: []string{customersClose}},
			figure: func(s *Slice) []Figure {
				in := func(part string) int64 { return s.End(customersClose, part) }
				return []Figure{
					headcount("active", in(touched)-in(cooled)), headcount("cooling", in(cooled)-in(dozed)), headcount("dormant", in(dozed)),
					headcount("never_touched", in(known)-in(touched)),
				}
			},
		},
	}
}

func (j *journey) conversion(t *Tally) {
	since, won := j.prospect(t.f.rules)
	if since.IsZero() {
		return
	}
	day := t.day(since)
	if won != "" && won < day {
		t.Count(prospectsEarlier, "", day)
		return
	}
	t.Count(prospectsEntered, "", day)
	if won != "" && day.DaysUntil(won) <= int64(t.f.rules.at(since).Customers.ConversionWindowDays) {
		t.Count(prospectsWon, "", day)
	}
}

func (j *journey) worth(t *Tally) {
	t.phases(customersWorth, j.bought(t.f.rules).tiers)
	for _, o := range j.amounts() {
		pack := t.f.rules.at(t.f.rules.midnight(o.On))
		if o.Payment == (pack.Customers.ValueBasis == "paid") && o.Money != pack.Currency {
			t.Undated(ordersForeign, "")
		}
	}
}
