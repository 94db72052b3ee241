package deal

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Winning is a success. Amount is the deal's if nil, ClosedOn the day of the
// command if empty.
type Winning struct {
	Amount   *domain.Money
	ClosedOn domain.Date
}

// Win closes an open deal with success, from whatever stage it is in. Winning
// it again on the same terms changes nothing. It fails with ErrClosed,
// ErrCurrency, domain.ErrMoney, input.ErrInvalid or input.ErrOutOfOrder.
func (d Deal) Win(in Winning, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	in.ClosedOn = d.closingDay(&c, in.ClosedOn, p, at)
	if err := c.Err(); err != nil {
		return nil, err
	}
	amount := d.Amount
	if in.Amount != nil {
		if in.Amount.Currency == "" {
			in.Amount = &domain.Money{Minor: in.Amount.Minor, Currency: d.Amount.Currency}
		}
		var err error
		if amount, err = d.amount(*in.Amount); err != nil {
			return nil, err
		}
	}
	if d.Status == StatusWon && d.Amount == amount && d.ClosedOn == in.ClosedOn {
		return nil, nil
	}
	if err := d.mustBeOpen(); err != nil {
		return nil, err
	}
	at, err := input.NotBefore(at, d.Since)
	if err != nil {
		return nil, err
	}
	x := decision{deal: d}
	x.value(amount, StatusWon)
	x.win(in.ClosedOn, "", at)
	return x.events, nil
}

func (x *decision) win(on domain.Date, cause string, at time.Time) {
	d := x.deal
	if at.Before(d.Since) {
		at = d.Since
	}
	x.record(Won{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, Product: d.Product, Region: d.Region,
		Stage: d.Stage, Probability: d.Probability, Amount: d.Amount, Cause: cause,
		OpenedOn: d.OpenedOn, ClosedOn: on, CycleDays: d.OpenedOn.DaysUntil(on), EnteredAt: d.Since, ClosedAt: at,
	})
}

// Losing is a failure. ClosedOn is the day of the command if empty.
type Losing struct {
	Reason     string
	Competitor string
	ClosedOn   domain.Date
}

// Lose closes an open deal without success; why must be said. Losing it again
// for the same reason changes nothing. It fails with ErrReason, ErrClosed,
// input.ErrInvalid or input.ErrOutOfOrder.
func (d Deal) Lose(in Losing, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &in.Reason)
	c.Name("competitor", &in.Competitor)
	in.ClosedOn = d.closingDay(&c, in.ClosedOn, p, at)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if in.Reason == "" {
		return nil, ErrReason.Because("say why the deal was lost; lost deals are learnt from")
	}
	if d.Status == StatusLost && d.ClosedBecause == in.Reason && d.ClosedOn == in.ClosedOn {
		return nil, nil
	}
	if err := d.mustBeOpen(); err != nil {
		return nil, err
	}
	at, err := input.NotBefore(at, d.Since)
	if err != nil {
		return nil, err
	}
	return []Event{Lost{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, Product: d.Product, Region: d.Region,
		Stage: d.Stage, Probability: d.Probability, Amount: d.Amount, Reason: in.Reason, Competitor: in.Competitor,
		OpenedOn: d.OpenedOn, ClosedOn: in.ClosedOn, CycleDays: d.OpenedOn.DaysUntil(in.ClosedOn), EnteredAt: d.Since, ClosedAt: at,
	}}, nil
}

// Reopen takes a won or lost deal back to the stage it had. It fails with
// ErrReason, ErrOpen or input.ErrInvalid.
func (d Deal) Reopen(reason string, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	switch {
	case d.ID == "":
		return nil, ErrNotFound
	case d.Status == Open:
		return nil, ErrOpen
	case reason == "":
		return nil, ErrReason.Because("say why the %s deal is reopened", d.Status)
	}
	at, err := input.NotBefore(at, d.Since)
	if err != nil {
		return nil, err
	}
	probability := d.Probability
	if i := p.Pack.Sales.Order(d.Stage); i >= 0 {
		probability = p.Pack.Sales.Stages[i].Probability
	}
	return []Event{Reopened{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, Product: d.Product, Region: d.Region,
		From: d.Status, Stage: d.Stage, Probability: probability, Amount: d.Amount, Reason: reason,
		OpenedOn: d.OpenedOn, ClosedOn: d.ClosedOn, CycleDays: d.OpenedOn.DaysUntil(d.ClosedOn),
		ReopenedAt: at, ReopenedOn: domain.DateOf(at, p.Pack.Location()),
	}}, nil
}

func (d Deal) closingDay(c *input.Checker, day domain.Date, p policy.Version, at time.Time) domain.Date {
	day = pastDay(c, "closed_on", day, p, at)
	if day < d.OpenedOn {
		c.Add("closed_on", "closed_on cannot be %s, which is before the deal was opened on %s", day, d.OpenedOn)
	}
	return day
}
