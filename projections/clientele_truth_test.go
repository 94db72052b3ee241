package projections_test

import (
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// What holds of customers at an instant, worked out plainly from what the test
// remembers: one instant at a time, under the policy in force then.

func (c *clientele) pack(at time.Time) policy.Pack { return c.policy.InForce(at).Pack }

func (c *clientele) zone(at time.Time) *time.Location {
	name := c.pack(at).Zone
	if c.zones[name] == nil {
		zone, err := time.LoadLocation(name)
		require.NoError(c.t, err)
		c.zones[name] = zone
	}
	return c.zones[name]
}

func (c *clientele) day(at time.Time) domain.Date { return domain.DateOf(at, c.zone(at)) }

// midnight is when a day begins, in the zone in force at its beginning in UTC.
func (c *clientele) midnight(day domain.Date) time.Time {
	return midnightIn(day, c.zone(midnightIn(day, time.UTC)))
}

func midnightIn(day domain.Date, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		panic(err)
	}
	return at
}

// after adds the spans that the policies of the test have, in a zone.
func after(at time.Time, span string, zone *time.Location) time.Time {
	months := map[string]int{"P1M": 1, "P2M": 2, "P3M": 3, "P4M": 4, "P6M": 6, "P12M": 12}[span]
	days := map[string]int{"P20D": 20, "P45D": 45, "P100D": 100}[span]
	local := at.In(zone)
	year, month, day := local.Date()
	last := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, zone).Day()
	hour, minute, second := local.Clock()
	return time.Date(year, month+time.Month(months), min(day, last)+days, hour, minute, second, local.Nanosecond(), zone)
}

// order is a contract, or a deal won without one.
type order struct {
	on, until domain.Date // until is empty while a contract is active
	amount    domain.Money
}

// order is what a deal is, if it is one.
func (d *sold) order() []order {
	switch {
	case d.status == deal.StatusLost:
	case d.contract != nil:
		return []order{{d.signed, d.closed, *d.contract}}
	case d.status == deal.StatusWon:
		return []order{{d.closed, d.closed, d.amount}}
	}
	return nil
}

// orders of a customer by day, as they are after all of the history.
func (c *clientele) orders(id string) []order {
	if c.ordersOf == nil {
		c.ordersOf = map[string][]order{}
		for _, d := range c.deals {
			c.ordersOf[d.customer] = append(c.ordersOf[d.customer], d.order()...)
		}
		for _, all := range c.ordersOf {
			slices.SortFunc(all, func(a, b order) int { return strings.Compare(string(a.on), string(b.on)) })
		}
	}
	return c.ordersOf[id]
}

// closeness is the state of engagement; empty for who is no customer yet.
func (c *clientele) closeness(id string, at time.Time) string {
	x, last := c.customers[id], time.Time{}
	for _, touch := range x.touches {
		if !touch.After(at) && touch.After(last) {
			last = touch
		}
	}
	rules := c.pack(at).Customers
	switch {
	case last.IsZero() && at.Before(x.registered):
		return ""
	case last.IsZero():
		return "never_touched"
	case at.Before(after(last, string(rules.CoolingAfter), c.zone(at))):
		return "active"
	case at.Before(after(last, string(rules.DormantAfter), c.zone(at))):
		return "cooling"
	}
	return "dormant"
}

// tier is the value tier; empty for who is no customer yet.
func (c *clientele) tier(id string, at time.Time) string {
	pack, zone, orders := c.pack(at), c.zone(at), c.orders(id)
	if at.Before(c.customers[id].registered) && (len(orders) == 0 || at.Before(midnightIn(orders[0].on, zone))) {
		return ""
	}
	sum, today := int64(0), domain.DateOf(at, zone)
	count := func(on domain.Date, amount domain.Money) {
		if amount.Currency == pack.Currency && on <= today && on.DaysUntil(today) < int64(pack.Customers.ValueWindowDays) {
			sum += amount.Minor
		}
	}
	if pack.Customers.ValueBasis == "signed" {
		for _, o := range orders {
			count(o.on, o.amount)
		}
	} else {
		for _, d := range c.deals {
			if d.customer != id {
				continue
			}
			for _, p := range d.payments {
				count(p.on, p.amount)
			}
		}
	}
	return pack.Customers.Tier(sum)
}

// ordered is how many orders the trailing twelve months have.
func (c *clientele) ordered(id string, at time.Time) (n int) {
	zone := c.zone(at)
	for _, o := range c.orders(id) {
		from := midnightIn(o.on, zone)
		if !at.Before(from) && at.Before(after(from, "P12M", zone)) {
			n++
		}
	}
	return n
}

// buying tells whether the customer is in closed_won or existing.
func (c *clientele) buying(id string, at time.Time) bool {
	x, zone, span := c.customers[id], c.zone(at), string(c.pack(at).Customers.ChurnAfter)
	ended, sets := time.Time{}, []set{}
	for i, s := range x.sets {
		switch {
		case s.at.After(at):
		case s.stage == policy.ClosedWon, s.stage == policy.Existing:
			sets = append(sets, s)
		case i > 0 || s.stage == policy.Churned:
			ended, sets = s.at, nil
		}
	}
	for _, s := range sets {
		if at.Before(after(s.at, span, zone)) {
			return true
		}
	}
	for _, o := range c.orders(id) {
		from := midnightIn(o.on, zone)
		if from.After(at) || !from.After(ended) {
			continue
		}
		if o.until == "" || at.Before(after(midnightIn(max(o.on, o.until), zone), span, zone)) {
			return true
		}
	}
	return false
}

// stint is a time of buying; still lasting at the end of the history if to is
// zero.
type stint struct {
	from, to  time.Time
	withdrawn bool
}

// stints finds when a customer was buying, by looking at every instant at which
// that may change.
func (c *clientele) stints(id string) []stint {
	x, instants := c.customers[id], []time.Time{}
	for _, v := range c.policy.Versions {
		zone, span := c.zone(v.EffectiveFrom), string(v.Pack.Customers.ChurnAfter)
		instants = append(instants, v.EffectiveFrom)
		for _, s := range x.sets {
			instants = append(instants, s.at, after(s.at, span, zone))
		}
		for _, o := range c.orders(id) {
			instants = append(instants, midnightIn(o.on, zone), after(midnightIn(max(o.on, o.until), zone), span, zone))
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	var all []stint
	buying := false
	for _, at := range instants {
		if at.After(c.now) {
			break
		}
		switch is := c.buying(id, at); {
		case is && !buying:
			all = append(all, stint{from: at})
		case !is && buying:
			last := &all[len(all)-1]
			last.to = at
			for _, s := range x.sets[1:] {
				last.withdrawn = last.withdrawn || s.at.Equal(at) && s.stage == policy.Potential
			}
		}
		buying = c.buying(id, at)
	}
	return all
}
