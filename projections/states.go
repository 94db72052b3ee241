package projections

import (
	"strconv"
	"time"
)

// During says that the subject is in a part of some states from one instant to
// another; for good if to is zero. How many are in it at an instant, past or to
// come, is then a matter of counting instants. So what changes by mere passage
// of time changes at the very instant, without an event and without a job.
// Stretches of one part must not overlap.
func (f *Facts) During(states, part string, from, to time.Time) {
	if !to.IsZero() && !from.Before(to) {
		return
	}
	in, stay := entrySet(states, part), 1
	for i := range f.samples {
		if f.samples[i].set == in {
			stay++
		}
	}
	f.stay(stateNames{stateGroup(states), in, exitSet(states, part), part}, stay, from, to)
}

// stay is During under names worked out before. Its number tells it apart from
// other stays of the subject in that part.
func (f *Facts) stay(in stateNames, number int, from, to time.Time) {
	f.Count(in.group, in.part, 1)
	sub := strconv.Itoa(number)
	f.samples = append(f.samples, sample{set: in.entered, sub: sub, value: from.UnixMilli()})
	if !to.IsZero() {
		f.samples = append(f.samples, sample{set: in.left, sub: sub, value: to.UnixMilli()})
	}
}

// stateNames are the names under which stores keep a part of some states.
type stateNames struct{ group, entered, left, part string }

// Names under which stores keep states: a group of counts that tells which parts
// there are, and sets of the instants of coming in and of going out.
func stateGroup(states string) string     { return "in:" + states }
func entrySet(states, part string) string { return "in:" + states + "\x1f>" + part }
func exitSet(states, part string) string  { return "in:" + states + "\x1f<" + part }

// States asks how many subjects are in each part of some states at instants.
type States struct {
	Name string
	At   []time.Time
	// Present is the one of them that will be another when the same is asked
	// again; zero if none is.
	Present time.Time
}

// Group is the group of counts whose fields are the parts there are.
func (s States) Group() string { return stateGroup(s.Name) }

// Entered and Left are the sets of instants, in milliseconds, at which subjects
// came into a part and went out of it. In it at an instant are those that came
// in up to then, less those that went out up to then.
func (s States) Entered(part string) string { return entrySet(s.Name, part) }

// Left is told with Entered.
func (s States) Left(part string) string { return exitSet(s.Name, part) }

// names remembers what parts of states are called, by the fold they are used in.
type names map[label]stateNames

func (n names) of(l label) stateNames {
	found, known := n[l]
	if !known {
		if len(n) >= labelsMost {
			clear(n)
		}
		series, part := l.names()
		found = stateNames{stateGroup(series), entrySet(series, part), exitSet(series, part), part}
		n[l] = found
	}
	return found
}
