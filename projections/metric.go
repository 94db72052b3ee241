package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Metric declares one figure: what is counted, when it falls, by what it can be
// broken down, and how the figure comes of it. Everything else follows: it is
// live, by period and by dimension, filled for all the past when it is new, and
// in the catalogue, the exports and the documentation.
type Metric struct {
	Name       string
	Title      string
	Definition int    // raised when the same name is to mean something else
	Formula    string // where the formula stands
	Subject    string // deals, tickets, customers: the read model it is part of
	Unit       string
	When       string   // what puts a case into a period
	Part       string   // what else rows come apart by: currency, stage, tier …; empty: nothing
	Parts      []string // in this order; else as they sort
	Dimensions []string
	Excludes   []Exclusion
	Target     func(policy.Pack) *Target
	// Moment says that the figure is of an instant: the end of each period, or
	// now in the one that is not over.
	Moment bool
	// Ahead says that the periods asked for are mostly those to come.
	Ahead bool
	// Rises says that a rate far above those of the last twelve periods is an
	// anomaly (definitions 5.7).
	Rises bool

	facts  any // func(*D, *Tally), D the document of the subject
	reads  reads
	figure func(*Slice) []Figure
}

// Exclusion is a kind of case that a figure leaves out.
type Exclusion struct {
	Reason  string `json:"reason" doc:"Name under which rows count these cases" example:"cancelled"`
	Why     string `json:"why" doc:"What they are, and why they do not count"`
	undated string // measure that counts them, of all time
}

// Target is what a figure is held against.
type Target struct {
	Value   float64 `json:"value" doc:"The goal, in the unit of the metric" example:"0.9"`
	AtLeast bool    `json:"at_least" doc:"Whether more is better"`
	Part    string  `json:"part,omitempty" doc:"Part of the metric it is for; all if left out"`
}

// reads are the facts a figure is made of. Several metrics may read the same
// measure; one of them contributes it, and all of them have its dimensions.
type reads struct {
	measures []string // counts and sums of the period
	spread   string   // the measure whose median and percentiles are wanted
	running  bool     // cases still running count in the period that is not over
	states   []string // at the beginning and at the end of the period
	perKind  []string // measures that differ by kind of period
}

// Tally is how a metric contributes facts of one document: each to the whole and
// to the values the document has in the metric's dimensions.
type Tally struct {
	f    *Facts
	dims []dimension
}

// dimension is a value in one dimension; without a name it is the whole.
type dimension struct{ name, value string }

// Policy is every policy published by then.
func (t *Tally) Policy() policy.Policy { return t.f.Policy() }

// Count counts a case of a part on a day.
func (t *Tally) Count(measure, part string, day domain.Date) {
	for _, d := range t.dims {
		t.f.CountOn(measureName(measure, d.name), partName(part, d.value), day, 1)
	}
}

// Value adds a value, of which the sum will be asked.
func (t *Tally) Value(measure, part string, day domain.Date, value int64) {
	for _, d := range t.dims {
		t.f.ValueOn(measureName(measure, d.name), partName(part, d.value), day, value)
	}
}

// Sample adds a value, of which median and percentiles will be asked, too.
func (t *Tally) Sample(measure, part string, day domain.Date, value int64) {
	for _, d := range t.dims {
		t.f.SampleOn(measureName(measure, d.name), partName(part, d.value), day, value)
	}
}

// Running adds a sample that grows: so far it is the seconds since an instant.
func (t *Tally) Running(measure, part string, since time.Time) {
	for _, d := range t.dims {
		t.f.Running(measureName(measure, d.name), partName(part, d.value), since.Unix())
	}
}

// During says that the subject is in a state from one instant to another.
func (t *Tally) During(states, part string, from, to time.Time) {
	for _, d := range t.dims {
		t.f.During(measureName(states, d.name), partName(part, d.value), from, to)
	}
}

// Undated counts a case that falls into no period.
func (t *Tally) Undated(measure, part string) {
	for _, d := range t.dims {
		t.f.Count(undatedGroup(measure, d.name), partName(part, d.value), 1)
	}
}

// Names under which measures are stored. The separators occur in no value.
func measureName(measure, dimension string) string  { return measure + "\x1e" + dimension }
func partName(part, value string) string            { return part + "\x1e" + value }
func undatedGroup(measure, dimension string) string { return "undated:" + measure + "\x1e" + dimension }

// contribution is a metric at work on documents D.
type contribution[D any] struct {
	facts      func(*D, *Tally)
	dimensions []string
}

// contributions are those of the metrics about a subject.
func contributions[D any](metrics []Metric) []contribution[D] {
	var all []contribution[D]
	for _, m := range metrics {
		if facts, ok := m.facts.(func(*D, *Tally)); ok {
			all = append(all, contribution[D]{facts, m.Dimensions})
		}
	}
	return all
}

// contribute lets metrics contribute. Of are the values of the document in all
// dimensions; several in one dimension count in each.
func contribute[D any](metrics []contribution[D], d *D, f *Facts, of []dimension) {
	var memory [16]dimension
	for _, m := range metrics {
		dims := append(memory[:0], dimension{})
		for _, name := range m.dimensions {
			for _, o := range of {
				if o.name == name {
					dims = append(dims, o)
				}
			}
		}
		m.facts(d, &Tally{f, dims})
	}
}
