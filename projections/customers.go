package projections

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/ticket"
)

// CustomerModel holds one card per customer. Facts of deals and tickets reach it
// only where they change what the card counts or when we were last in touch.
var CustomerModel = Declare("customers", 1, (*Customer).facts,
	On(func(c *Customer, r domain.Recorded, e customer.Registered) {
		c.Number, c.Kind, c.Details, c.Source, c.Owner = e.Number, e.Kind, e.Details, e.Source, e.Owner
		c.Stage, c.StageSince, c.RegisteredAt, c.RegisteredBy = e.Stage, e.RegisteredAt, e.RegisteredAt, r.Meta.Actor.ID
	}),
	On(func(c *Customer, _ domain.Recorded, e customer.DetailsChanged) {
		for _, change := range e.Changes {
			c.change(change.Field, change.To)
		}
	}),
	On(func(c *Customer, _ domain.Recorded, e customer.SourceRecorded) { c.Source = e.To }),
	On(func(c *Customer, _ domain.Recorded, e customer.ContactAdded) {
		c.Contacts = append(c.Contacts, CustomerContact{Contact: e.Contact})
	}),
	On(func(c *Customer, _ domain.Recorded, e customer.ContactVerified) {
		for i := range c.Contacts {
			if c.Contacts[i].ID == e.ID {
				c.Contacts[i].Confirmations, c.Contacts[i].Verified = e.Confirmations, e.Verified
			}
		}
	}),
	On(func(c *Customer, _ domain.Recorded, e customer.ContactRemoved) {
		c.Contacts = slices.DeleteFunc(c.Contacts, func(x CustomerContact) bool { return x.ID == e.ID })
	}),
	On(func(c *Customer, _ domain.Recorded, e customer.InteractionLogged) { c.interaction(e) }),
	On(func(c *Customer, _ domain.Recorded, e customer.TagAdded) { c.tag(e.Tag) }),
	On(func(c *Customer, _ domain.Recorded, e customer.TagRemoved) { c.untag(e.Tag) }),
	On(func(c *Customer, _ domain.Recorded, e customer.OwnerAssigned) { c.Owner = e.To }),
	On(func(c *Customer, _ domain.Recorded, e customer.LifecycleStageChanged) {
		c.Stage, c.StageSince = e.To, e.EffectiveAt
	}),

	About(func(e deal.Opened) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, _ deal.Opened) { c.Deals.count(deal.Open, 1) }),
	About(func(e deal.Won) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, _ deal.Won) { c.Deals.move(deal.Open, deal.StatusWon) }),
	About(func(e deal.Lost) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, _ deal.Lost) { c.Deals.move(deal.Open, deal.StatusLost) }),
	About(func(e deal.Reopened) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, e deal.Reopened) { c.Deals.move(e.From, deal.Open) }),
	About(func(e deal.DetailsChanged) string { return handedOver(e).From },
		func(c *Customer, _ domain.Recorded, e deal.DetailsChanged) { c.Deals.count(e.Status, -1) }),
	About(func(e deal.DetailsChanged) string { return handedOver(e).To },
		func(c *Customer, _ domain.Recorded, e deal.DetailsChanged) { c.Deals.count(e.Status, 1) }),

	About(func(e ticket.Opened) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, e ticket.Opened) {
			c.Tickets.Open++
			c.inTouch(e.OpenedAt, true)
		}),
	About(func(e ticket.CustomerMessaged) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, e ticket.CustomerMessaged) { c.inTouch(e.MessagedAt, true) }),
	About(answered, func(c *Customer, _ domain.Recorded, e ticket.Replied) { c.inTouch(e.RepliedAt, false) }),
	About(func(e ticket.Resolved) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, _ ticket.Resolved) {
			c.Tickets.Open, c.Tickets.Resolved = c.Tickets.Open-1, c.Tickets.Resolved+1
		}),
	About(func(e ticket.Reopened) string { return e.CustomerID },
		func(c *Customer, _ domain.Recorded, _ ticket.Reopened) {
			c.Tickets.Open, c.Tickets.Resolved = c.Tickets.Open+1, c.Tickets.Resolved-1
		}),
)

