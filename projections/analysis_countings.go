package projections

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Counting is one thing a record adds to figures.
type Counting struct {
	Measure string      `json:"measure" doc:"What is counted" example:"sla_breached"`
	Part    string      `json:"part,omitempty" doc:"Part of the metric" example:"first_response"`
	On      domain.Date `json:"on,omitempty" doc:"Day it counts on" example:"2024-05-31"`
	From    time.Time   `json:"from,omitzero" doc:"Instant from which on it counts"`
	To      time.Time   `json:"to,omitzero" doc:"Instant from which on it counts no more"`
	Value   int64       `json:"value" doc:"What is counted, or the value" example:"1"`
	held    [2]int      // of a state: which of the instants asked about it holds at, the first one, and the one after the last
}

// counted is what tells countings apart. A state counts at the instants asked
// about, whenever else it begins or ends.
func (c Counting) counted() Counting {
	if c.held != [2]int{} {
		c.From, c.To = time.Time{}, time.Time{}
	}
	return c
}

// countings are what a document adds to the metric within the periods shown. What
// it adds by dimension follows from that, so only a change of dimension shows it.
func (r *reading) countings(f *Facts) []Counting {
	if f == nil {
		return nil
	}
	from, to := r.shown()
	measures, by := r.measures(), r.by
	var all []Counting
	for i := range f.dated {
		d := &f.dated[i]
		on := domain.Date("")
		if d.day != untilNow {
			text := strconv.Itoa(int(d.day))
			on = domain.Date(text[:4] + "-" + text[4:6] + "-" + text[6:])
		}
		if !measures[d.series] || on != "" && (on < from || on > to) {
			continue
		}
		c := Counting{Measure: d.series, Part: d.part, On: on, Value: d.n}
		if on == "" && d.sample {
			c.From, c.Value = time.Unix(d.n, 0).UTC(), 1
		}
		for _, in := range f.dimensions[d.from:d.to] {
			if in.name == by {
				c.Part = strings.TrimPrefix(c.Part+" "+in.value, " ")
			}
		}
		all = append(all, c)
	}
	return append(all, r.stays(f)...)
}

// measures are what the metric is made of, by name.
func (r *reading) measures() map[string]bool {
	measures := map[string]bool{}
	for _, m := range r.metric.reads.measures {
		measures[m] = true
	}
	for _, x := range r.metric.Excludes {
		measures[x.undated] = true
	}
	return measures
}

// stays are the states that a document is in at an instant asked about, or comes
// into between two of them.
func (r *reading) stays(f *Facts) []Counting {
	var all []Counting
	asked := r.asked()
	for i, states := range slices.Concat(r.metric.reads.states, r.metric.reads.perKind) {
		lasting := !slices.Contains(r.metric.reads.entered, states)
		if i >= len(r.metric.reads.states) {
			states = kindStates(states, r.kind)
		}
		ends := map[string]int64{}
		for _, s := range f.samples {
			if part, ok := strings.CutPrefix(s.set, exitSet(states, "")); ok {
				ends[part+"\x00"+s.sub] = s.value
			}
		}
		for _, s := range f.samples {
			part, ok := strings.CutPrefix(s.set, entrySet(states, ""))
			if !ok {
				continue
			}
			c := Counting{Measure: states, Part: part, From: time.UnixMilli(s.value).UTC(), Value: 1}
			if end, ends := ends[part+"\x00"+s.sub]; ends {
				c.To = time.UnixMilli(end).UTC()
			}
			c.held = holding(asked, interval{c.From, c.To})
			if c.held != [2]int{} && (lasting || c.held[0] > 0) {
				all = append(all, c)
			}
		}
	}
	return all
}

// asked are the instants at which states make a difference to the periods shown.
func (r *reading) asked() []time.Time {
	at := r.instants()
	before, ends := at[:len(r.periods)], at[len(r.periods):]
	if r.metric.Moment {
		return ends[r.hidden:]
	}
	return append([]time.Time{before[r.hidden]}, ends[r.hidden:]...)
}

// holding tells which of ascending instants lie in a stay; none: zero.
func holding(instants []time.Time, stay interval) (which [2]int) {
	for i, at := range instants {
		switch {
		case !stay.holds(at):
		case which[1] == 0:
			which = [2]int{i, i + 1}
		default:
			which[1] = i + 1
		}
	}
	return which
}

// without is what is in all and not in others, as often.
func without(all, others []Counting) []Counting {
	left := map[Counting]int{}
	for _, c := range others {
		left[c.counted()]++
	}
	var only []Counting
	for _, c := range all {
		of := c.counted()
		if left[of]--; left[of] < 0 {
			only = append(only, c)
		}
	}
	return only
}

func showing(shown, more []Counting) []Counting {
	for _, c := range more {
		if len(shown) < countingsShown && !slices.Contains(shown, c) {
			shown = append(shown, c)
		}
	}
	return shown
}
