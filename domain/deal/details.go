package deal

import (
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
)

// Edit is a wish to change what describes a deal. Nil leaves a field as it is,
// empty clears it.
type Edit struct {
	CustomerID    *string
	Title         *string
	Product       *string
	Region        *string
	Source        *string
	ExternalID    *string
	ExpectedClose *domain.Date
	Amount        *domain.Money
}

// Change edits a deal, also a closed one, except that a closed deal's amount
// stays. It fails with input.ErrInvalid, ErrCurrency, ErrClosed or domain.ErrMoney.
func (d Deal) Change(in Edit) ([]Event, error) {
	if d.ID == "" {
		return nil, ErrNotFound
	}
	var c input.Checker
	edited := d
	for _, edit := range []struct {
		field string
		to    *string
	}{
		{"customer_id", in.CustomerID},
		{"title", in.Title},
		{"product", in.Product},
		{"region", in.Region},
		{"source", in.Source},
		{"external_id", in.ExternalID},
		{"expected_close", (*string)(in.ExpectedClose)},
	} {
		if edit.to == nil {
			continue
		}
		to := *edit.to
		c.Name(edit.field, &to)
		*edited.detail(edit.field) = to
	}
	c.Required("title", edited.Title)
	c.Date("expected_close", edited.ExpectedClose)
	if err := c.Err(); err != nil {
		return nil, err
	}
	x := decision{deal: d}
	if changes := d.changes(edited); len(changes) > 0 {
		x.record(DetailsChanged{DealID: d.ID, CustomerID: edited.CustomerID, Status: d.Status, Changes: changes})
	}
	if in.Amount != nil {
		amount := *in.Amount
		if amount.Currency == "" {
			amount.Currency = d.Amount.Currency
		}
		amount, err := d.amount(amount)
		if err != nil {
			return nil, err
		}
		if amount != d.Amount {
			if err := d.mustBeOpen(); err != nil {
				return nil, err
			}
			x.value(amount, "")
		}
	}
	return x.events, nil
}

// Assign gives the deal to another owner. It fails with input.ErrInvalid.
func (d Deal) Assign(owner string) ([]Event, error) {
	if d.ID == "" {
		return nil, ErrNotFound
	}
	var c input.Checker
	c.RequiredName("owner", &owner)
	access.CheckHolder(&c, "owner", owner)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if owner == d.Owner {
		return nil, nil
	}
	return []Event{OwnerAssigned{
		DealID: d.ID, CustomerID: d.CustomerID, From: d.Owner, To: owner,
		Status: d.Status, Stage: d.Stage, Probability: d.Probability, Amount: d.Amount,
	}}, nil
}

// details lists the fields that Change edits.
var details = []string{"customer_id", "title", "product", "region", "source", "external_id", "expected_close"}

func (d *Deal) detail(field string) *string {
	switch field {
	case "customer_id":
		return &d.CustomerID
	case "title":
		return &d.Title
	case "product":
		return &d.Product
	case "region":
		return &d.Region
	case "source":
		return &d.Source
	case "external_id":
		return &d.ExternalID
	case "expected_close":
		return (*string)(&d.ExpectedClose)
	}
	return nil
}

func (d Deal) changes(to Deal) []Change {
	var changes []Change
	for _, field := range details {
		if before, after := *d.detail(field), *to.detail(field); before != after {
			changes = append(changes, Change{Field: field, From: before, To: after})
		}
	}
	return changes
}