// Customer is the card of a customer (CM-01..CM-30, template 1 of CM-20).
type Customer struct {
	Head
	Number            string              `json:"number,omitempty" doc:"Readable customer number" example:"202405-001"`
	Kind              string              `json:"kind" enum:"organisation,person" doc:"What the customer is"`
	customer.Details                      // flat
	Source            customer.Source     `json:"source,omitzero" doc:"Where the customer came from, and when"`
	Owner             string              `json:"owner,omitempty" doc:"Who is responsible on our side"`
	Stage             string              `json:"stage" doc:"Of the lifecycle" example:"potential"`
	StageSince        time.Time           `json:"stage_since" doc:"When it came to that"`
	Contacts          []CustomerContact   `json:"contacts,omitempty" doc:"Ways to reach the customer"`
	Tags              map[string][]string `json:"tags,omitempty" doc:"By dimension"`
	RegisteredAt      time.Time           `json:"registered_at" doc:"When the file was started"`
	RegisteredBy      string              `json:"registered_by" doc:"Who started it"`
	FirstContactAt    time.Time           `json:"first_contact_at,omitzero" doc:"When anyone was first in touch"`
	LastInteractionAt time.Time           `json:"last_interaction_at,omitzero" doc:"When anyone was last in touch, tickets included"`
	LastTwoWayAt      time.Time           `json:"last_two_way_at,omitzero" doc:"When the customer last was, too: mass mail does not count"`
	Interactions      int                 `json:"interactions" doc:"How many were logged"`
	Latest            []Interaction       `json:"latest,omitempty" doc:"The latest logged ones, newest first; all are in the history"`
	Deals             DealCounts          `json:"deals" doc:"How many deals there are"`
	Tickets           TicketCounts        `json:"tickets" doc:"How many tickets there are"`
}

// CustomerContact is one way to reach a customer.
type CustomerContact struct {
	customer.Contact
	Confirmations int  `json:"confirmations,omitempty" doc:"How often it was confirmed"`
	Verified      bool `json:"verified" doc:"Confirmed twice"` // CM-11
}

// TicketCounts are the tickets of a customer.
type TicketCounts struct {
	Open     int `json:"open" doc:"Open and waiting"`
	Resolved int `json:"resolved" doc:"Resolved and closed"`
}

// change takes over one edited detail, by its name on the wire.
func (c *Customer) change(field, to string) {
	text, err := json.Marshal(map[string]string{field: to})
	if err == nil {
		err = json.Unmarshal(text, &c.Details)
	}
	if err != nil {
		panic(fmt.Errorf("customer detail %s: %w", field, err)) // parks the stream
	}
}

// handedOver is the change of customer among the changes of a deal, if any.
func handedOver(e deal.DetailsChanged) deal.Change {
	for _, c := range e.Changes {
		if c.Field == "customer_id" {
			return c
		}
	}
	return deal.Change{}
}

// answered is the customer who got an answer; notes and automatic replies reach
// nobody (definitions 5.1.5).
func answered(e ticket.Replied) string {
	if e.Visibility != ticket.Public || e.Author != ticket.Human {
		return ""
	}
	return e.CustomerID
}

// Customers answers queries about single customers and lists of them.
type Customers struct{ Views Views }

// Get returns one customer, see Customer. It fails with customer.ErrNotFound,
// also for an id that only deals or tickets know.
func (q Customers) Get(ctx context.Context, id string) ([]byte, error) {
	document, err := q.Views.Document(ctx, CustomerModel, id)
	if err == nil && (document == nil || bytes.HasPrefix(document, []byte(`{"id":""`))) {
		return nil, customer.ErrNotFound
	}
	return document, err
}
