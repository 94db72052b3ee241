package projections

import (
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// dealRules say why fields of deals are what they are.
var dealRules = []Rule{
	{Field: "stage", Explain: whyStage},
	{Field: "probability", Explain: whyStage},
	{Field: "status", Explain: whyStatus},
	{Field: "amount", Explain: whyAmount},
	{Field: "owner", Explain: func(x *reasoning) {
		if e, ok := x.cause.Event.(deal.OwnerAssigned); ok {
			handedTo(x, e.From, e.To)
		}
	}},
}

func whyStage(x *reasoning) {
	version := x.cause.Meta.PolicyVersion
	stages := x.pack(version).Sales.Stages
	name, text := "", ""
	switch e := x.cause.Event.(type) {
	case deal.Opened:
		name, text = e.Stage, "a deal starts in the first stage"
	case deal.StageMoved:
		name = e.To
		x.input("from", e.From)
		switch {
		case e.Cause != "":
			text = "a deal enters a stage when the fact it requires is recorded"
			x.input("fact", e.Cause)
		case e.Direction == deal.Backward:
			text = "a person may move a deal back, with a reason"
			x.input("reason", e.Reason)
		default:
			text = "a person may move a deal forward once what the stages on the way require is recorded"
		}
		x.input("moved_by", x.cause.Meta.Actor)
	case deal.Reopened:
		name, text = e.Stage, "a reopened deal is in the stage it had"
		x.input("reason", e.Reason)
	}
	for _, s := range stages {
		if s.Name == name {
			x.rule(version, "sales.stages["+name+"]", s, text)
		}
	}
}

func whyStatus(x *reasoning) {
	switch e := x.cause.Event.(type) {
	case deal.Opened:
		x.rule(0, "", nil, "a deal is open until it is won or lost")
	case deal.Won:
		if e.Cause != string(policy.PaymentReceived) {
			x.rule(0, "", nil, "a person closed it as won")
			x.input("closed_by", x.cause.Meta.Actor)
			return
		}
		x.rule(0, "", nil, "payment in full wins the deal")
		for _, r := range x.story.events {
			if paid, ok := r.Event.(deal.PaymentReceived); ok && r.Stream == x.cause.Stream && r.Revision < x.cause.Revision {
				x.inputOf(r, "payment", paid.Amount)
				if paid.InFull {
					x.inputOf(r, "due", paid.Due)
				}
			}
		}
	case deal.Lost:
		x.rule(0, "", nil, "a person closed it as lost, with a reason")
		x.input("reason", e.Reason)
		x.input("closed_by", x.cause.Meta.Actor)
	case deal.Reopened:
		x.rule(0, "", nil, "a person took back that it was closed, with a reason")
		x.input("from", e.From)
		x.input("reason", e.Reason)
	}
}

func whyAmount(x *reasoning) {
	switch e := x.cause.Event.(type) {
	case deal.AmountChanged:
		text := "a person edited it"
		if e.Cause != "" {
			text = "a deal is worth what was last quoted, signed or won"
			x.input("fact", e.Cause)
		}
		x.rule(0, "", nil, text)
		x.input("from", e.From)
	case deal.Won:
		x.rule(0, "", nil, "a deal is worth what was last quoted, signed or won")
	}
}
