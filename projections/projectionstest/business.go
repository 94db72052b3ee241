package projectionstest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// Business is the history of an organisation as the domain decides it: customers
// with their contacts, deals and tickets, every kind of correction, and a policy
// that changes half-way.
func Business(customers int, seed uint64) []domain.Recorded {
	b := &business{random: rand.New(rand.NewPCG(seed, 17))} //nolint:gosec // a test wants the same numbers again
	later := policy.Standard()
	later.Zone, later.Customers.DormantAfter, later.Tickets.FirstFixSeconds = "Europe/Berlin", "P150D", 3*86400
	for i, v := range []policy.Published{
		{Version: 1, Pack: policy.Standard()},
		{Version: 2, Pack: later, EffectiveFrom: time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)},
	} {
		b.policy = policy.Evolve(b.policy, v)
		b.facts = append(b.facts, Fact{Stream: "policy-standard", Event: v, At: time.Date(2023, 12, 1, 0, i, 0, 0, time.UTC)})
	}
	for i := range customers {
		b.customer(fmt.Sprintf("0c%06d-0000-5000-8000-000000000000", i))
	}
	slices.SortStableFunc(b.facts, func(x, y Fact) int { return x.At.Compare(y.At) })
	return History(b.facts...)
}

type business struct {
	random *rand.Rand
	policy policy.Policy
	facts  []Fact
	ids    int
}

func (b *business) later(at time.Time, days int) time.Time {
	return at.Add(time.Duration(1+b.random.IntN(days*86400)) * time.Second)
}

func (b *business) id(kind int) string {
	b.ids++
	return fmt.Sprintf("%02x%06d-0000-5000-8000-000000000000", kind, b.ids)
}

// does records what was decided, and is the state after it.
func does[S any, E domain.Event](b *business, agg domain.Aggregate[S, E], id string, state S, at time.Time, events []E, err error) S {
	if err != nil {
		return state
	}
	for _, e := range events {
		state = agg.Evolve(state, e)
		b.facts = append(b.facts, Fact{Stream: agg.Stream(id), Event: e, At: at})
	}
	return state
}

func (b *business) customer(id string) {
	at := time.Date(2024, 1, 1, 8, 0, b.random.IntN(200*86400), 0, time.UTC)
	p := b.policy.InForce(at)
	events, err := customer.Customer{}.Register(customer.Registration{
		CustomerID: id, Owner: []string{"ann", "bob"}[b.random.IntN(2)],
		Details: customer.Details{Name: "Customer " + id[:8], Industry: []string{"retail", "manufacturing", ""}[b.random.IntN(3)]},
	}, p, at)
	c := does(b, customer.Aggregate, id, customer.Customer{}, at, events, err)
	for range b.random.IntN(8) {
		at = b.later(at, 70)
		p := b.policy.InForce(at)
		switch b.random.IntN(5) {
		case 0:
			events, err = c.Assign([]string{"ann", "bob", "eve"}[b.random.IntN(3)])
		case 1:
			events, err = c.AddTag(customer.Tag{Dimension: "risk", Value: "late payment"}, p)
		case 2:
			b.deal(id, at)
			continue
		case 3:
			b.ticket(id, at)
			continue
		default:
			events, err = c.LogInteraction(customer.Interaction{InteractionID: b.id(1), Direction: customer.Inbound, Channel: "phone"}, p, at)
		}
		c = does(b, customer.Aggregate, id, c, at, events, err)
	}
}

func (b *business) deal(customerID string, at time.Time) {
	id := b.id(0xd)
	amount := domain.Money{Minor: int64(1+b.random.IntN(90)) * 100_000, Currency: "CNY"}
	events, err := deal.Deal{}.Open(deal.Opening{DealID: id, CustomerID: customerID, Title: "pumps", Owner: "ann", Amount: amount, Product: "GTX", Region: "east"}, b.policy.InForce(at), at)
	d := does(b, deal.Aggregate, id, deal.Deal{}, at, events, err)
	for range b.random.IntN(7) {
		at = b.later(at, 30)
		p := b.policy.InForce(at)
		switch b.random.IntN(7) {
		case 0:
			events, err = d.SendQuote(deal.Quoting{Amount: amount}, p, at)
		case 1:
			events, err = d.SignContract(deal.Signing{Amount: amount}, p, at)
		case 2:
			events, err = d.RecordPayment(deal.Paying{Amount: domain.Money{Minor: amount.Minor / 2, Currency: "CNY"}}, p, at)
		case 3:
			events, err = d.Win(deal.Winning{}, p, at)
		case 4:
			events, err = d.Lose(deal.Losing{Reason: "price"}, p, at)
		case 5:
			events, err = d.Reopen("again", p, at)
		default:
			events, err = d.Move(policy.Lead, "back", p, at)
		}
		d = does(b, deal.Aggregate, id, d, at, events, err)
	}
}

func (b *business) ticket(customerID string, at time.Time) {
	id := b.id(0xf)
	events, err := ticket.Ticket{}.Open(ticket.Opening{TicketID: id, CustomerID: customerID, Subject: "noise", Assignee: "sue", Class: ticket.Class{Category: "product_quality"}}, b.policy.InForce(at), at)
	t := does(b, ticket.Aggregate, id, ticket.Ticket{}, at, events, err)
	for range b.random.IntN(7) {
		at = b.later(at, 2)
		p := b.policy.InForce(at)
		switch b.random.IntN(5) {
		case 0:
			events, err = t.Reply(ticket.Reply{Visibility: ticket.Public, Body: "soon"}, p, at)
		case 1:
			events, err = t.Wait(policy.WaitingForCustomer, p, at)
		case 2:
			events, err = t.Receive(ticket.Message{Body: "well?"}, p, at)
		case 3:
			events, err = t.Resolve(ticket.Resolution{}, at)
		default:
			events, err = t.Reopen("again", p, at)
		}
		t = does(b, ticket.Aggregate, id, t, at, events, err)
	}
	does(b, ticket.Aggregate, id, t, at.AddDate(0, 0, 5), t.RunOut(at.AddDate(0, 0, 5)), nil)
}
