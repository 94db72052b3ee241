package projections

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// Groups of counts and sets of samples behind the dashboard.
const (
	ticketStatus     = "tickets"  // by status
	slaOutcome       = "sla"      // target:met, target:breached
	ticketVariants   = "variants" // resolved tickets, by activities joined with "-"
	resolutionTime   = "resolution"
	responseTime     = "first_response"
	secondsPerDay    = 86400
	secondsPerMinute = 60
	topVariants      = 10
)

// durationFacts are of the ticket as it is: a reopened one is out of the
// resolved ones, and back in with its whole time when it is resolved again.
func (t *Ticket) durationFacts(f *Facts) {
	f.Count(ticketStatus, t.Status, 1)
	if !t.RespondedAt.IsZero() {
		f.Sample(responseTime, int64(t.RespondedAt.Sub(t.OpenedAt).Seconds()))
	}
	for _, c := range t.Clocks {
		if c.State == ticket.Met || c.State == ticket.Breached {
			f.Count(slaOutcome, c.Target+":"+c.State, 1)
		}
	}
	if t.unsettled() {
		return
	}
	f.Sample(resolutionTime, t.ResolutionSeconds)
	if len(t.Activities) > 0 {
		f.Count(ticketVariants, strings.Join(t.Activities, "-"), 1)
	}
}

// TicketDurations answers how long tickets take.
type TicketDurations struct{ Views Views }

// TicketDashboard is durations in clock time and SLA outcomes, as of one
// position (definitions 5.1.9).
type TicketDashboard struct {
	Position       domain.Position `json:"position" doc:"Log position the figures are as of"`
	Open           int64           `json:"open" doc:"Open and waiting tickets"`
	Waiting        int64           `json:"waiting" doc:"Those of them that wait for someone"`
	Resolved       int64           `json:"resolved" doc:"Resolved and closed tickets"`
	ResolutionDays Durations       `json:"resolution_days" doc:"From opening to (last) resolving, in days of 86400 seconds"`
	FirstResponse  FirstResponses  `json:"first_response" doc:"How fast customers get an answer"`
	Targets        []TargetOutcome `json:"targets" doc:"How the SLA targets came out" nullable:"false"`
	Variants       Variants        `json:"variants" doc:"Sequences of logged activities of resolved tickets"`
}

// Durations describes how long something takes; null without values.
type Durations struct {
	Count  int64    `json:"count" doc:"How many values" example:"3804"`
	Mean   *float64 `json:"mean" doc:"Mean" example:"8.798"`
	Median *float64 `json:"median" doc:"Middle value, or halfway between the two middle ones"`
	P90    *float64 `json:"p90" doc:"Nearest rank"`
	Max    *float64 `json:"max" doc:"Greatest" example:"55.927"`
}

// FirstResponses is how fast customers get an answer (TK-01, TK-06).
type FirstResponses struct {
	Minutes  Durations `json:"minutes" doc:"From opening to the first public reply of a human"`
	Met      int64     `json:"met" doc:"Answered in time"`
	Breached int64     `json:"breached" doc:"Not answered in time"`
}

// TargetOutcome counts settled clocks of one target.
type TargetOutcome struct {
	Target     string   `json:"target" enum:"first_response,first_solution,resolution" doc:"SLA target"`
	Met        int64    `json:"met" doc:"Done in time"`
	Breached   int64    `json:"breached" doc:"Not done in time"`
	Compliance *float64 `json:"compliance" doc:"met / (met + breached), as a fraction; null if none has settled"`
}

// Variants are the ways tickets go.
type Variants struct {
	Count int64     `json:"count" doc:"Different sequences"`
	Top   []Variant `json:"top" doc:"The most frequent ones" nullable:"false"`
}

// Variant is one way tickets went.
type Variant struct {
	Activities string `json:"activities" doc:"In order, joined by -" example:"1-8-6"`
	Tickets    int64  `json:"tickets" doc:"How many went so"`
}

// Dashboard returns the figures of all tickets.
func (q TicketDurations) Dashboard(ctx context.Context) (TicketDashboard, error) {
	figures, err := q.Views.Figures(ctx, TicketModel, Ask{
		Groups:  []string{ticketStatus, slaOutcome, ticketVariants},
		Samples: []string{resolutionTime, responseTime},
	})
	if err != nil {
		return TicketDashboard{}, err
	}
	status, outcomes := figures.Counts[ticketStatus], figures.Counts[slaOutcome]
	d := TicketDashboard{
		Position:       figures.Position,
		Open:           status[ticket.Open] + status[ticket.Waiting],
		Waiting:        status[ticket.Waiting],
		Resolved:       status[ticket.StatusResolved] + status[ticket.StatusClosed],
		ResolutionDays: durations(figures.Samples[resolutionTime], secondsPerDay),
		FirstResponse:  FirstResponses{Minutes: durations(figures.Samples[responseTime], secondsPerMinute)},
		Variants:       variants(figures.Counts[ticketVariants]),
	}
	for _, target := range []string{policy.FirstResponse, policy.FirstSolution, policy.Resolution} {
		met, breached := outcomes[target+":"+ticket.Met], outcomes[target+":"+ticket.Breached]
		d.Targets = append(d.Targets, TargetOutcome{Target: target, Met: met, Breached: breached, Compliance: ratio(met, met+breached)})
	}
	d.FirstResponse.Met, d.FirstResponse.Breached = d.Targets[0].Met, d.Targets[0].Breached
	return d, nil
}

func durations(d Distribution, unit float64) Durations {
	if d.Count == 0 {
		return Durations{}
	}
	in := func(seconds float64) *float64 {
		seconds /= unit
		return &seconds
	}
	return Durations{
		Count: d.Count, Mean: in(float64(d.Sum) / float64(d.Count)), Median: in(d.Median), P90: in(float64(d.P90)), Max: in(float64(d.Max)),
	}
}

func variants(counts map[string]int64) Variants {
	v := Variants{Count: int64(len(counts)), Top: make([]Variant, 0, len(counts))}
	for activities, tickets := range counts {
		v.Top = append(v.Top, Variant{activities, tickets})
	}
	slices.SortFunc(v.Top, func(a, b Variant) int {
		return cmp.Or(cmp.Compare(b.Tickets, a.Tickets), cmp.Compare(a.Activities, b.Activities))
	})
	v.Top = v.Top[:min(topVariants, len(v.Top))]
	return v
}
