package projections

import (
	"reflect"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

// rules is a policy as facts are worked out under it, by one goroutine: it
// remembers what is asked for again and again.
type rules struct {
	policy.Policy
	reigns []reign
	begun  map[dayOf]time.Time // midnights, and beginnings of periods
	names  names
}

// dayOf is the beginning of a day in a reign, or in the one then; or that of the
// period of a kind that the day lies in.
type dayOf struct {
	reign *reign
	kind  period.Kind
	day   domain.Date
}

// begunMost bounds what is remembered of days: a century of them.
const begunMost = 40_000

// reign is a time in which what facts depend on stays the same. The first reign
// begins with all time, and the last has no end.
type reign struct {
	from, to time.Time
	pack     *policy.Pack
	basis    any // what facts depend on in the pack
	rules    *rules
}

// midnight is the first instant of a day, as if the reign were for all time.
func (r *reign) midnight(day domain.Date) time.Time {
	return r.rules.remember(dayOf{reign: r, day: day}, func() time.Time { return period.Midnight(day, r.pack.Location()) })
}

// newRules are the rules of facts that depend on the basis of a pack.
func newRules(p policy.Policy, basis func(policy.Pack) any) *rules {
	starts := []time.Time{{}}
	for _, v := range p.Versions {
		starts = append(starts, v.EffectiveFrom)
	}
	slices.SortFunc(starts, time.Time.Compare)
	r := &rules{Policy: p, begun: map[dayOf]time.Time{}, names: names{}}
	for _, from := range starts {
		v := p.InForce(from)
		next := reign{from: from, pack: &v.Pack, basis: basis(v.Pack)}
		if n := len(r.reigns); n > 0 {
			if reflect.DeepEqual(r.reigns[n-1].basis, next.basis) {
				continue
			}
			r.reigns[n-1].to = from
		}
		r.reigns = append(r.reigns, next)
	}
	for i := range r.reigns {
		r.reigns[i].rules = r
	}
	return r
}

// remember is what was worked out for a day before, or is now.
func (r *rules) remember(of dayOf, work func() time.Time) time.Time {
	at, known := r.begun[of]
	if !known {
		if len(r.begun) >= begunMost {
			clear(r.begun)
		}
		at = work()
		r.begun[of] = at
	}
	return at
}

// same tells whether facts depend on the same under both rules, at all times.
func (r *rules) same(other *rules) bool {
	return slices.EqualFunc(r.reigns, other.reigns, func(a, b reign) bool {
		return a.from.Equal(b.from) && reflect.DeepEqual(a.basis, b.basis)
	})
}

// at is the pack in force at an instant.
func (r *rules) at(at time.Time) *policy.Pack { return r.reign(at).pack }

func (r *rules) reign(at time.Time) *reign {
	i := len(r.reigns) - 1
	for i > 0 && r.reigns[i].from.After(at) {
		i--
	}
	return &r.reigns[i]
}

// midnight is the first instant of a day, in the zone in force then.
func (r *rules) midnight(day domain.Date) time.Time {
	return r.remember(dayOf{day: day}, func() time.Time { return r.reign(period.Midnight(day, time.UTC)).midnight(day) })
}

// day is the day that an instant lies in. Where the zone changes, an hour may be
// in two days or in none; it is then in the one that has begun.
func (r *rules) day(at time.Time) domain.Date {
	day := domain.DateOf(at, r.at(at).Location())
	if next := period.AddDays(day, 1); !at.Before(r.midnight(next)) {
		return next
	}
	if at.Before(r.midnight(day)) {
		return period.AddDays(day, -1)
	}
	return day
}

// begin is when the period of a kind begins that a day lies in.
func (r *rules) begin(kind period.Kind, day domain.Date) time.Time {
	return r.remember(dayOf{kind: kind, day: day}, func() time.Time { return r.midnight(period.Of(kind, day).From) })
}

// clip is the part of a stretch of time, without end if to is zero, that lies in
// the reign; false if there is none.
func (r *reign) clip(from, to time.Time) (time.Time, time.Time, bool) {
	if from.Before(r.from) {
		from = r.from
	}
	if !r.to.IsZero() && (to.IsZero() || to.After(r.to)) {
		to = r.to
	}
	return from, to, to.IsZero() || from.Before(to)
}
