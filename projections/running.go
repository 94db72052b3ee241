package projections

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/period"
)

// Apart splits a question into one whose answer stays until something is
// recorded, and one about what is another the next moment although nothing was:
// the span that cases still running are in, and states at present. The second is
// empty if nothing is.
func (a Ask) Apart() (lasting, passing Ask) {
	lasting = a
	lasting.Series, lasting.States = slices.Clone(a.Series), slices.Clone(a.States)
	for i, s := range a.Series {
		if s.Running == nil {
			continue
		}
		first, now := 0, *s.Running
		lasting.Series[i].Running, lasting.Series[i].At = nil, 0
		lasting.Series[i].Spans = slices.Delete(slices.Clone(s.Spans), now, now+1)
		s.Spans, s.Running = []period.Period{s.Spans[now]}, &first
		passing.Series = append(passing.Series, s)
	}
	for i, s := range a.States {
		if !s.passes() {
			continue
		}
		lasting.States[i].At = slices.DeleteFunc(slices.Clone(s.At), s.Present.Equal)
		lasting.States[i].Present = time.Time{}
		s.At = []time.Time{s.Present}
		passing.States = append(passing.States, s)
	}
	return lasting, passing
}

// Together puts the answers to what Apart split together. They stay as they are:
// others may hold them, too.
func (a Ask) Together(lasting, passing Figures) Figures {
	whole, series, states := lasting, 0, 0
	whole.Series, whole.States = slices.Clone(lasting.Series), slices.Clone(lasting.States)
	for i, s := range a.Series {
		if s.Running != nil {
			whole.Series[i] = slices.Insert(slices.Clone(lasting.Series[i]), *s.Running, passing.Series[series][0])
			series++
		}
	}
	for i, s := range a.States {
		if !s.passes() {
			continue
		}
		at, last := make([]map[string]int64, len(s.At)), lasting.States[i]
		for j, instant := range s.At {
			if instant.Equal(s.Present) {
				at[j] = passing.States[states][0]
			} else {
				at[j], last = last[0], last[1:]
			}
		}
		whole.States[i] = at
		states++
	}
	return whole
}

// passes tells whether the present is asked about.
func (s States) passes() bool { return slices.ContainsFunc(s.At, s.Present.Equal) }
