// Package customer decides what may be recorded about a customer: one file per
// customer, its contacts, tags, owner, and place in the lifecycle (CM-*, LC-01).
// Whether another customer is the same is settled through the keys of keys.go.
package customer

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Reasons a customer refuses a command.
var (
	ErrNotFound         = &domain.Error{Kind: domain.Missing, Code: "customer_not_found", Message: "no such customer"}
	ErrExists           = &domain.Error{Kind: domain.Refused, Code: "customer_exists", Message: "this customer was registered already"}
	ErrNoContact        = &domain.Error{Kind: domain.Missing, Code: "contact_not_found", Message: "the customer has no contact with this id", Field: "contact_id"}
	ErrContactExists    = &domain.Error{Kind: domain.Refused, Code: "contact_exists", Message: "the customer has this contact already", Field: "value"}
	ErrTooMany          = &domain.Error{Kind: domain.Refused, Code: "too_many", Message: "the customer has as many of these as fit; remove one first"}
	ErrUnknownStage     = &domain.Error{Kind: domain.Invalid, Code: "unknown_stage", Message: "the policy has no such lifecycle stage", Field: "stage"}
	ErrUnknownDimension = &domain.Error{Kind: domain.Invalid, Code: "unknown_tag_dimension", Message: "the policy has no such tag dimension", Field: "dimension"}
	ErrUnknownTagValue  = &domain.Error{Kind: domain.Invalid, Code: "unknown_tag_value", Message: "the tag dimension has no such value", Field: "value"}
	ErrReason           = &domain.Error{Kind: domain.Invalid, Code: "reason_required", Message: "say why", Field: "reason"}
)

// Kinds of customers (CM-01).
const (
	Organisation = "organisation"
	Person       = "person"
)

// As many contacts and tags as one customer takes.
const (
	MaxContacts = 50
	MaxTags     = 100
)

// Customer is what decisions about a customer need to know.
type Customer struct {
	ID         string      `json:"id"`
	Kind       string      `json:"kind"`
	Details    Details     `json:"details"`
	Source     Source      `json:"source,omitzero"`
	Owner      string      `json:"owner,omitempty"`
	Stage      string      `json:"stage"`
	StageSince time.Time   `json:"stage_since"`
	Since      time.Time   `json:"since"` // registered
	Contacts   []Confirmed `json:"contacts,omitempty"`
	Tags       []Tag       `json:"tags,omitempty"`
}

// Confirmed is a contact and how often it was confirmed.
type Confirmed struct {
	Contact
	Confirmations int `json:"confirmations,omitempty"`
}

// Aggregate says where customers are kept.
var Aggregate = domain.Aggregate[Customer, Event]{
	Category: "customer", Evolve: Evolve, Snapshot: 2, NotFound: ErrNotFound,
	Began: func(c Customer) time.Time { return c.Since },
	Whose: func(c Customer) (string, string) { return c.Owner, "" },
}

// Evolve is the customer after e. States are shared, so slices are never
// changed in place.
func Evolve(c Customer, e Event) Customer {
	switch e := e.(type) {
	case Registered:
		c = Customer{
			ID: e.CustomerID, Kind: e.Kind, Details: e.Details, Source: e.Source,
			Owner: e.Owner, Stage: e.Stage, StageSince: e.RegisteredAt, Since: e.RegisteredAt,
		}
	case DetailsChanged:
		for _, change := range e.Changes {
			if value := c.Details.field(change.Field); value != nil {
				*value = change.To
			}
		}
	case SourceRecorded:
		c.Source = e.To
	case ContactAdded:
		c.Contacts = append(slices.Clip(c.Contacts), Confirmed{Contact: e.Contact})
	case ContactVerified:
		c.Contacts = slices.Clone(c.Contacts)
		for i := range c.Contacts {
			if c.Contacts[i].ID == e.ID {
				c.Contacts[i].Confirmations = e.Confirmations
			}
		}
	case ContactRemoved:
		c.Contacts = slices.DeleteFunc(slices.Clone(c.Contacts), func(x Confirmed) bool { return x.ID == e.ID })
	case InteractionLogged:
		// nothing is decided by it
	case TagAdded:
		c.Tags = append(slices.Clip(c.Tags), e.Tag)
	case TagRemoved:
		c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), func(t Tag) bool { return t == e.Tag })
	case OwnerAssigned:
		c.Owner = e.To
	case LifecycleStageChanged:
		c.Stage, c.StageSince = e.To, e.EffectiveAt
	}
	return c
}

// decision collects events and what they make of the customer, for commands
// that record more than one.
type decision struct {
	customer Customer
	events   []Event
}

func (x *decision) record(e Event) {
	x.customer = Evolve(x.customer, e)
	x.events = append(x.events, e)
}
