package bench

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// standard is the pack that every new log starts with.
var standard = policy.Version{Number: 1, Pack: policy.Standard()}

// started is when the n-th record of a kind began: over the year before now.
func started(n int) time.Time {
	return domain.Instant(time.Now().Add(-365*24*time.Hour + time.Duration(n%360)*24*time.Hour + time.Duration(n%86_400)*time.Second))
}

func owner(n int) string { return fmt.Sprintf("owner%02d", n%owners) }

// openDeal tells whether the n-th deal was left open: three in five are. It is
// then in the first stage or, every other one, in the second.
func openDeal(n int) bool { return n%5 < 3 }

// story is a record being told, event by event.
type story[S any, E domain.Event] struct {
	state  S
	evolve func(S, E) S
	facts  []domain.Event
	err    error
}

func (s *story[S, E]) then(events []E, err error) {
	if s.err != nil {
		return
	}
	s.err = err
	for _, e := range events {
		s.state = s.evolve(s.state, e)
		s.facts = append(s.facts, e)
	}
}

type appender = func(stream string, facts []domain.Event) error

func (s *story[S, E]) end(stream string, write appender) error {
	if s.err != nil {
		return fmt.Errorf("%s: %w", stream, s.err)
	}
	return write(stream, s.facts)
}

func (s *seed) customer(n int, write appender) error {
	id, at := s.id("customer", n), started(n)
	told := story[customer.Customer, customer.Event]{evolve: customer.Evolve}
	told.then(told.state.Register(customer.Registration{
		CustomerID: id, Number: fmt.Sprintf("S%07d", n), Owner: owner(n),
		Details: customer.Details{Name: fmt.Sprintf("Customer %d Ltd", n), Industry: "manufacturing", City: "Ningbo", Region: "East"},
		Contacts: []customer.Contact{{
			ID: s.id("contact", n), Kind: "email", Value: fmt.Sprintf("office%d@seeded.example", n), Person: "Li Wei",
		}},
	}, standard, at))
	return told.end(customer.Aggregate.Stream(id), write)
}

func (s *seed) deal(n int, write appender) error {
	id, at := s.id("deal", n), started(n)
	told := story[deal.Deal, deal.Event]{evolve: deal.Evolve}
	told.then(told.state.Open(deal.Opening{
		DealID: id, CustomerID: s.id("customer", n*customersPerRound/dealsPerRound), Title: fmt.Sprintf("%d workstations", 10+n%300), Owner: owner(n / 2),
		Amount: domain.Money{Minor: int64(100_000 + n%997*1000), Currency: "CNY"}, Product: fmt.Sprintf("product%d", n%7), Region: fmt.Sprintf("region%d", n%5),
	}, standard, at))
	if n%2 == 1 || !openDeal(n) {
		told.then(told.state.Move(policy.Opportunity, "", standard, at.Add(24*time.Hour)))
	}
	if openDeal(n) {
		return told.end(deal.Aggregate.Stream(id), write)
	}
	told.then(told.state.SendQuote(deal.Quoting{Amount: told.state.Amount}, standard, at.Add(48*time.Hour)))
	closed := at.Add(time.Duration(3+n%2) * 24 * time.Hour)
	if n%3 == 0 {
		told.then(told.state.Lose(deal.Losing{Reason: "price"}, standard, closed))
	} else {
		told.then(told.state.Win(deal.Winning{}, standard, closed))
	}
	return told.end(deal.Aggregate.Stream(id), write)
}

func (s *seed) ticket(n int, write appender) error {
	id := s.id("ticket", n)
	// Open ones are recent, or their clocks would all run out during the run.
	at := started(n)
	if n%2 == 1 {
		at = domain.Instant(time.Now())
	}
	told := story[ticket.Ticket, ticket.Event]{evolve: ticket.Evolve}
	told.then(told.state.Open(ticket.Opening{
		TicketID: id, CustomerID: s.id("customer", n), Subject: "Fan makes noise", Description: "Since Monday, under load.",
		Channel: "phone", Assignee: fmt.Sprintf("agent%02d", n%owners),
	}, standard, at))
	if n%2 == 0 {
		told.then(told.state.Reply(ticket.Reply{Visibility: "public", Author: "human", Channel: "email", Body: "A technician calls you today."}, standard, at.Add(10*time.Minute)))
		told.then(told.state.Resolve(ticket.Resolution{Cause: "worn bearing", Solution: "fan replaced"}, at.Add(3*time.Hour)))
	}
	return told.end(ticket.Aggregate.Stream(id), write)
}
