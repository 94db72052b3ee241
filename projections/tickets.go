package projections

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// TicketModel holds one document per ticket, its SLA clocks included. The queue
// (tickets_list.go), durations (ticket_durations.go) and timers (timers.go) are
// one read model, not three: all of them need the clocks, so a page of events is
// folded, encoded and stored once, and what is due always agrees with the queue.
var TicketModel = Declaration[ticketDocument]{
	Facts: (*ticketDocument).facts, Basis: ticketBasis, Told: (*ticketDocument).told, Figures: ticketFigures,
}.Model("tickets", 2,
	On(func(t *ticketDocument, r domain.Recorded, e ticket.Opened) {
		t.CustomerID, t.Subject, t.Description, t.Expectation = e.CustomerID, e.Subject, e.Description, e.Expectation
		t.Channel, t.Class, t.Assignee, t.ExternalID, t.LinkedTo = e.Channel, e.Class, e.Assignee, e.ExternalID, e.LinkedTo
		t.Status, t.StatusSince, t.OpenedAt, t.OpenedBy = ticket.Open, e.OpenedAt, e.OpenedAt, r.Meta.Actor.ID
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Triaged) { t.Class = e.To }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Assigned) { t.Assignee = e.To }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Replied) {
		t.PublicReplies = e.PublicReplies
		if e.First {
			t.RespondedAt = e.RepliedAt
		}
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.CustomerMessaged) { t.Messages++ }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.WaitingStarted) {
		t.Status, t.StatusSince, t.WaitsFor = ticket.Waiting, e.StartedAt, e.Reason
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.WaitingEnded) {
		t.Status, t.StatusSince, t.WaitsFor = ticket.Open, e.EndedAt, ""
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SolutionProposed) { t.Solution = e.Solution }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.ActivityLogged) { t.log(e.Activity) }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Resolved) {
		t.Status, t.StatusSince, t.ResolvedAt, t.ResolutionSeconds = ticket.StatusResolved, e.ResolvedAt, e.ResolvedAt, e.Seconds
		t.Cause, t.FirstContact = e.Cause, e.FirstContact
		if e.Solution != "" {
			t.Solution = e.Solution
		}
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Closed) {
		t.Status, t.StatusSince, t.ClosedAt = ticket.StatusClosed, e.ClosedAt, e.ClosedAt
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.Reopened) {
		t.Status, t.StatusSince, t.Reopened = ticket.Open, e.ReopenedAt, e.Reopened
		t.ResolvedAt, t.ClosedAt, t.ResolutionSeconds, t.FirstContact = time.Time{}, time.Time{}, 0, false
		t.clock(policy.Resolution, func(c *Clock) { c.StoppedAt, c.RanSeconds = time.Time{}, 0 })
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLAApplied) { t.apply(e) }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLATargetMet) {
		t.clock(e.Target, func(c *Clock) {
			c.State, c.DueAt, c.StoppedAt, c.BreachedAt = ticket.Met, e.DueAt, e.MetAt, time.Time{}
			c.RanSeconds = e.Seconds
		})
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLABreached) {
		t.clock(e.Target, func(c *Clock) { c.State, c.DueAt, c.BreachedAt = ticket.Breached, e.DueAt, e.EffectiveAt })
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLAOverrunEnded) {
		t.clock(e.Target, func(c *Clock) {
			c.StoppedAt, c.OverrunSeconds, c.RanSeconds = e.StoppedAt, e.OverrunSeconds, e.Seconds
		})
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLAPaused) {
		t.clock(e.Target, func(c *Clock) { c.State, c.DueAt, c.LeftSeconds = ticket.Paused, time.Time{}, e.RemainingSeconds })
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLAResumed) {
		t.clock(e.Target, func(c *Clock) {
			c.State, c.DueAt, c.LeftSeconds, c.StoppedAt, c.RanSeconds = ticket.Running, e.DueAt, 0, time.Time{}, 0
		})
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLARetargeted) { t.retarget(e) }),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLACancelled) {
		t.clock(e.Target, func(c *Clock) {
			c.State, c.DueAt, c.LeftSeconds, c.CancelledAt = ticket.Cancelled, time.Time{}, 0, e.CancelledAt
		})
	}),
	On(func(t *ticketDocument, _ domain.Recorded, e ticket.SLAWarned) {
		t.clock(e.Target, func(c *Clock) { c.WarnedPct = e.Pct })
	}),
)

