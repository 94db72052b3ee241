package deal

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Quoting is a quote that went out. Amount is the deal's if zero, SentOn the
// day of the command if empty.
type Quoting struct {
	Amount domain.Money
	Note   string
	SentOn domain.Date
}

// SendQuote records a quote; the deal is then worth what was quoted, and moves
// to the stage that waited for it. It fails with ErrClosed, ErrCurrency,
// domain.ErrMoney or input.ErrInvalid.
func (d Deal) SendQuote(in Quoting, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Text("note", &in.Note)
	in.SentOn = pastDay(&c, "sent_on", in.SentOn, p, at)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := d.mustBeOpen(); err != nil {
		return nil, err
	}
	amount, err := d.amount(in.Amount)
	if err != nil {
		return nil, err
	}
	x := decision{deal: d}
	x.record(QuoteSent{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner,
		Number: d.Quotes + 1, Amount: amount, Note: in.Note, SentOn: in.SentOn,
	})
	x.value(amount, string(policy.QuoteSent))
	x.advance(policy.QuoteSent, p, domain.Instant(at))
	return x.events, nil
}

// Signing is a signed contract. Amount is the deal's if zero, SignedOn the day
// of the command if empty.
type Signing struct {
	Amount       domain.Money
	SignedOn     domain.Date
	SpecialTerms string
}

// SignContract records the contract; the deal is then worth what was signed,
// and moves to the stage that waited for it. Recording the same contract again
// changes nothing. It fails with ErrClosed, ErrSigned, ErrCurrency,
// domain.ErrMoney or input.ErrInvalid.
func (d Deal) SignContract(in Signing, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Text("special_terms", &in.SpecialTerms)
	in.SignedOn = pastDay(&c, "signed_on", in.SignedOn, p, at)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := d.mustBeOpen(); err != nil {
		return nil, err
	}
	amount, err := d.amount(in.Amount)
	if err != nil {
		return nil, err
	}
	if d.Contract != nil {
		if (*d.Contract == Contract{Amount: amount, SignedOn: in.SignedOn, SpecialTerms: in.SpecialTerms}) {
			return nil, nil
		}
		return nil, ErrSigned.Because("the contract was signed already, on %s; a further contract is a deal of its own", d.Contract.SignedOn)
	}
	x := decision{deal: d}
	x.record(ContractSigned{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner,
		Amount: amount, SignedOn: in.SignedOn, SpecialTerms: in.SpecialTerms,
	})
	x.value(amount, string(policy.ContractSigned))
	x.advance(policy.ContractSigned, p, domain.Instant(at))
	return x.events, nil
}

// Paying is money that came in. ReceivedOn is the day of the command if empty.
type Paying struct {
	Amount     domain.Money
	ReceivedOn domain.Date
}

// RecordPayment records money for a signed contract. The first payment moves
// the deal to the stage that waited for it, and full payment wins it (SP-01).
// A deal won before it was paid takes payments too. It fails with ErrNotSigned,
// ErrOverpaid, ErrCurrency, ErrClosed (lost), domain.ErrMoney or input.ErrInvalid.
func (d Deal) RecordPayment(in Paying, p policy.Version, at time.Time) ([]Event, error) {
	var c input.Checker
	if in.Amount.Minor <= 0 {
		c.Add("amount", "a payment must be more than 0")
	}
	in.ReceivedOn = pastDay(&c, "received_on", in.ReceivedOn, p, at)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if d.Status != StatusWon {
		if err := d.mustBeOpen(); err != nil {
			return nil, err
		}
	}
	amount, err := d.amount(in.Amount)
	if err != nil {
		return nil, err
	}
	due := d.Amount
	switch {
	case d.Contract != nil:
		due = d.Contract.Amount
	case d.Status == Open:
		return nil, ErrNotSigned
	}
	if left := due.Minor - d.Paid; amount.Minor > left {
		return nil, ErrOverpaid.Because("only %d of %d minor units are still due, so %d cannot be for this deal", left, due.Minor, amount.Minor)
	}
	total := domain.Money{Minor: d.Paid + amount.Minor, Currency: amount.Currency}
	x := decision{deal: d}
	x.record(PaymentReceived{
		DealID: d.ID, CustomerID: d.CustomerID, Owner: d.Owner, Amount: amount,
		PaidTotal: total, Due: due, InFull: total == due, ReceivedOn: in.ReceivedOn,
	})
	if d.Status == Open {
		x.advance(policy.PaymentReceived, p, domain.Instant(at))
		if total == due {
			x.win(max(in.ReceivedOn, d.OpenedOn), string(policy.PaymentReceived), domain.Instant(at))
		}
	}
	return x.events, nil
}

// amount is m, or the deal's if m is zero, in the deal's currency.
func (d Deal) amount(m domain.Money) (domain.Money, error) {
	if m == (domain.Money{}) {
		return d.Amount, nil
	}
	if m.Currency == "" {
		m.Currency = d.Amount.Currency
	}
	if err := m.Check("amount"); err != nil {
		return m, err
	}
	if m.Currency != d.Amount.Currency {
		return m, ErrCurrency.Because("this deal is in %s, so its amounts cannot be in %s", d.Amount.Currency, m.Currency)
	}
	return m, nil
}

// pastDay is day, or the day of at if empty. A day to come is a problem.
func pastDay(c *input.Checker, field string, day domain.Date, p policy.Version, at time.Time) domain.Date {
	today := domain.DateOf(at, p.Pack.Location())
	if day == "" {
		return today
	}
	c.Date(field, day)
	if day > today {
		c.Add(field, "%s cannot be %s, which is after %s, the day this happened", field, day, today)
	}
	return day
}
