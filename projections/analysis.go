package projections

import (
	"maps"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/policy"
)

// Analysis works out the same metrics over the same log twice, under the
// assumptions of a baseline and of a variant, and what comes out differently. It
// belongs to one goroutine.
type Analysis struct {
	question          analysis.Question
	baseline, variant *side
	discarded         func(Model) map[string][]uint64
	events            int64
	lonely            map[recordKey]*Causing // what counts on one side only, by record
	onlyBaseline      int64
	onlyVariant       int64
}

type recordKey struct{ subject, id string }

// NewAnalysis fails with errors of the code that a query of one of the metrics
// fails with, or with ErrNoDefinition. Discarded are the revisions given up for a
// read model, by stream, which count on neither side; nil: none.
func NewAnalysis(q analysis.Started, discarded func(Model) map[string][]uint64) (*Analysis, error) {
	a := &Analysis{question: q.Question, lonely: map[recordKey]*Causing{}, discarded: discarded}
	var err error
	if a.baseline, err = newSide(q.Question, q.Baseline); err != nil {
		return nil, err
	}
	if a.variant, err = newSide(q.Question, q.Variant); err != nil {
		return nil, err
	}
	if a.discarded == nil {
		a.discarded = func(Model) map[string][]uint64 { return nil }
	}
	_, err = a.readings(q.StartedAt)
	return a, err
}

// CheckAnalysis tells whether a question can be answered; it fails like NewAnalysis.
func CheckAnalysis(q analysis.Started) error {
	_, err := NewAnalysis(q, nil)
	return err
}

// Types lists the event types the analysis has to see.
func (a *Analysis) Types() []string {
	types := map[string]bool{policy.Published{}.EventType(): true}
	for _, m := range slices.Concat(a.baseline.metrics, a.variant.metrics) {
		for _, t := range m.model().Types() {
			types[t] = true
		}
	}
	return slices.Sorted(maps.Keys(types))
}

// Take folds the next events of the log.
func (a *Analysis) Take(events []domain.Recorded) {
	a.events += int64(len(events))
	given := map[string]map[string][]uint64{}
	for subject := range a.baseline.models {
		given[subject] = a.discarded(modelOf(subject))
	}
	for i := range events {
		r := &events[i]
		skip := func(subject string) bool { return slices.Contains(given[subject][r.Stream], r.Revision) }
		switch b, v := a.baseline.counts(r), a.variant.counts(r); {
		case b && v:
			a.baseline.take(r, skip, func(string, string) {})
			a.variant.take(r, skip, func(string, string) {})
		case b:
			a.onlyBaseline++
			a.baseline.take(r, skip, func(subject, id string) { a.note(r, subject, id, "baseline") })
		case v:
			a.onlyVariant++
			a.variant.take(r, skip, func(subject, id string) { a.note(r, subject, id, "variant") })
		}
	}
}

// causesShown bounds the events that are shown as causes for one record.
const causesShown = 5

func (a *Analysis) note(r *domain.Recorded, subject, id, side string) {
	key := recordKey{subject, id}
	c := a.lonely[key]
	if c == nil {
		c = &Causing{}
		a.lonely[key] = c
	}
	if c.Total++; len(c.Events) < causesShown {
		c.Events = append(c.Events, CausingEvent{
			EventID: r.ID, Type: r.Event.EventType(), Stream: r.Stream, Revision: r.Revision,
			OccurredAt: domain.Instant(r.OccurredAt()), RecordedAt: domain.Instant(r.RecordedAt), Side: side,
		})
	}
}

// pair is the question about one metric on both sides, over the same periods.
type pair struct{ baseline, variant *reading }

// readings puts the question for both sides; now is the instant of a side that
// assumes none.
func (a *Analysis) readings(now time.Time) ([]pair, error) {
	filter := MetricFilter{Period: a.question.Period, From: a.question.From, To: a.question.To, By: a.question.By}
	at := func(s *side) time.Time {
		if at := s.assumes.At(); !at.IsZero() {
			return at
		}
		return domain.Instant(now)
	}
	var pairs []pair
	for i, m := range a.baseline.metrics {
		baseline, err := read(m, filter, a.baseline.policy, at(a.baseline))
		if err != nil {
			return nil, err
		}
		same := filter
		same.From, same.To = baseline.shown()
		variant, err := read(a.variant.metrics[i], same, a.variant.policy, at(a.variant))
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{baseline, variant})
	}
	return pairs, nil
}

// modelOf is the read model that metrics about a subject are part of.
func modelOf(subject string) Model { return Metric{Subject: subject}.model() }
