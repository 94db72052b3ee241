package projections

import "github.com/annals-crm/annals/domain/customer"

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
