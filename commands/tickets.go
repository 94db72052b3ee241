package commands

import (
	"context"

	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/ticket"
)

// TicketClass sorts a ticket; the words are the policy's.
type TicketClass struct {
	Priority   string `json:"priority,omitempty" doc:"Priority; the policy's default if left out" maxLength:"100" example:"urgent"`
	Complexity string `json:"complexity,omitempty" doc:"Complexity; the policy's default if left out" maxLength:"100" example:"general"`
	Type       string `json:"type,omitempty" doc:"What brings it up" maxLength:"100" example:"complaint"`
	Attribute  string `json:"attribute,omitempty" doc:"What the problem belongs to" maxLength:"100" example:"product"`
	Category   string `json:"category,omitempty" doc:"Category" maxLength:"100" example:"product_quality"`
	Scene      string `json:"scene,omitempty" doc:"When in the customer's dealings with us" maxLength:"100" example:"after_sale"`
}

// OpenTicket starts a ticket and its SLA clocks.
type OpenTicket struct {
	At
	TicketClass
	Subject     string `json:"subject" doc:"What it is about, in a line" minLength:"1" maxLength:"200" example:"Fan makes noise"`
	Description string `json:"description,omitempty" doc:"The problem" maxLength:"10000" example:"Since Monday, under load."`
	Expectation string `json:"expectation,omitempty" doc:"What the customer expects" maxLength:"10000" example:"A new fan this week."`
	Channel     string `json:"channel,omitempty" doc:"How it came in" maxLength:"100" example:"phone"`
	CustomerID  string `json:"customer_id,omitempty" doc:"Customer, if known" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
	Assignee    string `json:"assignee,omitempty" doc:"Agent, if one has it already" maxLength:"200" example:"sue"`
	ExternalID  string `json:"external_id,omitempty" doc:"Id in another system; no other ticket may have it" maxLength:"200" example:"2"`
	LinkedTo    string `json:"linked_to,omitempty" doc:"Ticket that this one goes on from" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// TicketRef is embedded by the commands on one ticket.
type TicketRef struct {
	TicketID string `json:"ticket_id" doc:"Id of the ticket" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// TriageTicket sorts a ticket anew; fields left out stay.
type TriageTicket struct {
	At
	TicketRef
	Priority   *string `json:"priority,omitempty" doc:"Priority" maxLength:"100" example:"urgent"`
	Complexity *string `json:"complexity,omitempty" doc:"Complexity" maxLength:"100" example:"complex"`
	Type       *string `json:"type,omitempty" doc:"What brings it up" maxLength:"100" example:"complaint"`
	Attribute  *string `json:"attribute,omitempty" doc:"What the problem belongs to" maxLength:"100" example:"product"`
	Category   *string `json:"category,omitempty" doc:"Category" maxLength:"100" example:"product_quality"`
	Scene      *string `json:"scene,omitempty" doc:"When in the customer's dealings with us" maxLength:"100" example:"after_sale"`
}

// AssignTicket hands a ticket to an agent.
type AssignTicket struct {
	At
	TicketRef
	Assignee string `json:"assignee" doc:"Agent" minLength:"1" maxLength:"200" example:"sue"`
}

// ReplyToTicket records an answer to the customer, or a note.
type ReplyToTicket struct {
	At
	TicketRef
	Visibility string `json:"visibility" doc:"public reaches the customer; internal is a note" enum:"public,internal" example:"public"`
	Author     string `json:"author,omitempty" doc:"Only the reply of a human counts as a response; human if left out" enum:"human,bot" example:"human"`
	Channel    string `json:"channel,omitempty" doc:"How it was sent" maxLength:"100" example:"email"`
	Body       string `json:"body" doc:"What was said" minLength:"1" maxLength:"10000" example:"Received; a technician calls you today."`
}

// ReceiveMessage records a message from the customer.
type ReceiveMessage struct {
	At
	TicketRef
	Channel string `json:"channel,omitempty" doc:"How it came in" maxLength:"100" example:"email"`
	Body    string `json:"body" doc:"What the customer said" minLength:"1" maxLength:"10000" example:"It still rattles."`
}

// WaitForCustomer lets a ticket wait, and pauses the clocks that the policy
// pauses for the reason.
type WaitForCustomer struct {
	At
	TicketRef
	Reason string `json:"reason,omitempty" doc:"Whom it waits for; the customer if left out" maxLength:"100" example:"customer"`
}

// ResumeTicket ends the waiting.
type ResumeTicket struct {
	At
	TicketRef
}

// ProposeSolution offers the customer a solution.
type ProposeSolution struct {
	At
	TicketRef
	Solution string `json:"solution" doc:"What is proposed" minLength:"1" maxLength:"10000" example:"Replace the fan on Thursday."`
}

// ResolveTicket says the problem is solved.
type ResolveTicket struct {
	At
	TicketRef
	Cause    string `json:"cause,omitempty" doc:"What caused it" maxLength:"10000" example:"worn bearing"`
	Solution string `json:"solution,omitempty" doc:"What solved it" maxLength:"10000" example:"fan replaced"`
}

// CloseTicket ends a resolved ticket.
type CloseTicket struct {
	At
	TicketRef
}

// ReopenTicket takes back that a ticket was resolved.
type ReopenTicket struct {
	At
	TicketRef
	Reason string `json:"reason" doc:"Why" minLength:"1" maxLength:"200" example:"the noise is back"`
}

// LogTicketActivity records a step of work under the name the organisation
// knows it by, such as those of another help desk's log.
type LogTicketActivity struct {
	At
	TicketRef
	Activity string `json:"activity" doc:"Name of the step" minLength:"1" maxLength:"200" example:"take in charge"`
	Note     string `json:"note,omitempty" doc:"What was done" maxLength:"10000" example:"sent to the workshop"`
}

// BreachTicket records that an SLA clock ran out. The timer sends it; it is not
// offered to callers.
type BreachTicket struct {
	TicketRef
	Target string `json:"target"`
}

// Tickets handles the commands on service tickets.
type Tickets struct{ Loop *Loop }

// Open fails with input.ErrInvalid, customer.ErrNotFound, ticket.ErrNotFound for
// one that it should go on from, or ticket.ErrExists when a ticket with the same
// external id was opened by another request.
func (h Tickets) Open(ctx context.Context, env Envelope, c OpenTicket) (Result, error) {
	if err := known(ctx, h.Loop, env, customer.Aggregate, "customer_id", c.CustomerID); err != nil {
		return Result{}, err
	}
	if err := known(ctx, h.Loop, env, ticket.Aggregate, "linked_to", c.LinkedTo); err != nil {
		return Result{}, err
	}
	id := newID(env, ticket.Aggregate.Category, c.ExternalID)
	result, err := onNew(ctx, h.Loop, ticket.Aggregate, env, id, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Open(ticket.Opening{
			TicketID: id, CustomerID: c.CustomerID, Subject: c.Subject, Description: c.Description, Expectation: c.Expectation,
			Channel: c.Channel, Class: ticket.Class(c.TicketClass), Assignee: c.Assignee, ExternalID: c.ExternalID, LinkedTo: c.LinkedTo,
		}, m.policy, m.at)
	})
	return existing(result, err, env, ticket.ErrExists, id)
}

// Triage fails with input.ErrInvalid or input.ErrOutOfOrder.
func (h Tickets) Triage(ctx context.Context, env Envelope, c TriageTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Triage(ticket.Sorting{
			Priority: c.Priority, Complexity: c.Complexity, Type: c.Type, Attribute: c.Attribute, Category: c.Category, Scene: c.Scene,
		}, m.policy, m.at)
	})
}

// Assign fails with ticket.ErrResolved or ErrClosed.
func (h Tickets) Assign(ctx context.Context, env Envelope, c AssignTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Assign(c.Assignee, m.at)
	})
}

// Reply fails with input.ErrInvalid or input.ErrOutOfOrder.
func (h Tickets) Reply(ctx context.Context, env Envelope, c ReplyToTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Reply(ticket.Reply{Visibility: c.Visibility, Author: c.Author, Channel: c.Channel, Body: c.Body}, m.policy, m.at)
	})
}

// Receive fails with input.ErrInvalid or input.ErrOutOfOrder.
func (h Tickets) Receive(ctx context.Context, env Envelope, c ReceiveMessage) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Receive(ticket.Message{Channel: c.Channel, Body: c.Body}, m.policy, m.at)
	})
}

// Wait fails with input.ErrInvalid, ticket.ErrResolved or ErrClosed.
func (h Tickets) Wait(ctx context.Context, env Envelope, c WaitForCustomer) (Result, error) {
	if c.Reason == "" {
		c.Reason = "customer"
	}
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Wait(c.Reason, m.policy, m.at)
	})
}

// Resume fails with ticket.ErrResolved or ErrClosed.
func (h Tickets) Resume(ctx context.Context, env Envelope, c ResumeTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) { return t.Resume(m.at) })
}

// Propose fails with ticket.ErrResolved or ErrClosed.
func (h Tickets) Propose(ctx context.Context, env Envelope, c ProposeSolution) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.ProposeSolution(c.Solution, m.at)
	})
}

// Resolve fails with ticket.ErrClosed or input.ErrOutOfOrder.
func (h Tickets) Resolve(ctx context.Context, env Envelope, c ResolveTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Resolve(ticket.Resolution{Cause: c.Cause, Solution: c.Solution}, m.at)
	})
}

// Close fails with ticket.ErrNotResolved.
func (h Tickets) Close(ctx context.Context, env Envelope, c CloseTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) { return t.Close(m.at) })
}

// Reopen fails with ticket.ErrNotResolved, or with ErrGraceOver, after which a
// linked ticket is right.
func (h Tickets) Reopen(ctx context.Context, env Envelope, c ReopenTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Reopen(c.Reason, m.policy, m.at)
	})
}

// LogActivity fails with input.ErrInvalid.
func (h Tickets) LogActivity(ctx context.Context, env Envelope, c LogTicketActivity) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.LogActivity(c.Activity, c.Note, m.at)
	})
}

// Breach changes nothing when the clock is not overdue, so it may come late,
// early or twice.
func (h Tickets) Breach(ctx context.Context, env Envelope, c BreachTicket) (Result, error) {
	return h.on(ctx, env, c.TicketID, c, func(t ticket.Ticket, m moment) ([]ticket.Event, error) {
		return t.Breach(c.Target, h.Loop.now())
	})
}

func (h Tickets) on(ctx context.Context, env Envelope, id string, command any, decide func(ticket.Ticket, moment) ([]ticket.Event, error)) (Result, error) {
	return onOne(ctx, h.Loop, ticket.Aggregate, env, id, command, decide)
}
