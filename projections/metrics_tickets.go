package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// Dimensions of tickets.
const (
	ByAssignee = "assignee"
	ByPriority = "priority"
	ByCategory = "category"
	ByChannel  = "channel"
)

// Measures of tickets, by the day in the organisation's zone.
const (
	ticketsResponse  = "response"   // seconds to the first response, by time
	ticketsSolving   = "resolution" // seconds to resolving, by time
	ticketsMet       = "sla_met"    // by target
	ticketsBreached  = "sla_breached"
	ticketsCancelled = "sla_cancelled"
	ticketsOpened    = "opened"
	ticketsSolved    = "solved"   // by day of opening
	ticketsResolved  = "resolved" // by day of resolving
	ticketsFixed     = "fixed"    // by the first contact; see caseFacts

	clockTime    = "clock"    // all the time that passed
	businessTime = "business" // what the SLA clock showed: calendar and pauses left out
)

func ticketDimensions(assignee, priority, category, channel string) []dimension {
	return []dimension{{ByAssignee, assignee}, {ByPriority, priority}, {ByCategory, category}, {ByChannel, channel}}
}

func ticketDimensionNames() []string { return []string{ByAssignee, ByPriority, ByCategory, ByChannel} }

// ticketMetrics are about tickets as they are: one that is reopened is out of
// the resolved ones until it is resolved again, and a ticket counts for the
// assignee and the class it has.
func ticketMetrics() []Metric {
	return []Metric{
		{
			Name: "first_response_time", Title: "Time from opening a ticket to the first public reply of a human", Definition: 1,
			Formula: "definitions 5.1.9: mean, median and 90th percentile, in clock time and on the SLA clock", Subject: "tickets", Unit: unitSeconds,
			When: "by day of the reply", Part: "time", Dimensions: ticketDimensionNames(), GrainBy: Months,
			Target: func(p policy.Pack) *Target {
				return &Target{Value: float64(p.Goals.MeanFirstResponseSeconds), Part: clockTime}
			},
			facts: func(t *Ticket, f *Tally) {
				if t.RespondedAt.IsZero() {
					return
				}
				day := f.day(t.RespondedAt)
				f.Sample(ticketsResponse, clockTime, day, seconds(t.OpenedAt, t.RespondedAt))
				if c := t.stopped(policy.FirstResponse); c != nil {
					f.Sample(ticketsResponse, businessTime, day, c.RanSeconds)
				}
			},
			reads: reads{measures: []string{ticketsResponse}, spread: ticketsResponse}, figure: mean(ticketsResponse),
		},
		{
			Name: "resolution_time", Title: "Time from opening a ticket to (last) resolving it", Definition: 1,
			Formula: "definitions 5.1.9: mean, median and 90th percentile, in clock time and on the SLA clock", Subject: "tickets", Unit: unitSeconds,
			When: "by day of resolving", Part: "time", Dimensions: ticketDimensionNames(), GrainBy: Months,
			facts: func(t *Ticket, f *Tally) {
				if t.unsettled() {
					return
				}
				day := f.day(t.ResolvedAt)
				f.Sample(ticketsSolving, clockTime, day, t.ResolutionSeconds)
				if c := t.stopped(policy.Resolution); c != nil {
					f.Sample(ticketsSolving, businessTime, day, c.RanSeconds)
				}
			},
			reads: reads{measures: []string{ticketsSolving}, spread: ticketsSolving}, figure: mean(ticketsSolving),
		},
		{
			Name: "sla_compliance", Title: "Targets met, of those that settled", Definition: 1,
			Formula: "definitions 5.1.9: met settled in the period / (met + breached settled in the period)", Subject: "tickets", Unit: unitRatio,
			When: "a target that was met, by the day it was; one that was not, by the day it ran out", Part: "target",
			Dimensions: ticketDimensionNames(),
			Excludes:   []Exclusion{{Reason: "cancelled", Why: "targets that were taken away before they settled, by the day they were"}},
			facts: func(t *Ticket, f *Tally) {
				for _, c := range t.Clocks {
					switch c.State {
					case ticket.Met:
						f.Count(ticketsMet, c.Target, f.day(c.StoppedAt))
					case ticket.Breached:
						f.Count(ticketsBreached, c.Target, f.day(c.BreachedAt))
					case ticket.Cancelled:
						f.Count(ticketsCancelled, c.Target, f.day(c.CancelledAt))
					}
				}
			},
			reads: reads{measures: []string{ticketsMet, ticketsBreached, ticketsCancelled}}, figure: compliance,
		},
		{
			Name: "resolution_rate", Title: "Tickets resolved by now, of those opened in a period", Definition: 1,
			Formula: "AN-07: resolved / opened", Subject: "tickets", Unit: unitRatio, When: "by day of opening",
			Dimensions: ticketDimensionNames(), GrainBy: Months,
			facts: func(t *Ticket, f *Tally) {
				day := f.day(t.OpenedAt)
				f.Count(ticketsOpened, "", day)
				if !t.unsettled() {
					f.Count(ticketsSolved, "", day)
				}
			},
			reads: reads{measures: []string{ticketsSolved, ticketsOpened}},
			figure: func(s *Slice) []Figure {
				figure := fraction("", s.Count(ticketsSolved), s.Count(ticketsOpened))
				open := *figure.Denominator - *figure.Numerator
				figure.Pending = &open
				return []Figure{figure}
			},
		},
		{
			Name: "first_contact_resolution", Title: "Tickets that the first contact solved, of those resolved", Definition: 2,
			Formula: "definitions 5.1.9 (FCR): exactly one public reply of an agent, and no reopening or new ticket of the same customer and category within the time of the policy, standard 7 days / resolved",
			Subject: "tickets", Unit: unitRatio, When: "by day of resolving; a ticket without a customer is judged by itself",
			Dimensions: ticketDimensionNames(), GrainBy: Months,
			Settles: func(p policy.Pack) time.Duration { return time.Duration(p.Tickets.FirstFixSeconds) * time.Second },
			Target:  firstContactGoal,
			facts: func(t *Ticket, f *Tally) {
				if t.unsettled() {
					return
				}
				day := f.day(t.ResolvedAt)
				f.Count(ticketsResolved, "", day)
				if t.FirstContact && t.CustomerID == "" {
					f.Count(ticketsFixed, "", day)
				}
			},
			reads: reads{measures: []string{ticketsFixed, ticketsResolved}}, figure: share(ticketsFixed, ticketsResolved),
		},
	}
}

