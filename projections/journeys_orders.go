package projections

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
)

// dealOrders is what a deal brought in.
type dealOrders struct {
	Customer string       `json:"customer,omitempty"`
	Status   string       `json:"status,omitempty"` // empty: open
	ClosedOn domain.Date  `json:"closed_on,omitempty"`
	Amount   domain.Money `json:"amount,omitzero"` // it was won for
	Contract *signed      `json:"contract,omitempty"`
	Payments []signed     `json:"payments,omitempty"`
}

// signed is an amount on a day.
type signed struct {
	On     domain.Date  `json:"on"`
	Amount domain.Money `json:"amount"`
}

const orderPrefix = "deal/"

// orderedIn is the document of the orders of a deal.
func orderedIn(dealID string) string { return orderPrefix + dealID }

func changesHands(e deal.DetailsChanged) bool {
	return slices.ContainsFunc(e.Changes, func(c deal.Change) bool { return c.Field == "customer_id" })
}

// ifSo is an id, or none.
func ifSo(yes bool, id string) string {
	if !yes {
		return ""
	}
	return id
}

func (j *journey) order(customerID string) *dealOrders {
	if j.Deal == nil {
		j.Deal = &dealOrders{}
	}
	j.Deal.Customer = customerID
	return j.Deal
}

// orderFact is an order or a payment that a deal tells its customer.
type orderFact struct {
	On      domain.Date `json:"on"`
	Until   domain.Date `json:"until,omitempty"` // last day of an active contract; none: it is active
	Minor   int64       `json:"minor"`
	Money   string      `json:"currency"`
	Payment bool        `json:"payment,omitempty"`
}

// tell says what the deal brought in: a signed contract, unless the deal was lost
// after all; or that it was won without one; and payments. A contract is active
// while its deal is open (AN-02).
func (o *dealOrders) tell(id string, f *Facts) {
	if o.Customer == "" {
		return
	}
	switch {
	case o.Status == deal.StatusLost:
	case o.Contract != nil:
		f.Tell(o.Customer, id, orderFact{On: o.Contract.On, Until: o.ClosedOn, Minor: o.Contract.Amount.Minor, Money: o.Contract.Amount.Currency})
	case o.Status == deal.StatusWon:
		f.Tell(o.Customer, id, orderFact{On: o.ClosedOn, Until: o.ClosedOn, Minor: o.Amount.Minor, Money: o.Amount.Currency})
	}
	for i, p := range o.Payments {
		f.Tell(o.Customer, id+"/"+strconv.Itoa(i), orderFact{
			On: p.On, Minor: p.Amount.Minor, Money: p.Amount.Currency, Payment: true,
		})
	}
}

func (j *journey) told(key string, what any) {
	j.sorted, j.buying = nil, nil
	order, tells := what.(orderFact)
	if !tells {
		if delete(j.Orders, key); len(j.Orders) == 0 {
			j.Orders = nil
		}
		return
	}
	if j.Orders == nil {
		j.Orders = map[string]orderFact{}
	}
	j.Orders[key] = order
}

// amounts are the orders and payments of the customer, by day. They are sorted
// once for all facts.
func (j *journey) amounts() []orderFact {
	if j.sorted == nil && len(j.Orders) > 0 {
		j.sorted = slices.SortedFunc(maps.Values(j.Orders), func(a, b orderFact) int { return strings.Compare(string(a.On), string(b.On)) })
	}
	return j.sorted
}

// orders are those of the customer, by day.
func (j *journey) orders() iter.Seq[orderFact] {
	return func(yield func(orderFact) bool) {
		for _, o := range j.amounts() {
			if !o.Payment && !yield(o) {
				return
			}
		}
	}
}

// firstOrder is the day of the first order; empty if there is none.
func (j *journey) firstOrder() domain.Date {
	for o := range j.orders() {
		return o.On
	}
	return ""
}
