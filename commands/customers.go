package commands

import (
	"context"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/ticket"
)

// CustomerRef is embedded by the commands on one customer.
type CustomerRef struct {
	CustomerID string `json:"customer_id" doc:"Id of the customer" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
}

// ChangeCustomerDetails edits what describes a customer; fields left out stay,
// empty ones are cleared.
type ChangeCustomerDetails struct {
	At
	CustomerRef
	Name               *string      `json:"name,omitempty" doc:"Name" maxLength:"200" example:"Ningbo Precision Group"`
	Industry           *string      `json:"industry,omitempty" doc:"Industry" maxLength:"200" example:"manufacturing"`
	City               *string      `json:"city,omitempty" doc:"City" maxLength:"200" example:"Ningbo"`
	Region             *string      `json:"region,omitempty" doc:"Region" maxLength:"200" example:"East"`
	Website            *string      `json:"website,omitempty" doc:"Website" maxLength:"200" example:"ningbo-precision.example"`
	CreditCode         *string      `json:"credit_code,omitempty" doc:"Unified social credit code" maxLength:"40" example:"91350100M000100Y43"`
	ExternalID         *string      `json:"external_id,omitempty" doc:"Id in another system" maxLength:"200" example:"ERP-4711"`
	InitialNeed        *string      `json:"initial_need,omitempty" doc:"What they first asked for" maxLength:"10000" example:"workstations"`
	NeedType           *string      `json:"need_type,omitempty" doc:"Kind of need, in the policy's words" maxLength:"100" example:"product_enquiry"`
	DecisionPreference *string      `json:"decision_preference,omitempty" doc:"What their decision maker looks at" maxLength:"200" example:"price"`
	ParentID           *string      `json:"parent_id,omitempty" doc:"Customer that is the group it belongs to; none if empty" pattern:"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$" patternDescription:"an id as it was given out, in lower case, or nothing" example:"7c9e6679-7425-50de-944b-e07fc1f90ae7"`
	Birthday           *domain.Date `json:"birthday,omitempty" doc:"Birthday of the person" example:"1984-02-29"`
	Anniversary        *domain.Date `json:"anniversary,omitempty" doc:"Anniversary of the company" example:"1996-10-01"`
}

// AddContact adds a way to reach a customer.
type AddContact struct {
	At
	CustomerRef
	Contact
}

// VerifyContact confirms a contact; the second confirmation verifies it.
type VerifyContact struct {
	At
	CustomerRef
	ContactID string `json:"contact_id" doc:"Id of the contact" format:"uuid" example:"7c9e6679-7425-50de-944b-e07fc1f90ae7"`
}

// RemoveContact takes a contact away.
type RemoveContact struct {
	At
	CustomerRef
	ContactID string `json:"contact_id" doc:"Id of the contact" format:"uuid" example:"7c9e6679-7425-50de-944b-e07fc1f90ae7"`
	Reason    string `json:"reason,omitempty" doc:"Why" maxLength:"200" example:"no longer works there"`
}

// LogInteraction records that we were in touch with a customer.
type LogInteraction struct {
	At
	CustomerRef
	Direction string `json:"direction" doc:"Who reached out" enum:"inbound,outbound" example:"inbound"`
	Channel   string `json:"channel" doc:"Channel, in the policy's words" minLength:"1" maxLength:"100" example:"phone"`
	TwoWay    bool   `json:"two_way,omitempty" doc:"Whether the customer answered; always so when they reached out" example:"true"`
	Summary   string `json:"summary,omitempty" doc:"What it was about" maxLength:"10000" example:"asked about after-sales policy"`
	ContactID string `json:"contact_id,omitempty" doc:"Contact that was used" format:"uuid" example:"7c9e6679-7425-50de-944b-e07fc1f90ae7"`
	DealID    string `json:"deal_id,omitempty" doc:"Deal it was about" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	TicketID  string `json:"ticket_id,omitempty" doc:"Ticket it was about" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// AddTag tags a customer in a dimension of the policy.
type AddTag struct {
	At
	CustomerRef
	Tag
}

// RemoveTag takes a tag away.
type RemoveTag struct {
	At
	CustomerRef
	Tag
}

// Tag is one value in a dimension.
type Tag struct {
	Dimension string `json:"dimension" doc:"Dimension of the policy" minLength:"1" maxLength:"200" example:"demand"`
	Value     string `json:"value" doc:"Value in it" minLength:"1" maxLength:"200" example:"training"`
}

// AssignCustomer gives a customer to another owner.
type AssignCustomer struct {
	At
	CustomerRef
	Owner string `json:"owner" doc:"Contact on our side from now on" minLength:"1" maxLength:"200" example:"bob"`
}

// ChangeLifecycleStage puts a customer into a lifecycle stage by hand.
type ChangeLifecycleStage struct {
	At
	CustomerRef
	Stage  string `json:"stage" doc:"Lifecycle stage of the policy" minLength:"1" maxLength:"100" example:"interested"`
	Reason string `json:"reason" doc:"Why, against what the deals say" minLength:"1" maxLength:"10000" example:"asked for a quote by phone"`
}

// Customers handles the commands on customers.
type Customers struct {
	Loop         *Loop
	Numbers      *Numbers
	Reservations *Reservations
}

// ChangeDetails fails with input.ErrInvalid, reservation.ErrTaken, or
// customer.ErrNotFound, also for a group that does not exist.
func (h Customers) ChangeDetails(ctx context.Context, env Envelope, c ChangeCustomerDetails) (Result, error) {
	if c.ParentID != nil {
		if err := known(ctx, h.Loop, env, customer.Aggregate, "parent_id", *c.ParentID); err != nil {
			return Result{}, err
		}
	}
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, m moment) ([]customer.Event, error) {
		return s.Change(customer.Edit{
			Name: c.Name, Industry: c.Industry, City: c.City, Region: c.Region, Website: c.Website,
			CreditCode: c.CreditCode, ExternalID: c.ExternalID, InitialNeed: c.InitialNeed, NeedType: c.NeedType,
			DecisionPreference: c.DecisionPreference, ParentID: c.ParentID, Birthday: c.Birthday, Anniversary: c.Anniversary,
		}, m.policy)
	})
}

// AddContact fails with customer.ErrContactExists, ErrTooMany or reservation.ErrTaken.
func (h Customers) AddContact(ctx context.Context, env Envelope, c AddContact) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, m moment) ([]customer.Event, error) {
		return s.AddContact(c.as(derivedAt(env.CommandID, "contact", 0)), m.policy)
	})
}

// VerifyContact fails with customer.ErrNoContact or reservation.ErrTaken.
func (h Customers) VerifyContact(ctx context.Context, env Envelope, c VerifyContact) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, _ moment) ([]customer.Event, error) {
		return s.VerifyContact(c.ContactID)
	})
}

// RemoveContact fails with customer.ErrNoContact.
func (h Customers) RemoveContact(ctx context.Context, env Envelope, c RemoveContact) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, _ moment) ([]customer.Event, error) {
		return s.RemoveContact(c.ContactID, c.Reason)
	})
}

// LogInteraction also records what happened before the customer was registered.
// It fails with input.ErrInvalid, customer.ErrNoContact, deal.ErrNotFound or
// ticket.ErrNotFound.
func (h Customers) LogInteraction(ctx context.Context, env Envelope, c LogInteraction) (Result, error) {
	if err := known(ctx, h.Loop, env, deal.Aggregate, "deal_id", c.DealID); err != nil {
		return Result{}, err
	}
	if err := known(ctx, h.Loop, env, ticket.Aggregate, "ticket_id", c.TicketID); err != nil {
		return Result{}, err
	}
	return execute(ctx, h.Loop, request[customer.Customer, customer.Event]{
		env: env, command: c, agg: customer.Aggregate, id: c.CustomerID, earlier: true,
		decide: func(s customer.Customer, m moment) ([]customer.Event, error) {
			return s.LogInteraction(customer.Interaction{
				InteractionID: derivedAt(env.CommandID, "interaction", 0), Direction: c.Direction, Channel: c.Channel,
				TwoWay: c.TwoWay, Summary: c.Summary, ContactID: c.ContactID, DealID: c.DealID, TicketID: c.TicketID,
			}, m.policy, m.at)
		},
	})
}

// AddTag fails with customer.ErrUnknownDimension, ErrUnknownTagValue or ErrTooMany.
func (h Customers) AddTag(ctx context.Context, env Envelope, c AddTag) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, m moment) ([]customer.Event, error) {
		return s.AddTag(customer.Tag(c.Tag), m.policy)
	})
}

// RemoveTag changes nothing when the customer has no such tag.
func (h Customers) RemoveTag(ctx context.Context, env Envelope, c RemoveTag) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, _ moment) ([]customer.Event, error) {
		return s.RemoveTag(customer.Tag(c.Tag))
	})
}

// Assign fails with input.ErrInvalid.
func (h Customers) Assign(ctx context.Context, env Envelope, c AssignCustomer) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, _ moment) ([]customer.Event, error) {
		return s.Assign(c.Owner)
	})
}

// ChangeStage fails with customer.ErrUnknownStage, ErrReason or input.ErrOutOfOrder.
func (h Customers) ChangeStage(ctx context.Context, env Envelope, c ChangeLifecycleStage) (Result, error) {
	return h.on(ctx, env, c.CustomerID, c, func(s customer.Customer, m moment) ([]customer.Event, error) {
		return s.ChangeStage(c.Stage, c.Reason, m.policy, m.at)
	})
}

// on claims the keys that the decided events need before they are recorded.
func (h Customers) on(ctx context.Context, env Envelope, id string, command any, decide func(customer.Customer, moment) ([]customer.Event, error)) (Result, error) {
	return execute(ctx, h.Loop, request[customer.Customer, customer.Event]{
		env: env, command: command, agg: customer.Aggregate, id: id, decide: decide,
		prepare: func(ctx context.Context, before customer.Customer, decided []customer.Event) (func(bool), error) {
			return h.Reservations.hold(ctx, env, id, before, decided)
		},
	})
}
