package projections

import (
	"slices"

	"github.com/annals-crm/annals/domain/period"
)

// apart splits a question with cases that still run into one about everything
// but them, and one about the span they are in; false if there are none, or
// states, which change from moment to moment, too.
func (a Ask) apart() (over, now Ask, apart bool) {
	over = a
	over.Series = slices.Clone(a.Series)
	for i, s := range a.Series {
		if s.Running == nil {
			continue
		}
		first := 0
		over.Series[i].Running, over.Series[i].At = nil, 0
		s.Spans, s.Running = []period.Period{s.Spans[*s.Running]}, &first
		now.Series = append(now.Series, s)
	}
	return over, now, len(now.Series) > 0 && len(a.States) == 0
}

// with is an answer with what runs put in its place. The answer itself may be
// remembered, and stays.
func (f Figures) with(running Figures, asked []Series) Figures {
	f.Series = slices.Clone(f.Series)
	next := 0
	for i, s := range asked {
		if s.Running == nil {
			continue
		}
		f.Series[i] = slices.Clone(f.Series[i])
		f.Series[i][*s.Running] = running.Series[next][0]
		next++
	}
	return f
}
