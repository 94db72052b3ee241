package ticket

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Opening is the wish for a ticket. Only a subject is needed; priority and
// complexity are the policy's defaults if empty.
type Opening struct {
	TicketID    string
	CustomerID  string
	Subject     string
	Description string
	Expectation string
	Channel     string
	Class       Class
	Assignee    string
	ExternalID  string
	LinkedTo    string
}

// Open starts a ticket and the clocks of the SLA that fits it. It fails with
// ErrExists or input.ErrInvalid.
func (t Ticket) Open(in Opening, p policy.Version, at time.Time) ([]Event, error) {
	if t.ID != "" {
		return nil, ErrExists
	}
	rules := p.Pack.Tickets
	if in.Class.Priority == "" {
		in.Class.Priority = rules.DefaultPriority
	}
	if in.Class.Complexity == "" {
		in.Class.Complexity = rules.DefaultComplexity
	}
	var c input.Checker
	c.Required("ticket_id", in.TicketID)
	c.RequiredName("subject", &in.Subject)
	c.Text("description", &in.Description)
	c.Text("expectation", &in.Expectation)
	c.OneOf("channel", in.Channel, rules.Channels)
	c.Name("assignee", &in.Assignee)
	access.CheckHolder(&c, "assignee", in.Assignee)
	c.Name("external_id", &in.ExternalID)
	in.Class.check(&c, rules)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{ticket: t}
	x.record(Opened{
		TicketID: in.TicketID, CustomerID: in.CustomerID, Subject: in.Subject, Description: in.Description,
		Expectation: in.Expectation, Channel: in.Channel, Class: in.Class, Assignee: in.Assignee,
		ExternalID: in.ExternalID, LinkedTo: in.LinkedTo, OpenedAt: domain.Instant(at),
	})
	x.apply(p)
	return x.events, nil
}

// Sorting is a wish to sort a ticket anew. Nil leaves a field as it is.
type Sorting struct {
	Priority   *string
	Complexity *string
	Type       *string
	Attribute  *string
	Category   *string
	Scene      *string
}

// Triage sorts a ticket anew, a settled one too, and holds its running clocks
// against the targets that fit it then (X10). It fails with ErrNotFound,
// input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) Triage(in Sorting, p policy.Version, at time.Time) ([]Event, error) {
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	to := t.Class
	for _, edit := range []struct{ from, to *string }{
		{in.Priority, &to.Priority},
		{in.Complexity, &to.Complexity},
		{in.Type, &to.Type},
		{in.Attribute, &to.Attribute},
		{in.Category, &to.Category},
		{in.Scene, &to.Scene},
	} {
		if edit.from != nil {
			*edit.to = *edit.from
		}
	}
	var c input.Checker
	c.Required("priority", to.Priority)
	c.Required("complexity", to.Complexity)
	to.check(&c, p.Pack.Tickets)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if to == t.Class {
		return nil, nil
	}
	x := decision{ticket: t}
	x.overdue(at)
	x.record(Triaged{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee, Status: t.Status, From: t.Class, To: to, TriagedAt: at,
	})
	x.retarget(p, at)
	return x.events, nil
}

// Assign hands an unresolved ticket to an agent. It fails with ErrNotFound,
// ErrResolved, ErrClosed, input.ErrInvalid or input.ErrOutOfOrder.
func (t Ticket) Assign(agent string, at time.Time) ([]Event, error) {
	if err := t.mustBeUnresolved(); err != nil {
		return nil, err
	}
	at, err := t.since(at, t.OpenedAt)
	if err != nil {
		return nil, err
	}
	var c input.Checker
	c.RequiredName("assignee", &agent)
	access.CheckHolder(&c, "assignee", agent)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if agent == t.Assignee {
		return nil, nil
	}
	return []Event{Assigned{
		TicketID: t.ID, CustomerID: t.CustomerID, From: t.Assignee, To: agent,
		Status: t.Status, Priority: t.Class.Priority, AssignedAt: at,
	}}, nil
}

func (c Class) check(check *input.Checker, rules policy.Tickets) {
	check.OneOf("priority", c.Priority, rules.Priorities)
	check.OneOf("complexity", c.Complexity, rules.Complexities)
	check.OneOf("type", c.Type, rules.Types)
	check.OneOf("attribute", c.Attribute, rules.Attributes)
	check.OneOf("category", c.Category, rules.Categories)
	check.OneOf("scene", c.Scene, rules.Scenes)
}

// since is at, if that does not lie before last. It fails with ErrNotFound or
// input.ErrOutOfOrder.
func (t Ticket) since(at, last time.Time) (time.Time, error) {
	if t.ID == "" {
		return at, ErrNotFound
	}
	return input.NotBefore(at, last)
}

func (t Ticket) mustBeUnresolved() error {
	switch t.Status {
	case "":
		return ErrNotFound
	case StatusResolved:
		return ErrResolved
	case StatusClosed:
		return ErrClosed
	}
	return nil
}
