package deal

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Opening is the wish for a deal. Only a title is needed.
type Opening struct {
	DealID        string
	CustomerID    string
	Title         string
	Owner         string
	Amount        domain.Money // in the policy's currency if none is given
	Product       string
	Region        string
	Source        string
	ExternalID    string
	ExpectedClose domain.Date
}

// Open starts a deal in the first stage of the policy. It fails with
// input.ErrInvalid, domain.ErrMoney or ErrExists.
func (d Deal) Open(in Opening, p policy.Version, at time.Time) ([]Event, error) {
	if d.ID != "" {
		return nil, ErrExists
	}
	if in.Amount.Currency == "" {
		in.Amount.Currency = p.Pack.Currency
	}
	var c input.Checker
	c.Required("deal_id", in.DealID)
	c.RequiredName("title", &in.Title)
	c.Name("owner", &in.Owner)
	access.CheckHolder(&c, "owner", in.Owner)
	c.Name("product", &in.Product)
	c.Name("region", &in.Region)
	c.Name("source", &in.Source)
	c.Name("external_id", &in.ExternalID)
	c.Date("expected_close", in.ExpectedClose)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := in.Amount.Check("amount"); err != nil {
		return nil, err
	}
	first := p.Pack.Sales.Stages[0]
	return []Event{Opened{
		DealID: in.DealID, CustomerID: in.CustomerID, Title: in.Title, Owner: in.Owner, Amount: in.Amount,
		Product: in.Product, Region: in.Region, Source: in.Source, ExternalID: in.ExternalID, ExpectedClose: in.ExpectedClose,
		Stage: first.Name, Probability: first.Probability,
		OpenedAt: domain.Instant(at), OpenedOn: domain.DateOf(at, p.Pack.Location()),
	}}, nil
}