// Ticket is a service ticket as readers see it (TK-11). What was said stands in
// its history.
type Ticket struct {
	Head
	CustomerID  string `json:"customer_id,omitempty" doc:"Whose ticket it is"`
	Subject     string `json:"subject" doc:"What it is about, in a line"`
	Description string `json:"description,omitempty" doc:"What the problem is"`
	Expectation string `json:"expectation,omitempty" doc:"What the customer expects"`
	Channel     string `json:"channel,omitempty" doc:"How it came in"`
	ticket.Class
	Assignee          string    `json:"assignee,omitempty" doc:"Who works on it"`
	ExternalID        string    `json:"external_id,omitempty" doc:"Its id in another system"`
	LinkedTo          string    `json:"linked_to,omitempty" doc:"Ticket this one goes on from"`
	Status            string    `json:"status" enum:"open,waiting,resolved,closed" doc:"How far it is"`
	StatusSince       time.Time `json:"status_since" doc:"When it came to that"`
	WaitsFor          string    `json:"waits_for,omitempty" doc:"While waiting: for whom"`
	OpenedAt          time.Time `json:"opened_at" doc:"When it was opened"`
	OpenedBy          string    `json:"opened_by" doc:"Who opened it"`
	RespondedAt       time.Time `json:"responded_at,omitzero" doc:"First public reply of a human"`
	ResolvedAt        time.Time `json:"resolved_at,omitzero" doc:"When it was (last) resolved"`
	ClosedAt          time.Time `json:"closed_at,omitzero" doc:"When it was closed"`
	ResolutionSeconds int64     `json:"resolution_seconds,omitempty" doc:"Clock time from opening to (last) resolving"`
	Cause             string    `json:"cause,omitempty" doc:"What caused the problem"`
	Solution          string    `json:"solution,omitempty" doc:"Last one proposed, or what solved it"`
	PublicReplies     int       `json:"public_replies,omitempty" doc:"Of humans on our side"`
	Messages          int       `json:"messages,omitempty" doc:"From the customer"`
	Reopened          int       `json:"reopened,omitempty" doc:"How often it was reopened"`
	FirstContact      bool      `json:"first_contact,omitempty" doc:"Resolved with one public reply, never reopened"` // TK-18
	Activities        []string  `json:"activities,omitempty" doc:"Steps of work, in order"`
	SLA               string    `json:"sla,omitempty" doc:"Promise of the policy it is held against"`
	Clocks            []Clock   `json:"clocks,omitempty" doc:"One per SLA target"`
	DueAt             time.Time `json:"due_at,omitzero" doc:"The next due time of what is still owed, also of what is overdue; none while paused"`
	DueTarget         string    `json:"due_target,omitempty" doc:"What is due then"`
}

// mostActivities bounds the steps a ticket shows; the rest is cut short.
const mostActivities = 50

func (t *Ticket) log(activity string) {
	switch n := len(t.Activities); {
	case n < mostActivities:
		t.Activities = append(t.Activities, activity)
	case n == mostActivities:
		t.Activities = append(t.Activities, "…")
	}
}

func (t *Ticket) unsettled() bool { return t.Status == ticket.Open || t.Status == ticket.Waiting }

// ticketDocument is a ticket or, under an id of its own, what the tickets of a
// customer in one category tell of a month (see caseShard).
type ticketDocument struct {
	Ticket
	Cases map[string]caseFact `json:"cases,omitempty"`
}

func (t *ticketDocument) facts(f *Facts) {
	if t.Status != "" {
		t.queueFacts(f)
		t.durationFacts(f)
		t.timerFacts(f)
	}
	ticketFacts(t, f)
}

// Tickets answers queries about single tickets and the queue.
type Tickets struct{ Views Views }

// Get returns one ticket, see Ticket. It fails with ticket.ErrNotFound.
func (q Tickets) Get(ctx context.Context, id string) ([]byte, error) {
	document, err := q.Views.Document(ctx, TicketModel, id)
	if err == nil && (document == nil || isShard(id)) {
		return nil, ticket.ErrNotFound
	}
	return document, err
}
