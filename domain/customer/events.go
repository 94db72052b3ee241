package customer

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in a customer's stream.
//
//sumtype:decl
type Event interface {
	domain.Event
	customerEvent()
}

// Source is where a customer came from, and when (CM-07, SP-02).
type Source struct {
	Channel    string    `json:"channel,omitempty" doc:"Channel, in the policy's words" example:"trade_show"`
	Detail     string    `json:"detail,omitempty" doc:"Campaign, event or person" example:"Canton Fair 2024"`
	AcquiredAt time.Time `json:"acquired_at,omitzero" doc:"When the information was obtained"`
}

// Details describe a customer; Change edits them one by one.
type Details struct {
	Name               string      `json:"name" doc:"Name" example:"Ningbo Precision Ltd"`
	Industry           string      `json:"industry,omitempty" doc:"Industry" example:"machinery"`
	City               string      `json:"city,omitempty" doc:"City" example:"Ningbo"`
	Region             string      `json:"region,omitempty" doc:"Region" example:"east"`
	Website            string      `json:"website,omitempty" doc:"Website" example:"https://ningbo.example"`
	CreditCode         string      `json:"credit_code,omitempty" doc:"Unified social credit code" example:"91350100M000100Y43"`
	ExternalID         string      `json:"external_id,omitempty" doc:"Its id in another system" example:"erp-4711"`
	InitialNeed        string      `json:"initial_need,omitempty" doc:"What the customer first asked for" example:"200 workstations"`
	NeedType           string      `json:"need_type,omitempty" doc:"Kind of need, in the policy's words" example:"purchase"` // CM-27
	DecisionPreference string      `json:"decision_preference,omitempty" doc:"What the customer decides by" example:"price"` // CM-13
	ParentID           string      `json:"parent_id,omitempty" doc:"Customer that it belongs to, such as its group"`         // of the group it belongs to (CM-15)
	Birthday           domain.Date `json:"birthday,omitempty" doc:"Birthday of the person" example:"1980-02-29"`             // EN-06
	Anniversary        domain.Date `json:"anniversary,omitempty" doc:"Anniversary of the company" example:"2001-09-01"`      // of the company (EN-04)
}

// Registered starts a customer's file (CM-04). Its contacts and tags follow as
// facts of their own.
type Registered struct {
	CustomerID   string    `json:"customer_id"`
	Number       string    `json:"number,omitempty"` // CM-05
	Kind         string    `json:"kind"`             // organisation, person
	Details                // flat on the wire
	Source       Source    `json:"source,omitzero"`
	Owner        string    `json:"owner,omitempty"`
	Stage        string    `json:"stage"` // of the lifecycle
	RegisteredAt time.Time `json:"registered_at"`
}

// DetailsChanged edits details; only what differs is listed.
type DetailsChanged struct {
	CustomerID string   `json:"customer_id"`
	Changes    []Change `json:"changes"`
}

// Change is one edited field, by its name on the wire.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// SourceRecorded corrects where a customer came from.
type SourceRecorded struct {
	CustomerID string `json:"customer_id"`
	From       Source `json:"from"`
	To         Source `json:"to"`
}

// Contact is one way to reach a customer, and whom it reaches.
type Contact struct {
	ID       string `json:"contact_id" doc:"Id of the contact"`
	Kind     string `json:"kind" doc:"What kind of contact it is" example:"email"`                         // email, mobile, phone, wechat, address, other
	Value    string `json:"value" doc:"Address or number, in its normal form" example:"li@ningbo.example"` // normalised where the kind has a normal form
	Person   string `json:"person,omitempty" doc:"Whose it is" example:"Li Wei"`
	Position string `json:"position,omitempty" doc:"Position of that person" example:"purchasing manager"`
	Role     string `json:"role,omitempty" doc:"Role in decisions, in the policy's words" example:"decision_maker"` // decision_maker … (CM-13)
}

// ContactAdded adds a way to reach the customer.
type ContactAdded struct {
	CustomerID string `json:"customer_id"`
	Contact
}

// ContactVerified confirms a contact. Two confirmations verify it (CM-11).
type ContactVerified struct {
	CustomerID string `json:"customer_id"`
	Contact
	Confirmations int  `json:"confirmations"`
	Verified      bool `json:"verified"`
}

// ContactRemoved takes a contact away.
type ContactRemoved struct {
	CustomerID string `json:"customer_id"`
	Contact
	Confirmations int    `json:"confirmations"`
	Verified      bool   `json:"verified"`
	Reason        string `json:"reason,omitempty"`
}

