package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/ticket"
)

// Kind is a kind of record that has a history: customers, deals, tickets.
type Kind struct {
	Name     string // as in paths
	Category string // of its streams
	Model    Model
	Missing  *domain.Error // for an id that no such record has
	Title    string        // field that says which one it is
	Holds    []Held        // kinds whose records belong to one of this kind
	Rules    []Rule        // why its fields are what they are
	// Says is what an event is about and what it changed; nil: that is found by
	// comparing documents.
	Says func(domain.Event) (about string, changes []Change)
}

// Held says how records of a kind belong to another one.
type Held struct {
	Kind    *Kind
	Field   string   // holds the id of whom it belongs to
	Indexes []string // of the read model of Kind: with an id behind, what belongs or once belonged to that
}

// Kinds lists every kind of record that has a history, by name.
func Kinds() map[string]*Kind {
	deals := &Kind{
		Name: "deals", Category: deal.Aggregate.Category, Model: DealModel, Missing: deal.ErrNotFound, Title: "title", Rules: dealRules,
	}
	tickets := &Kind{
		Name: "tickets", Category: ticket.Aggregate.Category, Model: TicketModel, Missing: ticket.ErrNotFound, Title: "subject", Rules: ticketRules,
	}
	customers := &Kind{
		Name: "customers", Category: customer.Aggregate.Category, Model: CustomerModel, Missing: customer.ErrNotFound, Title: "name", Rules: customerRules,
		Holds: []Held{
			{deals, "customer_id", []string{dealsByCustomer, dealsFormer}},
			{tickets, "customer_id", []string{ticketsByCustomer}},
		},
	}
	return map[string]*Kind{customers.Name: customers, deals.Name: deals, tickets.Name: tickets}
}

// member is a record that belongs, or once belonged, to another one.
type member struct {
	kind     *Kind
	field    string // that says whose it is
	id       string
	revision uint64 // the read model has taken in
}

func (k *Kind) stream(id string) string { return k.Category + "-" + id }

// membersAtOnce are read from an index at a time.
const membersAtOnce = 1000

// members finds what belongs, or once belonged, to a record of kind k.
func (k *Kind) members(ctx context.Context, views Views, id string) ([]member, error) {
	var all []member
	found := map[string]bool{}
	for _, held := range k.Holds {
		for _, index := range held.Indexes {
			scan := Scan{Index: index + id, Limit: membersAtOnce}
			for {
				scanned, err := views.Scan(ctx, held.Kind.Model, scan)
				if err != nil {
					return nil, fmt.Errorf("%s of %s: %w", held.Kind.Name, id, err)
				}
				for _, document := range scanned.Documents {
					var head Head
					if document == nil {
						continue // gone from the index since
					}
					if err := json.Unmarshal(document, &head); err != nil {
						return nil, fmt.Errorf("%s of %s: %w", held.Kind.Name, id, err)
					}
					if !found[head.ID] {
						found[head.ID] = true
						all = append(all, member{kind: held.Kind, field: held.Field, id: head.ID, revision: head.Revision})
					}
				}
				if len(scanned.Members) < scan.Limit {
					break
				}
				scan.After = scanned.Members[len(scanned.Members)-1]
			}
		}
	}
	return all, nil
}
