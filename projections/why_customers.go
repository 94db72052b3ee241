package projections

import (
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
)

// customerRules say why fields of customers are what they are.
var customerRules = []Rule{
	{Field: "stage", Explain: whyLifecycle},
	{Field: "owner", Explain: func(x *reasoning) {
		if e, ok := x.cause.Event.(customer.OwnerAssigned); ok {
			handedTo(x, e.From, e.To)
		}
	}},
	{Field: "tier", Reckon: reckonTier},
}

func whyLifecycle(x *reasoning) {
	version := x.cause.Meta.PolicyVersion
	name, text := "", ""
	switch e := x.cause.Event.(type) {
	case customer.Registered:
		name, text = e.Stage, "a customer starts in the first stage"
	case customer.LifecycleStageChanged:
		name, text = e.To, "the criterion of the stage came true"
		if e.Trigger == customer.Manual {
			text = "a person set it by hand, with a reason"
		}
		x.input("from", e.From)
		x.input("trigger", e.Trigger)
		if e.Reason != "" {
			x.input("reason", e.Reason)
		}
		if e.DealID != "" {
			x.input("deal_id", e.DealID)
		}
		x.input("effective_at", e.EffectiveAt)
	}
	for _, s := range x.pack(version).Customers.LifecycleStages {
		if s.Name == name {
			x.rule(version, "customers.lifecycle_stages["+name+"]", s, text)
		}
	}
}

// reckonTier works out the value tier of a customer: what was signed, or paid,
// in the trailing window, in the currency of the pack (definitions 5.6).
func reckonTier(x *reasoning) (value any, causes []int, err error) {
	version := x.policy.InForce(x.at)
	rules, zone := version.Pack.Customers, version.Pack.Location()
	until := domain.DateOf(x.at, zone)
	from := domain.DateOf(x.at.AddDate(0, 0, -rules.ValueWindowDays), zone) // exclusive
	own := map[string]bool{}
	for _, t := range x.story.held("deals") {
		whose, err := t.replay.Field(t.field)
		if err != nil {
			return nil, nil, err
		}
		own[t.stream] = string(whose) == quoted(x.story.id)
	}
	sum := int64(0)
	for i, r := range x.story.events {
		amount, day := worth(r.Event, rules.ValueBasis)
		if !own[r.Stream] || day <= from || day > until || amount.Currency != version.Pack.Currency {
			continue
		}
		sum += amount.Minor
		causes = append(causes, i)
		x.inputOf(r, rules.ValueBasis, amount)
	}
	x.input("value", domain.Money{Minor: sum, Currency: version.Pack.Currency})
	x.input("window_days", rules.ValueWindowDays)
	x.input("until", until)
	tier := rules.Tier(sum)
	for _, t := range rules.ValueTiers {
		if t.Name == tier {
			x.rule(version.Number, "customers.value_tiers["+tier+"]", t, "the highest tier whose threshold the value reaches")
		}
	}
	return tier, causes, nil
}

// worth is what an event adds to the value of a customer, and the day it counts.
func worth(e domain.Event, basis string) (domain.Money, domain.Date) {
	switch e := e.(type) {
	case deal.ContractSigned:
		if basis == "signed" {
			return e.Amount, e.SignedOn
		}
	case deal.PaymentReceived:
		if basis == "paid" {
			return e.Amount, e.ReceivedOn
		}
	}
	return domain.Money{}, ""
}
