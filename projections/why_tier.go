package projections

import (
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/period"
)

// reckonTier works out the value tier of a customer (definitions 5.6): what was
// ordered, or paid, in the trailing window, in the currency of the pack. It folds
// the journey of the customer, so it says what the metric says.
func reckonTier(x *reasoning) (value any, causes []int, err error) {
	journeys, ok := JourneyModel.scratch(nil).(*scratchOf[journey])
	if !ok {
		return nil, nil, ErrNoField
	}
	for _, r := range x.story.events {
		journeys.take(r, func(string) {})
	}
	journeys.settle(x.policy)
	j, _ := journeys.whole(x.story.id)
	if j.RegisteredAt.IsZero() || x.at.Before(j.RegisteredAt) && (j.firstOrder() == "" || x.at.Before(journeys.rules.midnight(j.firstOrder()))) {
		return nil, nil, nil // no customer yet
	}
	version := x.policy.InForce(x.at)
	rules, reign, sum := version.Pack.Customers, journeys.rules.reign(x.at), int64(0)
	counted := map[orderKey]bool{}
	for key, o := range j.Orders {
		inside := !x.at.Before(reign.midnight(o.On)) && x.at.Before(reign.midnight(period.AddDays(o.On, rules.ValueWindowDays)))
		if inside && o.Payment == (rules.ValueBasis == "paid") && o.Money == version.Pack.Currency {
			sum += o.Minor
			dealID, _, _ := strings.Cut(key, "/")
			counted[orderKey{dealID, o.On, o.Minor}] = true
		}
	}
	for i, r := range x.story.events {
		if key, amount, ok := orderIn(r.Event, rules.ValueBasis); ok && counted[key] {
			delete(counted, key) // of a contract and its deal won, the first brought it in
			causes = append(causes, i)
			x.inputOf(r, rules.ValueBasis, amount)
		}
	}
	x.input("value", domain.Money{Minor: sum, Currency: version.Pack.Currency})
	x.input("window_days", rules.ValueWindowDays)
	x.input("until", journeys.rules.day(x.at))
	tier := tierAt(j.bought(journeys.rules).tiers, x.at).value
	for _, t := range rules.ValueTiers {
		if t.Name == tier {
			x.rule(version.Number, "customers.value_tiers["+tier+"]", t, "the highest tier whose threshold the value reaches")
		}
	}
	return tier, causes, nil
}

// orderKey tells orders apart.
type orderKey struct {
	deal  string
	on    domain.Date
	minor int64
}

// orderIn is the order, or payment, that an event brings in.
func orderIn(e domain.Event, basis string) (orderKey, domain.Money, bool) {
	switch e := e.(type) {
	case deal.ContractSigned:
		return orderKey{e.DealID, e.SignedOn, e.Amount.Minor}, e.Amount, basis == "signed"
	case deal.Won:
		return orderKey{e.DealID, e.ClosedOn, e.Amount.Minor}, e.Amount, basis == "signed"
	case deal.PaymentReceived:
		return orderKey{e.DealID, e.ReceivedOn, e.Amount.Minor}, e.Amount, basis == "paid"
	}
	return orderKey{}, domain.Money{}, false
}
