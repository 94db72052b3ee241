package importer

import "github.com/annals-crm/annals/domain"

// deal plans a row of a file of deals. The plan of a row that is refused is nil.
func (b *binding) deal(r row) (*Plan, []Refusal) {
	x := b.read(r)
	open := openDeal{
		Title: x.required("title"), Owner: x.text("owner"), Product: x.text("product"), Region: x.text("region"),
		Amount: x.money("amount"), Source: b.mapping.Source, ExternalID: x.id, OccurredAt: x.time("opened_at"),
	}
	if currency := x.currency(); open.Amount == nil && currency != "" {
		open.Amount = &domain.Money{Currency: currency} // a deal keeps the currency it is opened in
	}
	plan := &Plan{Line: r.line, Rows: 1, ExternalID: x.id, Customer: x.customer()}
	if open.OccurredAt == nil {
		// Not sent at all: a repeat must carry the same content, and then must not say another now.
		plan.Notices = append(plan.Notices, NoticeOpenedNow)
		if x.text("opened_at") == "" {
			x.refuse("opened_at", "missing_value", "opened_at is empty; a default of now in the mapping opens such deals at the time of the import")
		}
	}
	plan.Steps = append(plan.Steps, Step{"open", "open-deal", func(ids IDs) any {
		body := open
		body.CustomerID = ids.Customer
		return body
	}})
	plan.Steps = append(plan.Steps, x.stages(open)...)
	if len(x.problems) > 0 {
		return nil, x.problems
	}
	return plan, nil
}

// stages are the steps that took a deal from its opening to where it stands.
func (x *reading) stages(open openDeal) []Step {
	if x.fields["stage"] == nil {
		return nil
	}
	value := x.text("stage")
	happened, ok := x.mapping.Stages[value]
	if !ok {
		x.refuse("stage", "unknown_stage", "the mapping does not say what stage %q means", value)
	}
	var steps []Step
	for _, s := range happened {
		switch {
		case s.Move != "":
			steps = append(steps, Step{"move:" + s.Move, "move-deal", func(ids IDs) any {
				return moveDeal{DealID: ids.Record, Stage: s.Move, OccurredAt: open.OccurredAt}
			}})
		case s.Win:
			at, amount := x.requiredTime("closed_at"), x.money("won_amount")
			if x.fields["won_amount"] != nil && amount == nil {
				x.required("won_amount")
			}
			steps = append(steps, Step{"win", "win-deal", func(ids IDs) any {
				return winDeal{DealID: ids.Record, Amount: amount, OccurredAt: at}
			}})
		default:
			at, reason := x.requiredTime("closed_at"), x.text("lost_reason")
			if reason == "" {
				reason = s.Lose
			}
			steps = append(steps, Step{"lose", "lose-deal", func(ids IDs) any {
				return loseDeal{DealID: ids.Record, Reason: reason, OccurredAt: at}
			}})
		}
	}
	return steps
}

func (x *reading) customer() *Customer {
	name := x.text("customer")
	if name == "" {
		return nil
	}
	return &Customer{Name: name, Industry: x.text("industry")}
}