// firstContactAlone is the first definition of first_contact_resolution, which
// many help desks count by: what followed does not matter.
func firstContactAlone() Metric {
	const alone = "fixed_alone"
	return Metric{
		Name: "first_contact_resolution", Title: "Tickets resolved with one public reply, of those resolved", Definition: 1,
		Formula: "TK-18: exactly one public reply of an agent, never reopened / resolved", Subject: "tickets", Unit: unitRatio,
		When: "by day of resolving", Dimensions: ticketDimensionNames(), GrainBy: Months,
		Target: firstContactGoal,
		facts: func(t *Ticket, f *Tally) {
			if t.unsettled() {
				return
			}
			day := f.day(t.ResolvedAt)
			f.Count(ticketsResolved, "", day)
			if t.FirstContact {
				f.Count(alone, "", day)
			}
		},
		reads: reads{measures: []string{alone, ticketsResolved}}, figure: share(alone, ticketsResolved),
	}
}

func firstContactGoal(p policy.Pack) *Target {
	return &Target{Value: float64(p.Goals.FirstContactResolutionPct) / 100, AtLeast: true}
}

func compliance(s *Slice) []Figure {
	var figures []Figure
	for _, target := range s.Parts(ticketsMet, ticketsBreached, ticketsCancelled) {
		met := s.Of(ticketsMet, target).Count
		figure := fraction(target, met, met+s.Of(ticketsBreached, target).Count)
		if n := s.Of(ticketsCancelled, target).Count; n > 0 {
			figure.Excluded = map[string]int64{"cancelled": n}
		}
		figures = append(figures, figure)
	}
	return figures
}

// stopped is the clock of a target, if it was stopped.
func (t *Ticket) stopped(target string) *Clock {
	for i := range t.Clocks {
		if c := &t.Clocks[i]; c.Target == target && !c.StoppedAt.IsZero() {
			return c
		}
	}
	return nil
}

func seconds(from, to time.Time) int64 { return int64(to.Sub(from) / time.Second) }

// day is the day of an instant in the zone of the policy in force then.
func (t *Tally) day(at time.Time) domain.Date {
	return domain.DateOf(at, t.f.rules.at(at).Location())
}

// ticketFigures contributes to metrics.
func ticketFigures(metrics []Metric) func(*ticketDocument, *Facts) {
	of := contributions[Ticket](metrics)
	return func(t *ticketDocument, f *Facts) {
		switch {
		case t.Cases != nil:
			t.caseFacts(f)
		case t.Status != "":
			contribute(of, &t.Ticket, f, ticketDimensions(t.Assignee, t.Priority, t.Category, t.Channel))
			t.tellCases(f)
		}
	}
}

var ticketFacts = ticketFigures(ticketMetrics())
