package projections

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

// buying is what follows of orders and stages under some rules. Contacts come far
// more often, and change nothing of it.
type buying struct {
	rules    *rules
	tiers    map[string][]interval
	ordering map[string][]interval
	custom   []interval
}

// bought works that out, unless nothing has changed since it was.
func (j *journey) bought(r *rules) *buying {
	if j.buying == nil || j.buying.rules != r {
		j.buying = &buying{r, r.phases(j.tiers), r.phases(j.repurchases), r.phases(j.custom)[""]}
	}
	return j.buying
}

// tiers is when the customer is in each value tier (LC-09, X6, X7): by the sum
// of what it ordered, or paid, in the trailing days. An order counts from the
// first instant of its day. A customer is one from registration, or its first
// order, on.
func (j *journey) tiers(r *reign) []phase {
	type step struct {
		at    time.Time
		minor int64
	}
	rules := &r.pack.Customers
	start := step{at: j.RegisteredAt}
	if first := j.firstOrder(); first != "" {
		start.at = earlier(start.at, r.midnight(first))
	}
	steps := []step{start}
	for _, o := range j.amounts() {
		if o.Payment == (rules.ValueBasis == "paid") && o.Money == r.pack.Currency {
			steps = append(steps, step{r.midnight(o.On), o.Minor},
				step{r.midnight(period.AddDays(o.On, rules.ValueWindowDays)), -o.Minor})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	var all []phase
	sum := int64(0)
	for i, s := range steps {
		sum += s.minor
		if s.at.Before(start.at) || i+1 < len(steps) && steps[i+1].at.Equal(s.at) {
			continue
		}
		tier := rules.Tier(sum)
		if n := len(all); n > 0 {
			if all[n-1].part == tier {
				continue
			}
			all[n-1].to = s.at
		}
		all = append(all, phase{tier, interval{from: s.at}})
	}
	return all
}

// Parts of who bought; the first holds the second.
const (
	onceOrMore  = "once"
	twiceOrMore = "twice"
)

// trailingMonths is the time orders count for repurchase (definitions 5.7).
const trailingMonths = 12

// repurchases is when the customer had at least one, and at least two orders in
// the trailing calendar months.
func (j *journey) repurchases(r *reign) []phase {
	var all []phase
	var before time.Time
	for o := range j.orders() {
		from, until := r.midnight(o.On), r.midnight(period.AddMonths(o.On, trailingMonths))
		all = append(all, phase{onceOrMore, interval{from, until}})
		if from.Before(before) {
			all = append(all, phase{twiceOrMore, interval{from, before}})
		}
		before = until
	}
	return all
}

// custom is when the customer was in closed_won or existing (definitions 5.7):
// from an order on, and while a contract is active, until some time without
// either. Being put into a stage of the lifecycle by hand counts as an order, or
// as its end (X4).
func (j *journey) custom(r *reign) []phase {
	zone, after := r.pack.Location(), r.pack.Customers.ChurnAfter
	var all []phase
	add := func(from, to time.Time, sets []stageSet) {
		for _, s := range sets {
			if !buys(s.To) && !s.At.Before(from) {
				to = sooner(to, s.At)
				break
			}
		}
		if to.IsZero() || from.Before(to) {
			all = append(all, phase{interval: interval{from, to}})
		}
	}
	sets := j.sets()
	for o := range j.orders() {
		until := time.Time{}
		if o.Until != "" {
			until = r.midnight(after.AfterDay(max(o.On, o.Until)))
		}
		add(r.midnight(o.On), until, sets)
	}
	for i, s := range sets {
		if buys(s.To) {
			add(s.At, after.After(s.At, zone), sets[i+1:])
		}
	}
	return all
}

// sets are the stages the customer was put into. One that is registered before
// it has bought anything says nothing about orders made before that.
func (j *journey) sets() []stageSet {
	if !buys(j.Stage) && j.Stage != policy.Churned {
		return j.Stages
	}
	return append([]stageSet{{j.Stage, j.RegisteredAt}}, j.Stages...)
}

func buys(stage string) bool { return stage == policy.ClosedWon || stage == policy.Existing }

// withdrawn tells whether the customer was put back into a stage before its first
// order, at an instant: it did not churn.
func (j *journey) withdrawn(at time.Time) bool {
	return slices.ContainsFunc(j.Stages, func(s stageSet) bool {
		return s.At.Equal(at) && !buys(s.To) && s.To != policy.Churned
	})
}

// prospect is when the customer first entered potential, and won the day it first
// bought; empty if never.
func (j *journey) prospect(r *rules) (since time.Time, won domain.Date) {
	stages := append([]stageSet{{j.Stage, j.RegisteredAt}}, j.Stages...)
	for _, s := range stages {
		if s.To == policy.Potential && since.IsZero() {
			since = s.At
		}
		if buys(s.To) && won == "" {
			won = domain.DateOf(s.At, r.at(s.At).Location())
		}
	}
	if first := j.firstOrder(); first != "" && (won == "" || first < won) {
		won = first
	}
	return since, won
}
