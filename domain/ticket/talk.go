package ticket

import (
	"time"

	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Who can read a reply, and who wrote it.
const (
	Public   = "public"
	Internal = "internal"
	Human    = "human"
	Bot      = "bot"
)

// Reply is an answer or a note of our side.
type Reply struct {
	Visibility string // Public or Internal
	Author     string // Human or Bot; Human if empty
	Channel    string
	Body       string
}

// Reply records an answer or a note, also on a settled ticket. The first public
// reply of a human stops the first-response clock (TK-01, definitions 5.1.5);
// if that had run out unnoticed, the breach is recorded first. It fails with
// ErrNotFound, input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) Reply(in Reply, p policy.Version, at time.Time) ([]Event, error) {
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	if in.Author == "" {
		in.Author = Human
	}
	var c input.Checker
	c.Required("visibility", in.Visibility)
	c.OneOf("visibility", in.Visibility, []string{Public, Internal})
	c.OneOf("author", in.Author, []string{Human, Bot})
	c.OneOf("channel", in.Channel, p.Pack.Tickets.Channels)
	c.RequiredText("body", &in.Body)
	if err := c.Err(); err != nil {
		return nil, err
	}
	response := in.Visibility == Public && in.Author == Human
	replies := t.PublicReplies
	if response {
		replies++
	}
	x := decision{ticket: t}
	x.overdue(at)
	x.record(Replied{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Visibility: in.Visibility, Author: in.Author,
		Channel: in.Channel, Body: in.Body, First: response && replies == 1, PublicReplies: replies,
		OpenedAt: t.OpenedAt, RepliedAt: at,
	})
	if response {
		x.stop(policy.FirstResponse, at)
	}
	return x.events, nil
}

// Message is a message from the customer.
type Message struct {
	Channel string
	Body    string
}

// Receive records a message from the customer. A ticket that waited for the
// customer waits no longer; a settled one stays settled. It fails with
// ErrNotFound, input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) Receive(in Message, p policy.Version, at time.Time) ([]Event, error) {
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.OneOf("channel", in.Channel, p.Pack.Tickets.Channels)
	c.RequiredText("body", &in.Body)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.record(CustomerMessaged{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Channel: in.Channel, Body: in.Body, MessagedAt: at,
	})
	if t.Status == Waiting && t.waitsFor() == policy.WaitingForCustomer && !at.Before(t.Since) {
		x.overdue(at)
		x.endWaiting(at)
		x.resume(at)
	}
	return x.events, nil
}

// LogActivity records a step of work that nothing else records, also on a
// settled ticket. It fails with ErrNotFound, input.ErrInvalid or
// input.ErrOutOfOrder.
func (t Ticket) LogActivity(activity, note string, at time.Time) ([]Event, error) {
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.RequiredName("activity", &activity)
	c.Text("note", &note)
	if err := c.Err(); err != nil {
		return nil, err
	}
	return []Event{ActivityLogged{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee,
		Activity: activity, Note: note, Number: t.Activities + 1, LoggedAt: at,
	}}, nil
}

// Wait lets an unresolved ticket wait, and pauses the clocks that the reason
// pauses. It fails with ErrNotFound, ErrResolved, ErrClosed, input.ErrInvalid
// or input.ErrOutOfOrder.
func (t Ticket) Wait(reason string, p policy.Version, at time.Time) ([]Event, error) {
	if err := t.mustBeUnresolved(); err != nil {
		return nil, err
	}
	at, err := t.since(at, t.Since)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.Required("reason", reason)
	c.OneOf("reason", reason, p.Pack.Tickets.WaitingReasons)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.overdue(at)
	if t.Status == Waiting {
		if t.waitsFor() == reason {
			return nil, nil
		}
		x.endWaiting(at)
		x.resume(at)
	}
	x.record(WaitingStarted{TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Reason: reason, StartedAt: at})
	x.pause(reason, at)
	return x.events, nil
}

// Resume ends the waiting; the clocks go on with what was left. A ticket that
// does not wait is not changed. It fails with ErrNotFound, ErrResolved,
// ErrClosed or input.ErrOutOfOrder.
func (t Ticket) Resume(at time.Time) ([]Event, error) {
	if err := t.mustBeUnresolved(); err != nil {
		return nil, err
	}
	if t.Status != Waiting {
		return nil, nil
	}
	at, err := t.since(at, t.Since)
	if err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.overdue(at)
	x.endWaiting(at)
	x.resume(at)
	return x.events, nil
}

func (x *decision) endWaiting(at time.Time) {
	t := x.ticket
	x.record(WaitingEnded{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Reason: t.waitsFor(),
		StartedAt: t.Since, EndedAt: at, Seconds: seconds(at.Sub(t.Since)),
	})
}

func (t Ticket) waitsFor() string { return t.Pauses[len(t.Pauses)-1].Reason }
