package projections_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// clientele is a history of customers, as events and as the test remembers it.
type clientele struct {
	t         *testing.T
	random    *rand.Rand
	now       time.Time // the end of the history
	policy    policy.Policy
	zones     map[string]*time.Location
	facts     []projectionstest.Fact
	customers map[string]*client
	deals     map[string]*sold
	ordersOf  map[string][]order
}

// client is a customer as the test remembers it.
type client struct {
	registered                      time.Time
	owner, industry, region, source string
	tags                            []string
	sets                            []set // the stage it was registered in comes first
	touches                         []time.Time
}

type set struct {
	stage string
	at    time.Time
}

// sold is a deal as the test remembers it.
type sold struct {
	customer, status string
	signed, closed   domain.Date
	amount           domain.Money
	contract         *domain.Money
	payments         []payment
}

type payment struct {
	on     domain.Date
	amount domain.Money
}

// newClientele has policies that differ in everything customers depend on; the
// last one counts days. When the second comes into force, it is July already, but
// June again in the zone it brings.
func newClientele(t *testing.T, seed uint64) *clientele {
	t.Helper()
	c := &clientele{
		t: t, random: seeded(seed), now: time.Date(2024, 11, 15, 12, 0, 0, 0, time.UTC),
		zones: map[string]*time.Location{}, customers: map[string]*client{}, deals: map[string]*sold{},
	}
	moved, later := policy.Standard(), policy.Standard()
	moved.Zone = "America/New_York"
	moved.Customers.ChurnAfter, moved.Customers.CoolingAfter, moved.Customers.DormantAfter = "P2M", "P1M", "P4M"
	moved.Customers.ValueTiers, moved.Customers.ValueWindowDays = []policy.ValueTier{{Name: "high", From: 6_000_000}, {Name: "low"}}, 200
	later.Zone = moved.Zone
	later.Customers.ChurnAfter, later.Customers.CoolingAfter, later.Customers.DormantAfter = "P100D", "P20D", "P45D"
	later.Customers.ValueBasis, later.Customers.ConversionWindowDays = "paid", 30
	for i, v := range []policy.Published{
		{Version: 1, Pack: policy.Standard()},
		{Version: 2, Pack: moved, EffectiveFrom: time.Date(2024, 7, 1, 2, 0, 0, 0, time.UTC)},
		{Version: 3, Pack: later, EffectiveFrom: time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC)},
	} {
		require.NoError(t, v.Pack.Check())
		c.policy = policy.Evolve(c.policy, v)
		c.facts = append(c.facts, projectionstest.Fact{Stream: "policy-standard", Event: v, At: time.Date(2022, 1, 1, 0, i, 0, 0, time.UTC)})
	}
	return c
}

func randomClientele(t *testing.T, n int, seed uint64) *clientele {
	t.Helper()
	c := newClientele(t, seed)
	for i := range n {
		c.live(fmt.Sprintf("c%d", i))
	}
	for i := range 2 * n {
		c.sell(fmt.Sprintf("d%d", i))
	}
	slices.SortStableFunc(c.facts, func(a, b projectionstest.Fact) int { return a.At.Compare(b.At) })
	return c
}

func (c *clientele) history() []domain.Recorded { return projectionstest.History(c.facts...) }

// say records an event, unless the history has ended.
func (c *clientele) say(stream string, at time.Time, e domain.Event) bool {
	if at.After(c.now) {
		return false
	}
	c.facts = append(c.facts, projectionstest.Fact{Stream: stream, Event: e, At: at})
	return true
}

// some is up to so many days after an instant, to the millisecond.
func (c *clientele) some(days int, after time.Time) time.Time {
	return after.Add(time.Duration(c.random.Int64N(int64(days)*86400_000)) * time.Millisecond)
}

