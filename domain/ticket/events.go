package ticket

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in a ticket's stream. The facts about its SLA clocks are in
// events_sla.go.
//
//sumtype:decl
type Event interface {
	domain.Event
	ticketEvent()
}

// Class sorts a ticket (TK-10..TK-12, X10, FB-05, FB-07). Its words are the policy's.
type Class struct {
	Priority   string `json:"priority" doc:"Priority, in the policy's words" example:"high"`
	Complexity string `json:"complexity" doc:"How hard it is, in the policy's words" example:"simple"`
	Type       string `json:"type,omitempty" doc:"What the ticket is about, in the policy's words" example:"complaint"` // complaint, requirement_change …
	Attribute  string `json:"attribute,omitempty" doc:"What it is aimed at" example:"product"`                          // product, service, process
	Category   string `json:"category,omitempty" doc:"Category, in the policy's words" example:"hardware"`
	Scene      string `json:"scene,omitempty" doc:"Before, during or after a sale" example:"after_sale"` // pre_sale, in_sale, after_sale
}

// Opened starts a ticket's life (TK-11).
type Opened struct {
	TicketID    string    `json:"ticket_id"`
	CustomerID  string    `json:"customer_id,omitempty"`
	Subject     string    `json:"subject"`
	Description string    `json:"description,omitempty"`
	Expectation string    `json:"expectation,omitempty"` // of the customer
	Channel     string    `json:"channel,omitempty"`
	Class                 // flat on the wire
	Assignee    string    `json:"assignee,omitempty"`
	ExternalID  string    `json:"external_id,omitempty"`
	LinkedTo    string    `json:"linked_to,omitempty"` // id of the ticket this one goes on from
	OpenedAt    time.Time `json:"opened_at"`
}

// Triaged sorts a ticket anew.
type Triaged struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Status     string    `json:"status"`
	From       Class     `json:"from"`
	To         Class     `json:"to"`
	TriagedAt  time.Time `json:"triaged_at"`
}

// Assigned hands a ticket to an agent; From is empty the first time.
type Assigned struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	From       string    `json:"from,omitempty"`
	To         string    `json:"to"`
	Status     string    `json:"status"`
	Priority   string    `json:"priority"`
	AssignedAt time.Time `json:"assigned_at"`
}

// Replied is an answer or a note of our side. First marks the first public
// reply of a human, the only thing that counts as a response (definitions 5.1.5).
type Replied struct {
	TicketID      string    `json:"ticket_id"`
	CustomerID    string    `json:"customer_id,omitempty"`
	Assignee      string    `json:"assignee,omitempty"`
	Visibility    string    `json:"visibility"` // public, internal
	Author        string    `json:"author"`     // human, bot
	Channel       string    `json:"channel,omitempty"`
	Body          string    `json:"body"`
	First         bool      `json:"first,omitempty"`
	PublicReplies int       `json:"public_replies"` // of humans, this one included
	OpenedAt      time.Time `json:"opened_at"`
	RepliedAt     time.Time `json:"replied_at"`
}

// CustomerMessaged is a message from the customer.
type CustomerMessaged struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Channel    string    `json:"channel,omitempty"`
	Body       string    `json:"body"`
	MessagedAt time.Time `json:"messaged_at"`
}

// WaitingStarted says the ticket waits for someone else.
type WaitingStarted struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Reason     string    `json:"reason"`
	StartedAt  time.Time `json:"started_at"`
}

// WaitingEnded says work on the ticket can go on.
type WaitingEnded struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Reason     string    `json:"reason"`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at"`
	Seconds    int64     `json:"seconds"`
}

// SolutionProposed offers the customer a solution. Number counts the proposals.
type SolutionProposed struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Solution   string    `json:"solution"`
	Number     int       `json:"number"`
	ProposedAt time.Time `json:"proposed_at"`
}

// Resolved says the problem is solved. Seconds is the clock time since the
// ticket was opened; WaitingSeconds of them it waited for someone else, and
// ResolvedSeconds of them it had been thought solved before.
type Resolved struct {
	TicketID        string    `json:"ticket_id"`
	CustomerID      string    `json:"customer_id,omitempty"`
	Assignee        string    `json:"assignee,omitempty"`
	Class                     // flat on the wire
	Cause           string    `json:"cause,omitempty"`
	Solution        string    `json:"solution,omitempty"`
	OpenedAt        time.Time `json:"opened_at"`
	ResolvedAt      time.Time `json:"resolved_at"`
	Seconds         int64     `json:"seconds"`
	WaitingSeconds  int64     `json:"waiting_seconds"`
	ResolvedSeconds int64     `json:"resolved_seconds"`
	PublicReplies   int       `json:"public_replies"`
	Reopened        int       `json:"reopened"`      // times
	FirstContact    bool      `json:"first_contact"` // exactly one public reply, never reopened (TK-18)
}

