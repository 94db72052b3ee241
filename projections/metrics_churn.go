package projections

import (
	"maps"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/period"
)

// States of customers that buy, or did. Those of losing one begin when it is
// lost and never end: what came about in a period is what is in them at its end
// and was not before. So a customer is lost at the very instant, without an event.
const (
	customersBuying    = "buying"
	customersLost      = "lost"
	customersWithdrawn = "withdrawn"
	customersNew       = "lost_new"  // of the lost: they began to buy in the same period
	tierLeft           = "lost_tier" // of the lost of a tier: they were in another when the period began
	tierJoined         = "lost_from" // the same, in the tier they were in
)

// churnMetrics tell the loss of customers. A period asks who was one when it
// began, so customers won and lost in the same year, but not the same month, are
// in the figures of the months only; see churn.
func churnMetrics() []Metric {
	return []Metric{{
		Name: "churn_rate", Title: "Customers lost, of those there were at the beginning", Definition: 1,
		Formula: "AN-02, X1, definitions 5.7: customers in closed_won or existing when the period began that churned in it (no active contract and no order for the time of the policy, standard 3 calendar months, or put there by hand) / customers in closed_won or existing when it began; anomaly: above mean + 2 sd of the last 12 periods, from 5 cases on",
		Subject: "customers", Unit: unitRatio, When: "by the instant the time ran out; a customer is in the value tier it was in when the period began",
		Dimensions: customerDimensions(ByTag, ByTier), Rises: true,
		Excludes: []Exclusion{
			{Reason: "newly_won", Why: "customers that were won and lost in the same period"},
			{Reason: customersWithdrawn, Why: "customers that were put back by hand into a stage before closed_won: they count as customers until then, and not as lost"},
		},
		facts: (*journey).churn,
		reads: reads{
			states:  []string{customersBuying, customersLost, customersWithdrawn},
			perKind: []string{customersNew, tierLeft, tierJoined},
			entered: []string{customersLost, customersWithdrawn, customersNew, tierLeft, tierJoined},
		},
		figure: func(s *Slice) []Figure {
			in := func(states string) int64 { return s.End(states, "") - s.Begin(states, "") }
			figure := fraction("", in(customersLost)-in(customersNew)-in(tierLeft)+in(tierJoined), s.Begin(customersBuying, ""))
			figure.leaveOut("newly_won", in(customersNew))
			figure.leaveOut(customersWithdrawn, in(customersWithdrawn))
			return []Figure{figure}
		},
	}}
}

// churn tells when the customer bought, and each time it was lost. What differs
// by kind of period is told for those kinds only in which it does differ.
func (j *journey) churn(t *Tally) {
	bought := j.bought(t.f.rules)
	custom, tiers := bought.custom, bought.tiers
	if len(custom) == 0 {
		return
	}
	for i, c := range custom {
		t.During(customersBuying, "", i, c.from, c.to)
	}
	for _, tier := range slices.Sorted(maps.Keys(tiers)) {
		for i, c := range common(custom, tiers[tier]) {
			t.DuringOf(dimension{ByTier, tier}, customersBuying, "", i, c.from, c.to)
		}
	}
	for i, c := range custom {
		if c.to.IsZero() {
			continue
		}
		tier := tierAt(tiers, c.to.Add(-time.Millisecond))
		lost := func(states string) {
			t.During(states, "", i, c.to, time.Time{})
			t.DuringOf(tier, states, "", i, c.to, time.Time{})
		}
		if j.withdrawn(c.to) {
			lost(customersWithdrawn)
			continue
		}
		lost(customersLost)
		day := t.f.rules.day(c.to)
		for _, kind := range period.Kinds() {
			began := t.f.rules.begin(kind, day)
			if !c.from.Before(began) {
				lost(kindStates(customersNew, kind))
			} else if first := tierAt(tiers, began.Add(-time.Millisecond)); first != tier {
				t.DuringOf(tier, kindStates(tierLeft, kind), "", i, c.to, time.Time{})
				t.DuringOf(first, kindStates(tierJoined, kind), "", i, c.to, time.Time{})
			}
		}
	}
}

// tierAt is the value tier of a customer at an instant.
func tierAt(tiers map[string][]interval, at time.Time) dimension {
	for tier, in := range tiers {
		if slices.ContainsFunc(in, func(i interval) bool { return i.holds(at) }) {
			return dimension{ByTier, tier}
		}
	}
	return dimension{name: ByTier}
}