// InteractionLogged says we were in touch. TwoWay tells whether the customer
// was, too: mass mail is not (definitions 5.7).
type InteractionLogged struct {
	CustomerID    string    `json:"customer_id"`
	InteractionID string    `json:"interaction_id"`
	Direction     string    `json:"direction"` // inbound, outbound
	Channel       string    `json:"channel"`
	TwoWay        bool      `json:"two_way"`
	Summary       string    `json:"summary,omitempty"`
	ContactID     string    `json:"contact_id,omitempty"`
	DealID        string    `json:"deal_id,omitempty"`
	TicketID      string    `json:"ticket_id,omitempty"`
	Owner         string    `json:"owner,omitempty"` // of the customer
	At            time.Time `json:"at"`
}

// Tag sorts a customer in one of the policy's dimensions.
type Tag struct {
	Dimension string `json:"dimension" doc:"Dimension, in the policy's words" example:"industry"`
	Value     string `json:"value" doc:"Value in that dimension" example:"machinery"`
}

// TagAdded tags the customer (CM-18).
type TagAdded struct {
	CustomerID string `json:"customer_id"`
	Tag
}

// TagRemoved takes a tag away (CM-24). ReplacedBy is the new value, if a
// dimension that takes one value got another.
type TagRemoved struct {
	CustomerID string `json:"customer_id"`
	Tag
	ReplacedBy string `json:"replaced_by,omitempty"`
}

// OwnerAssigned gives the customer to another owner (RB-07).
type OwnerAssigned struct {
	CustomerID string `json:"customer_id"`
	From       string `json:"from,omitempty"`
	To         string `json:"to"`
}

// LifecycleStageChanged moves the customer through its lifecycle (LC-01).
// Trigger is the rule that did it, or manual (X4). EffectiveAt is when it came
// about, which may be before it was noticed.
type LifecycleStageChanged struct {
	CustomerID  string    `json:"customer_id"`
	Owner       string    `json:"owner,omitempty"`
	From        string    `json:"from"`
	To          string    `json:"to"`
	Trigger     string    `json:"trigger"`
	Reason      string    `json:"reason,omitempty"`
	DealID      string    `json:"deal_id,omitempty"` // whose fact triggered it
	EnteredAt   time.Time `json:"entered_at"`        // From
	EffectiveAt time.Time `json:"effective_at"`
}

// EventType is the wire name.
func (Registered) EventType() string            { return "customer.registered.v1" }
func (DetailsChanged) EventType() string        { return "customer.details_changed.v1" }
func (SourceRecorded) EventType() string        { return "customer.source_recorded.v1" }
func (ContactAdded) EventType() string          { return "customer.contact_added.v1" }
func (ContactVerified) EventType() string       { return "customer.contact_verified.v1" }
func (ContactRemoved) EventType() string        { return "customer.contact_removed.v1" }
func (InteractionLogged) EventType() string     { return "customer.interaction_logged.v1" }
func (TagAdded) EventType() string              { return "customer.tag_added.v1" }
func (TagRemoved) EventType() string            { return "customer.tag_removed.v1" }
func (OwnerAssigned) EventType() string         { return "customer.owner_assigned.v1" }
func (LifecycleStageChanged) EventType() string { return "customer.lifecycle_stage_changed.v1" }

func (Registered) customerEvent()            {}
func (DetailsChanged) customerEvent()        {}
func (SourceRecorded) customerEvent()        {}
func (ContactAdded) customerEvent()          {}
func (ContactVerified) customerEvent()       {}
func (ContactRemoved) customerEvent()        {}
func (InteractionLogged) customerEvent()     {}
func (TagAdded) customerEvent()              {}
func (TagRemoved) customerEvent()            {}
func (OwnerAssigned) customerEvent()         {}
func (LifecycleStageChanged) customerEvent() {}

// Types lists every wire type found in customer streams.
var Types = []domain.Type{
	domain.Current[Registered](),
	domain.Current[DetailsChanged](),
	domain.Current[SourceRecorded](),
	domain.Current[ContactAdded](),
	domain.Current[ContactVerified](),
	domain.Current[ContactRemoved](),
	domain.Current[InteractionLogged](),
	domain.Current[TagAdded](),
	domain.Current[TagRemoved](),
	domain.Current[OwnerAssigned](),
	domain.Current[LifecycleStageChanged](),
}