// ActivityLogged is a step of work on the ticket that nothing else records, as
// other help desks log them by name. Number counts the steps.
type ActivityLogged struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	Activity   string    `json:"activity"`
	Note       string    `json:"note,omitempty"`
	Number     int       `json:"number"`
	LoggedAt   time.Time `json:"logged_at"`
}

// Closed ends a resolved ticket.
type Closed struct {
	TicketID   string    `json:"ticket_id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Assignee   string    `json:"assignee,omitempty"`
	ResolvedAt time.Time `json:"resolved_at"`
	ClosedAt   time.Time `json:"closed_at"`
}

// Reopened takes back that a ticket was resolved. What Resolved said of it is
// repeated, so that figures can be taken back without looking it up.
type Reopened struct {
	TicketID     string    `json:"ticket_id"`
	CustomerID   string    `json:"customer_id,omitempty"`
	Assignee     string    `json:"assignee,omitempty"`
	Class                  // flat on the wire
	From         string    `json:"from"` // resolved, closed
	Reason       string    `json:"reason"`
	OpenedAt     time.Time `json:"opened_at"`
	ResolvedAt   time.Time `json:"resolved_at"`
	ReopenedAt   time.Time `json:"reopened_at"`
	Seconds      int64     `json:"seconds"`       // it was resolved for
	Reopened     int       `json:"reopened"`      // times, this one included
	FirstContact bool      `json:"first_contact"` // what Resolved said; false from now on
}

// EventType is the wire name.
func (Opened) EventType() string           { return "ticket.opened.v1" }
func (Triaged) EventType() string          { return "ticket.triaged.v1" }
func (Assigned) EventType() string         { return "ticket.assigned.v1" }
func (Replied) EventType() string          { return "ticket.replied.v1" }
func (CustomerMessaged) EventType() string { return "ticket.customer_messaged.v1" }
func (WaitingStarted) EventType() string   { return "ticket.waiting_started.v1" }
func (WaitingEnded) EventType() string     { return "ticket.waiting_ended.v1" }
func (SolutionProposed) EventType() string { return "ticket.solution_proposed.v1" }
func (Resolved) EventType() string         { return "ticket.resolved.v1" }
func (Closed) EventType() string           { return "ticket.closed.v1" }
func (ActivityLogged) EventType() string   { return "ticket.activity_logged.v1" }
func (Reopened) EventType() string         { return "ticket.reopened.v1" }

func (Opened) ticketEvent()           {}
func (Triaged) ticketEvent()          {}
func (Assigned) ticketEvent()         {}
func (Replied) ticketEvent()          {}
func (CustomerMessaged) ticketEvent() {}
func (WaitingStarted) ticketEvent()   {}
func (WaitingEnded) ticketEvent()     {}
func (SolutionProposed) ticketEvent() {}
func (Resolved) ticketEvent()         {}
func (Closed) ticketEvent()           {}
func (ActivityLogged) ticketEvent()   {}
func (Reopened) ticketEvent()         {}

// Types lists every wire type found in ticket streams.
var Types = []domain.Type{
	domain.Current[Opened](),
	domain.Current[Triaged](),
	domain.Current[Assigned](),
	domain.Current[Replied](),
	domain.Current[CustomerMessaged](),
	domain.Current[WaitingStarted](),
	domain.Current[WaitingEnded](),
	domain.Current[SolutionProposed](),
	domain.Current[Resolved](),
	domain.Current[Closed](),
	domain.Current[Reopened](),
	domain.Current[ActivityLogged](),
	domain.Current[SLAApplied](),
	domain.Current[SLATargetMet](),
	domain.Current[SLABreached](),
	domain.Current[SLAOverrunEnded](),
	domain.Current[SLAPaused](),
	domain.Current[SLAResumed](),
	domain.Current[SLARetargeted](),
	domain.Current[SLACancelled](),
	domain.Current[SLAWarned](),
}
