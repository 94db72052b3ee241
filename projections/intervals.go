package projections

import (
	"maps"
	"slices"
	"time"
)

// interval is a time from one instant to another; for good if to is zero.
type interval struct{ from, to time.Time }

func (i interval) holds(at time.Time) bool {
	return !at.Before(i.from) && (i.to.IsZero() || at.Before(i.to))
}

// phase is a time in which a subject is in a part of some states.
type phase struct {
	part string
	interval
}

// phases works out states under the pack of each reign, and keeps what lies in
// it: a threshold holds from the day it is in force. By part, they come in order
// and do not touch.
func (r *rules) phases(under func(*reign) []phase) map[string][]interval {
	all := map[string][]interval{}
	for i := range r.reigns {
		for _, p := range under(&r.reigns[i]) {
			if from, to, ok := r.reigns[i].clip(p.from, p.to); ok {
				all[p.part] = append(all[p.part], interval{from, to})
			}
		}
	}
	for part := range all {
		all[part] = joined(all[part])
	}
	return all
}

// phases tells when the subject is in the parts of some states.
func (t *Tally) phases(states string, parts map[string][]interval) {
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		for i, in := range parts[part] {
			t.During(states, part, i, in.from, in.to)
		}
	}
}

// joined sorts intervals and joins those that overlap or touch.
func joined(all []interval) []interval {
	slices.SortFunc(all, func(a, b interval) int { return a.from.Compare(b.from) })
	whole := all[:0]
	for _, i := range all {
		n := len(whole)
		switch {
		case n == 0 || !whole[n-1].to.IsZero() && i.from.After(whole[n-1].to):
			whole = append(whole, i)
		case whole[n-1].to.IsZero():
		case i.to.IsZero() || i.to.After(whole[n-1].to):
			whole[n-1].to = i.to
		}
	}
	return whole
}

// common is the time that lies in both.
func common(a, b []interval) []interval {
	var both []interval
	for len(a) > 0 && len(b) > 0 {
		i := interval{later(a[0].from, b[0].from), sooner(a[0].to, b[0].to)}
		if i.to.IsZero() || i.from.Before(i.to) {
			both = append(both, i)
		}
		if sooner(a[0].to, b[0].to).Equal(a[0].to) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return both
}

// sooner is the earlier of two ends.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
