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
	// Grain is how finely the whole is kept, and GrainBy what is broken down:
	// months will do where a case changes its place with almost every event.
	Grain, GrainBy Grain
	Excludes       []Exclusion
	Target         func(policy.Pack) *Target
	// Settles is how long after a period its figure may still change.
	Settles func(policy.Pack) time.Duration
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
	perKind  []string // states that differ by kind of period
	entered  []string // of all these states: those of which only coming into them in the period counts
}

// Tally is how a metric contributes facts of one document: each to the whole and
// to the values the document has in the metric's dimensions.
type Tally struct {
	f      *Facts
	in     []dimension // values of the document
	whole  Grain
	broken Grain
}

// Policy is every policy published by then.
func (t *Tally) Policy() policy.Policy { return t.f.Policy() }

// Count counts a case of a part on a day.
func (t *Tally) Count(measure, part string, day domain.Date) { t.Add(measure, part, day, 1) }

// Add adds to the sum of a part on a day.
func (t *Tally) Add(measure, part string, day domain.Date, n int64) {
	t.f.onDay(dated{series: measure, part: part, n: n, whole: t.whole, broken: t.broken}, day, t.in)
}

// Sample adds a value, of which sum, median and percentiles will be asked.
func (t *Tally) Sample(measure, part string, day domain.Date, value int64) {
	t.f.onDay(dated{series: measure, part: part, n: value, sample: true, whole: t.whole, broken: t.broken}, day, t.in)
}

// Running adds a sample that grows: so far it is the seconds since an instant.
func (t *Tally) Running(measure, part string, since time.Time) {
	t.f.add(dated{series: measure, part: part, n: since.Unix(), sample: true}, t.in)
}

// During says that the subject is in a state from one instant to another; see
// Facts.During. It numbers its stays in that part.
func (t *Tally) During(states, part string, number int, from, to time.Time) {
	t.DuringOf(dimension{}, states, part, number, from, to)
	for _, d := range t.in {
		t.DuringOf(d, states, part, number, from, to)
	}
}

// DuringOf is During for one value of a dimension, and not for the whole: of
// what a document has at one time and not at another.
func (t *Tally) DuringOf(d dimension, states, part string, number int, from, to time.Time) {
	t.f.stay(t.f.rules.names.of(label{states, d.name, part, d.value}), number, from, to)
}

// Undated counts a case that falls into no period.
func (t *Tally) Undated(measure, part string) {
	t.f.add(dated{series: measure, part: part, n: 1}, t.in)
}

// contribution is a metric at work on documents D.
type contribution[D any] struct {
	facts  func(*D, *Tally)
	metric Metric
}

// contributions are those of the metrics about a subject.
func contributions[D any](metrics []Metric) []contribution[D] {
	var all []contribution[D]
	for _, m := range metrics {
		if facts, ok := m.facts.(func(*D, *Tally)); ok {
			all = append(all, contribution[D]{facts, m})
		}
	}
	return all
}

// contribute lets metrics contribute. Of are the values of the document in all
// dimensions; several in one dimension count in each.
func contribute[D any](metrics []contribution[D], d *D, f *Facts, of []dimension) {
	t := &f.tally
	for i := range metrics {
		m := &metrics[i]
		t.f, t.whole, t.broken, t.in = f, m.metric.Grain, m.metric.GrainBy, t.in[:0]
		for _, name := range m.metric.Dimensions {
			for _, o := range of {
				if o.name == name {
					t.in = append(t.in, o)
				}
			}
		}
		m.facts(d, t)
	}
}
