package projections

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/policy"
)

// rules is a policy as facts are worked out under it.
type rules struct {
	policy.Policy
	reigns []reign
}

// reign is a time in which one pack is in force. The first reign begins with all
// time, and the last has no end.
type reign struct {
	from, to time.Time
	pack     *policy.Pack
}

func newRules(p policy.Policy) *rules {
	starts := []time.Time{{}}
	for _, v := range p.Versions {
		starts = append(starts, v.EffectiveFrom)
	}
	slices.SortFunc(starts, time.Time.Compare)
	r := &rules{Policy: p}
	last := -1
	for _, from := range starts {
		v := p.InForce(from)
		if v.Number == last {
			continue
		}
		if n := len(r.reigns); n > 0 {
			r.reigns[n-1].to = from
		}
		last = v.Number
		r.reigns = append(r.reigns, reign{from: from, pack: &v.Pack})
	}
	return r
}

// at is the pack in force at an instant.
func (r *rules) at(at time.Time) *policy.Pack {
	i := len(r.reigns) - 1
	for i > 0 && r.reigns[i].from.After(at) {
		i--
	}
	return r.reigns[i].pack
}

// clip is the part of a stretch of time, without end if to is zero, that lies in
// the reign; false if there is none.
func (r reign) clip(from, to time.Time) (time.Time, time.Time, bool) {
	if from.Before(r.from) {
		from = r.from
	}
	if !r.to.IsZero() && (to.IsZero() || to.After(r.to)) {
		to = r.to
	}
	return from, to, to.IsZero() || from.Before(to)
}
