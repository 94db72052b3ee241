package ticket

import (
	"time"

	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// ProposeSolution offers the customer a solution; the first one stops the
// first-solution clock (TK-02). It fails with ErrNotFound, ErrResolved,
// ErrClosed, input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) ProposeSolution(solution string, at time.Time) ([]Event, error) {
	if err := t.mustBeUnresolved(); err != nil {
		return nil, err
	}
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.RequiredText("solution", &solution)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.overdue(at)
	x.record(SolutionProposed{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee,
		Solution: solution, Number: t.Solutions + 1, ProposedAt: at,
	})
	x.stop(policy.FirstSolution, at)
	return x.events, nil
}

// Resolution is what solved a problem and what had caused it (TK-08); both may
// be left empty.
type Resolution struct {
	Cause    string
	Solution string
}

// Resolve settles a ticket: the resolution clock stops, and the first-solution
// clock if nothing had been proposed before. The first-response clock does not:
// resolving without a word is no response (definitions 5.1.5). Resolving it
// again changes nothing. It fails with ErrNotFound, ErrClosed, input.ErrInvalid
// or input.ErrOutOfOrder.
func (t Ticket) Resolve(in Resolution, at time.Time) ([]Event, error) {
	switch t.Status {
	case StatusResolved:
		return nil, nil
	case StatusClosed:
		return nil, ErrClosed
	}
	at, err := t.since(at, t.Since)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.Text("cause", &in.Cause)
	c.Text("solution", &in.Solution)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.overdue(at)
	if t.Status == Waiting {
		x.endWaiting(at)
	}
	waited, resolved := x.ticket.waited(false), x.ticket.waited(true)
	x.record(Resolved{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Class: t.Class, Cause: in.Cause, Solution: in.Solution,
		OpenedAt: t.OpenedAt, ResolvedAt: at, Seconds: seconds(at.Sub(t.OpenedAt)), WaitingSeconds: waited, ResolvedSeconds: resolved,
		PublicReplies: t.PublicReplies, Reopened: t.Reopened, FirstContact: t.PublicReplies == 1 && t.Reopened == 0,
	})
	x.stop(policy.FirstSolution, at)
	x.stop(policy.Resolution, at)
	return x.events, nil
}

// Close ends a resolved ticket; closing it again changes nothing. It fails with
// ErrNotFound, ErrNotResolved or input.ErrOutOfOrder.
func (t Ticket) Close(at time.Time) ([]Event, error) {
	switch t.Status {
	case StatusClosed:
		return nil, nil
	case Open, Waiting:
		return nil, ErrNotResolved
	}
	at, err := t.since(at, t.Since)
	if err != nil {
		return nil, err
	}
	return []Event{Closed{TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, ResolvedAt: t.ResolvedAt, ClosedAt: at}}, nil
}

// Reopen takes back that a ticket was resolved, within the policy's grace. The
// resolution clock goes on with what was left; it stood while the ticket was
// resolved (definitions 5.1.6). It fails with ErrNotFound, ErrNotResolved,
// ErrGraceOver, input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) Reopen(reason string, p policy.Version, at time.Time) ([]Event, error) {
	if t.Status == Open || t.Status == Waiting {
		return nil, ErrNotResolved
	}
	at, err := t.since(at, t.Since)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.RequiredText("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	grace := time.Duration(p.Pack.Tickets.ReopenGraceSeconds) * time.Second
	if until := t.ResolvedAt.Add(grace); !at.Before(until) {
		return nil, ErrGraceOver.Because("the ticket could be reopened until %s; open a new one with linked_to set to this one", until.Format(time.RFC3339)).
			With(LinkTo{TicketID: t.ID, Until: until})
	}
	x := decision{ticket: t}
	x.record(Reopened{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Class: t.Class, From: t.Status, Reason: reason,
		OpenedAt: t.OpenedAt, ResolvedAt: t.ResolvedAt, ReopenedAt: at, Seconds: seconds(at.Sub(t.ResolvedAt)),
		Reopened: t.Reopened + 1, FirstContact: t.FirstContact,
	})
	if c, _ := x.ticket.clock(policy.Resolution); c.State == Met {
		x.resumeClock(c, at, true)
	}
	x.retarget(p, at)
	return x.events, nil
}

// LinkTo is the detail of ErrGraceOver.
type LinkTo struct {
	TicketID string    `json:"linked_to"`
	Until    time.Time `json:"reopen_until"`
}
