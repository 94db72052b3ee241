// Package ticket decides what may happen to a service ticket, and keeps its SLA
// clocks (TK-*, definitions 5.1). What a clock is held against comes from the
// policy; when it is swept is not decided here.
package ticket

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Reasons a ticket refuses a command.
var (
	ErrNotFound    = &domain.Error{Kind: domain.Missing, Code: "ticket_not_found", Message: "no such ticket"}
	ErrExists      = &domain.Error{Kind: domain.Conflict, Code: "ticket_exists", Message: "this ticket was opened already"}
	ErrResolved    = &domain.Error{Kind: domain.Refused, Code: "ticket_resolved", Message: "the ticket is resolved; reopen it first"}
	ErrClosed      = &domain.Error{Kind: domain.Refused, Code: "ticket_closed", Message: "the ticket is closed; reopen it first"}
	ErrNotResolved = &domain.Error{Kind: domain.Refused, Code: "ticket_not_resolved", Message: "the ticket is not resolved yet; resolve it first"}
	ErrGraceOver   = &domain.Error{Kind: domain.Refused, Code: "reopen_grace_over", Message: "it is too late to reopen the ticket; open a new one with linked_to set to this one"}
)

// What a ticket's status can be.
const (
	Open           = "open"
	Waiting        = "waiting"
	StatusResolved = "resolved"
	StatusClosed   = "closed"
)

// Ticket is what decisions about a ticket need to know.
type Ticket struct {
	ID            string    `json:"id"`
	CustomerID    string    `json:"customer_id,omitempty"`
	Status        string    `json:"status"`
	Since         time.Time `json:"since"` // of the status
	Class         Class     `json:"class"`
	Assignee      string    `json:"assignee,omitempty"`
	OpenedAt      time.Time `json:"opened_at"`
	ResolvedAt    time.Time `json:"resolved_at,omitzero"`
	FirstContact  bool      `json:"first_contact,omitempty"` // as Resolved said
	PublicReplies int       `json:"public_replies,omitempty"`
	Solutions     int       `json:"solutions,omitempty"`
	Activities    int       `json:"activities,omitempty"`
	Reopened      int       `json:"reopened,omitempty"`
	Pauses        []Pause   `json:"pauses,omitempty"` // in order; one at a time
	Clocks        []Clock   `json:"clocks,omitempty"`
}

// Aggregate says where tickets are kept.
var Aggregate = domain.Aggregate[Ticket, Event]{
	Category: "ticket", Evolve: Evolve, Snapshot: 1, NotFound: ErrNotFound,
	Began: func(t Ticket) time.Time { return t.OpenedAt },
	Whose: func(t Ticket) (string, string) { return t.Assignee, t.CustomerID },
}

// Evolve is the ticket after e. States are shared, so slices are never changed
// in place.
func Evolve(t Ticket, e Event) Ticket {
	switch e := e.(type) {
	case Opened:
		t = Ticket{
			ID: e.TicketID, CustomerID: e.CustomerID, Status: Open, Since: e.OpenedAt,
			Class: e.Class, Assignee: e.Assignee, OpenedAt: e.OpenedAt,
		}
	case Triaged:
		t.Class = e.To
	case Assigned:
		t.Assignee = e.To
	case Replied:
		t.PublicReplies = e.PublicReplies
	case CustomerMessaged:
		// nothing is decided by it
	case WaitingStarted:
		t.Status, t.Since = Waiting, e.StartedAt
		t.Pauses = append(slices.Clip(t.Pauses), Pause{Reason: e.Reason, From: e.StartedAt})
	case WaitingEnded:
		t.Status, t.Since = Open, e.EndedAt
		t.Pauses = ended(t.Pauses, e.EndedAt)
	case SolutionProposed:
		t.Solutions = e.Number
	case Resolved:
		t.Status, t.Since, t.ResolvedAt, t.FirstContact = StatusResolved, e.ResolvedAt, e.ResolvedAt, e.FirstContact
		t.Pauses = append(slices.Clip(t.Pauses), Pause{Reason: whileResolved, From: e.ResolvedAt})
	case Closed:
		t.Status, t.Since = StatusClosed, e.ClosedAt
	case Reopened:
		t.Status, t.Since, t.ResolvedAt, t.Reopened = Open, e.ReopenedAt, time.Time{}, e.Reopened
		t.Pauses = ended(t.Pauses, e.ReopenedAt)
		t = t.withClock(policy.Resolution, func(c *Clock) { c.StoppedAt = time.Time{} })
	case ActivityLogged:
		t.Activities = e.Number
	case SLAApplied:
		t.Clocks = nil
		for _, a := range e.Targets {
			t.Clocks = append(t.Clocks, Clock{
				Target: a.Target, State: Running, Seconds: a.Seconds, PausedBy: a.PausedBy, StartedAt: a.StartedAt, DueAt: a.DueAt,
			})
		}
	case SLATargetMet:
		t = t.withClock(e.Target, func(c *Clock) { c.State, c.StoppedAt = Met, e.MetAt })
	case SLABreached:
		t = t.withClock(e.Target, func(c *Clock) { c.State, c.DueAt, c.BreachedAt = Breached, e.DueAt, e.EffectiveAt })
	case SLAOverrunEnded:
		t = t.withClock(e.Target, func(c *Clock) { c.StoppedAt = e.StoppedAt })
	case SLAPaused:
		t = t.withClock(e.Target, func(c *Clock) { c.State, c.DueAt = Paused, time.Time{} })
	case SLAResumed:
		t = t.withClock(e.Target, func(c *Clock) { c.State, c.DueAt, c.StoppedAt = Running, e.DueAt, time.Time{} })
	case SLARetargeted:
		if _, ok := t.clock(e.Target); !ok {
			t.Clocks = append(slices.Clip(t.Clocks), Clock{Target: e.Target})
		}
		t = t.withClock(e.Target, func(c *Clock) {
			c.State, c.Seconds, c.PausedBy, c.StartedAt, c.DueAt, c.WarnedPct = Running, e.ToSeconds, e.PausedBy, e.StartedAt, e.DueAt, 0
			if e.DueAt.IsZero() {
				c.State = Paused
			}
		})
	case SLACancelled:
		t = t.withClock(e.Target, func(c *Clock) { c.State, c.DueAt = Cancelled, time.Time{} })
	case SLAWarned:
		t = t.withClock(e.Target, func(c *Clock) { c.WarnedPct = e.Pct })
	}
	return t
}