// live registers a customer and takes it through stages, contacts and edits.
func (c *clientele) live(id string) {
	at := c.some(500, time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC))
	x := &client{
		registered: at, owner: pick(c.random, "ann", "bob", ""), industry: pick(c.random, "retail", "textiles"),
		region: pick(c.random, "east", "west"), source: pick(c.random, "phone", ""),
	}
	stage := pick(c.random, policy.Potential, policy.Potential, policy.Potential, policy.Interested, policy.ClosedWon, policy.Churned)
	x.sets = []set{{stage, at}}
	if !c.say("customer-"+id, at, customer.Registered{
		CustomerID: id, Owner: x.owner, Details: customer.Details{Industry: x.industry, Region: x.region}, Source: customer.Source{Channel: x.source},
		Stage: stage, RegisteredAt: at,
	}) {
		return
	}
	c.customers[id] = x
	for range c.random.IntN(12) {
		at = c.some(90, at)
		then := at.Add(-time.Duration(c.random.IntN(2)*c.random.IntN(60*86400)) * time.Second) // it may be told late
		say := func(stream string, e domain.Event) bool { return c.say(stream, at, e) }
		switch what := c.random.IntN(12); {
		case what < 4:
			twoWay := c.random.IntN(4) > 0
			if say("customer-"+id, customer.InteractionLogged{CustomerID: id, TwoWay: twoWay, At: then}) && twoWay {
				x.touches = append(x.touches, then)
			}
		case what < 5:
			if say("ticket-t"+id, ticket.Opened{CustomerID: id, OpenedAt: at}) {
				x.touches = append(x.touches, at)
			}
		case what < 6:
			if say("ticket-t"+id, ticket.CustomerMessaged{CustomerID: id, MessagedAt: at}) {
				x.touches = append(x.touches, at)
			}
		case what < 8:
			to := pick(c.random, policy.Potential, policy.ClosedWon, policy.Existing, policy.Churned)
			if say("customer-"+id, customer.LifecycleStageChanged{CustomerID: id, To: to, EffectiveAt: at}) {
				x.sets = append(x.sets, set{to, at})
			}
		case what < 9:
			if say("customer-"+id, customer.OwnerAssigned{CustomerID: id, To: "eve"}) {
				x.owner = "eve"
			}
		case what < 10:
			if say("customer-"+id, customer.DetailsChanged{CustomerID: id, Changes: []customer.Change{{Field: "industry", To: "steel"}, {Field: "region", To: "north"}}}) {
				x.industry, x.region = "steel", "north"
			}
			if say("customer-"+id, customer.SourceRecorded{CustomerID: id, To: customer.Source{Channel: "partner"}}) {
				x.source = "partner"
			}
		default:
			tag := customer.Tag{Dimension: "demand", Value: pick(c.random, "repair", "training")}
			name := tag.Dimension + ":" + tag.Value
			if slices.Contains(x.tags, name) {
				if say("customer-"+id, customer.TagRemoved{CustomerID: id, Tag: tag}) {
					x.tags = slices.DeleteFunc(x.tags, func(t string) bool { return t == name })
				}
			} else if say("customer-"+id, customer.TagAdded{CustomerID: id, Tag: tag}) {
				x.tags = append(x.tags, name)
			}
		}
	}
}

// sell takes a deal through contracts, payments, closing, reopening and other
// hands. Days may lie some time back.
func (c *clientele) sell(id string) {
	at := c.some(520, time.Date(2023, 5, 1, 0, 0, 0, 0, time.UTC))
	whose := func() string { return fmt.Sprintf("c%d", c.random.IntN(len(c.customers)+1)) } // one of them is unknown
	d := &sold{customer: whose(), amount: domain.Money{Minor: int64(c.random.IntN(9_000_000)), Currency: pick(c.random, "CNY", "CNY", "CNY", "EUR")}}
	c.deals[id] = d
	c.say("deal-"+id, at, deal.Opened{DealID: id, CustomerID: d.customer, Amount: d.amount, Stage: policy.Lead, OpenedAt: at, OpenedOn: domain.DateOf(at, c.zone(at))})
	for range 1 + c.random.IntN(6) {
		at = c.some(50, at)
		on := domain.DateOf(at.AddDate(0, 0, -c.random.IntN(2)*c.random.IntN(30)), c.zone(at))
		say := func(e domain.Event) bool { return c.say("deal-"+id, at, e) }
		switch what := c.random.IntN(10); {
		case what < 3 && d.contract == nil && d.status == "":
			amount := d.amount
			amount.Minor += 1000
			if say(deal.ContractSigned{DealID: id, CustomerID: d.customer, Amount: amount, SignedOn: on}) {
				d.contract, d.signed = &amount, on
			}
		case what < 5 && d.status != deal.StatusLost:
			p := payment{on, domain.Money{Minor: d.amount.Minor / 2, Currency: d.amount.Currency}}
			if say(deal.PaymentReceived{DealID: id, CustomerID: d.customer, Amount: p.amount, ReceivedOn: on}) {
				d.payments = append(d.payments, p)
			}
		case what < 7 && d.status == "":
			if say(deal.Won{DealID: id, CustomerID: d.customer, Amount: d.amount, ClosedOn: on}) {
				d.status, d.closed = deal.StatusWon, on
			}
		case what < 8 && d.status == "":
			if say(deal.Lost{DealID: id, CustomerID: d.customer, ClosedOn: on}) {
				d.status, d.closed = deal.StatusLost, on
			}
		case what < 9 && d.status != "":
			if say(deal.Reopened{DealID: id, CustomerID: d.customer, From: d.status}) {
				d.status, d.closed = "", ""
			}
		case what == 9:
			to := whose()
			if say(deal.DetailsChanged{DealID: id, CustomerID: to, Changes: []deal.Change{{Field: "customer_id", From: d.customer, To: to}}}) {
				d.customer = to
			}
		}
	}
}
