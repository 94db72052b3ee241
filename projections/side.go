package projections

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// side folds the log under the assumptions of one side of an analysis.
type side struct {
	assumes analysis.Assumptions
	metrics []Metric           // asked, in the definitions assumed
	models  map[string]scratch // by subject
	policy  policy.Policy      // assumed, or as published and known by now
	tickets map[string]ticket.Ticket
	again   [1]domain.Recorded
}

// newSide fails with ErrNoMetric or ErrNoDefinition.
func newSide(q analysis.Question, a analysis.Assumptions) (*side, error) {
	s := &side{assumes: a, models: map[string]scratch{}}
	all := slices.Clone(AllMetrics)
	for i, name := range q.Metrics {
		m, err := metricDefined(name, a.Definitions[name])
		if told, ok := errors.AsType[*domain.Error](err); ok && told.Code == ErrNoMetric.Code {
			return nil, told.In(fmt.Sprintf("metrics[%d]", i))
		}
		if err != nil {
			return nil, err
		}
		s.metrics = append(s.metrics, m)
		all[slices.IndexFunc(all, func(o Metric) bool { return o.Name == name })] = m
	}
	for _, m := range s.metrics {
		if s.models[m.Subject] == nil {
			s.models[m.Subject] = m.model().scratch(slices.DeleteFunc(slices.Clone(all), func(o Metric) bool { return o.Subject != m.Subject }))
		}
	}
	if a.Pack != nil {
		s.policy, s.tickets = policy.Always(policy.Version{Number: a.PolicyVersion, Pack: *a.Pack}), map[string]ticket.Ticket{}
	}
	return s, nil
}

// counts tells whether an event had happened, and was known, on this side. A
// policy says itself from when on it applies, whenever it was published.
func (s *side) counts(r *domain.Recorded) bool {
	then := Point{AsOf: s.assumes.AsOf, KnownAt: s.assumes.KnownAt}
	if _, published := r.Event.(policy.Published); published {
		then.AsOf = time.Time{}
	}
	return then.holds(r)
}

// take folds an event, but not for the subjects to skip, and yields the records
// it changes.
func (s *side) take(r *domain.Recorded, skip func(subject string) bool, touched func(subject, id string)) {
	if e, ok := r.Event.(policy.Published); ok {
		if s.assumes.Pack != nil {
			return
		}
		s.policy = policy.Evolve(s.policy, e)
	}
	for i, again := range s.redecided(r) {
		for subject, model := range s.models {
			if skip(subject) {
				continue
			}
			model.take(&again, func(id string) {
				if i == 0 {
					touched(subject, id)
				}
			})
		}
	}
}

// redecided is an event, and what it does under the policy that is assumed. What
// was decided under the policies published stands as it was recorded.
func (s *side) redecided(r *domain.Recorded) []domain.Recorded {
	s.again[0] = *r
	if s.assumes.Pack == nil {
		return s.again[:]
	}
	switch e := r.Event.(type) {
	case deal.Event:
		s.again[0].Event = deal.Redecide(e, s.policy.InForce(r.OccurredAt()))
	case ticket.Event:
		t := s.tickets[r.Stream]
		var all []domain.Recorded
		for _, e := range t.Redecide(e, s.policy.InForce(r.OccurredAt())) {
			t = ticket.Evolve(t, e)
			all = append(all, *r)
			all[len(all)-1].Event = e
		}
		s.tickets[r.Stream] = t
		return all
	}
	return s.again[:]
}

// settle works out what has come about by the instant the figures are of, and
// makes the documents ready to be asked. Clocks that ran out by then are breached
// for good: what stops them later is recorded as an overrun, or corrects it.
func (s *side) settle(at time.Time) {
	if _, tickets := s.models["tickets"]; tickets {
		for stream, t := range s.tickets {
			for _, e := range t.RunOut(at) {
				t = ticket.Evolve(t, e)
				s.models["tickets"].take(&domain.Recorded{Event: e, Stream: stream, Meta: domain.Meta{OccurredAt: at}}, func(string) {})
			}
			s.tickets[stream] = t
		}
	}
	for _, model := range s.models {
		model.settle(s.policy)
	}
}
