package deal

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Unmet is the detail of ErrStageRule.
type Unmet struct {
	Stage    string      `json:"stage"`
	Requires policy.Fact `json:"requires"`
	Command  string      `json:"command"` // that records the fact
}

var commands = map[policy.Fact]string{
	policy.QuoteSent:       "send-quote",
	policy.ContractSigned:  "sign-contract",
	policy.PaymentReceived: "record-payment",
}

// Move takes an open deal to another stage (SP-01). Forward, the rule of every
// stage on the way must hold; backward, a reason is needed. It fails with
// ErrClosed, ErrUnknownStage, ErrReason, ErrStageRule or input.ErrOutOfOrder.
func (d Deal) Move(to, reason string, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := d.mustBeOpen(); err != nil {
		return nil, err
	}
	sales := p.Pack.Sales
	from, target := sales.Order(d.Stage), sales.Order(to)
	switch {
	case target < 0:
		return nil, ErrUnknownStage.Because("the policy has no stage %q; it has %s", to, strings.Join(sales.StageNames(), ", "))
	case target == from:
		return nil, nil
	case target < from && reason == "":
		return nil, ErrReason.Because("moving back from %s to %s needs a reason", d.Stage, to)
	}
	for i := from + 1; i <= target; i++ {
		if stage := sales.Stages[i]; !d.has(stage.Requires) {
			unmet := Unmet{Stage: stage.Name, Requires: stage.Requires, Command: commands[stage.Requires]}
			return nil, ErrStageRule.Because("stage %s needs %s; %s records it", stage.Name, unmet.Requires, unmet.Command).With(unmet)
		}
	}
	at, err := input.NotBefore(at, d.Since)
	if err != nil {
		return nil, err
	}
	return []Event{d.moved(sales.Stages[target], from < target, reason, "", p, at)}, nil
}

// advance takes a deal to the stage that waits for fact, if the deal stands
// before it and the rule of every stage on the way holds.
func (x *decision) advance(fact policy.Fact, p policy.Version, at time.Time) {
	sales, d := p.Pack.Sales, x.deal
	from := sales.Order(d.Stage)
	for i := from + 1; i < len(sales.Stages); i++ {
		stage := sales.Stages[i]
		if !d.has(stage.Requires) {
			return
		}
		if stage.Requires == fact {
			if at.Before(d.Since) {
				at = d.Since
			}
			x.record(d.moved(stage, true, "", string(fact), p, at))
			return
		}
	}
}

func (d Deal) moved(to policy.Stage, forward bool, reason, cause string, p policy.Version, at time.Time) StageMoved {
	direction := Backward
	if forward {
		direction = Forward
	}
	return StageMoved{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, From: d.Stage, To: to.Name, Direction: direction,
		Reason: reason, Cause: cause, FromProbability: d.Probability, Probability: to.Probability, Amount: d.Amount,
		EnteredAt: d.Since, MovedAt: at, MovedOn: domain.DateOf(at, p.Pack.Location()),
	}
}

// has says whether a fact is recorded. A signed contract stands for the quote
// it was made from.
func (d Deal) has(fact policy.Fact) bool {
	switch fact {
	case policy.QuoteSent:
		return d.Quotes > 0 || d.Contract != nil
	case policy.ContractSigned:
		return d.Contract != nil
	case policy.PaymentReceived:
		return d.Paid > 0
	}
	return true // a stage that requires nothing
}

func (d Deal) mustBeOpen() error {
	switch d.Status {
	case "":
		return ErrNotFound
	case Open:
		return nil
	}
	return ErrClosed.Because("the deal is %s since %s; reopen it first", d.Status, d.ClosedOn)
}

// decision collects events and what they make of the deal, for commands that
// record more than one.
type decision struct {
	deal   Deal
	events []Event
}

func (x *decision) record(e Event) {
	x.deal = Evolve(x.deal, e)
	x.events = append(x.events, e)
}

// value records what the deal is worth from now on, if that differs.
func (x *decision) value(to domain.Money, cause string) {
	d := x.deal
	if to == d.Amount {
		return
	}
	x.record(AmountChanged{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, Stage: d.Stage, Probability: d.Probability,
		From: d.Amount, To: to, Cause: cause,
	})
}
