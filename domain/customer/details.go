package customer

import (
	"slices"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/reservation"
)

// Edit is a wish to change details. Nil leaves a field as it is, empty clears it.
type Edit struct {
	Name               *string
	Industry           *string
	City               *string
	Region             *string
	Website            *string
	CreditCode         *string
	ExternalID         *string
	InitialNeed        *string
	NeedType           *string
	DecisionPreference *string
	ParentID           *string
	Birthday           *domain.Date
	Anniversary        *domain.Date
}

// Change edits details and records only what differs. It fails with ErrNotFound
// or input.ErrInvalid.
func (c Customer) Change(in Edit, p policy.Version) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	to := c.Details
	for _, field := range fields {
		if value := in.field(field); value != nil {
			*to.field(field) = *value
		}
	}
	var check input.Checker
	to.check(&check, p.Pack.Customers)
	if to.ParentID == c.ID {
		check.Add("parent_id", "a customer cannot belong to itself; name the company above it")
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	var changes []Change
	for _, field := range fields {
		if before, after := *c.Details.field(field), *to.field(field); before != after {
			changes = append(changes, Change{Field: field, From: before, To: after})
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	return []Event{DetailsChanged{CustomerID: c.ID, Changes: changes}}, nil
}

// fields lists the details, by their names on the wire.
var fields = []string{
	"name", "industry", "city", "region", "website", "credit_code", "external_id", "initial_need",
	"need_type", "decision_preference", "parent_id", "birthday", "anniversary",
}

func (d *Details) field(name string) *string {
	i := slices.Index(fields, name)
	if i < 0 {
		return nil
	}
	return [...]*string{
		&d.Name, &d.Industry, &d.City, &d.Region, &d.Website, &d.CreditCode, &d.ExternalID, &d.InitialNeed,
		&d.NeedType, &d.DecisionPreference, &d.ParentID, (*string)(&d.Birthday), (*string)(&d.Anniversary),
	}[i]
}

func (e Edit) field(name string) *string {
	return [...]*string{
		e.Name, e.Industry, e.City, e.Region, e.Website, e.CreditCode, e.ExternalID, e.InitialNeed,
		e.NeedType, e.DecisionPreference, e.ParentID, (*string)(e.Birthday), (*string)(e.Anniversary),
	}[slices.Index(fields, name)]
}

// check trims and normalises the details and notes what is wrong with them.
func (d *Details) check(check *input.Checker, rules policy.Customers) {
	check.RequiredName("name", &d.Name)
	check.Name("industry", &d.Industry)
	check.Name("city", &d.City)
	check.Name("region", &d.Region)
	check.Name("website", &d.Website)
	check.Text("initial_need", &d.InitialNeed)
	check.OneOf("need_type", d.NeedType, rules.NeedTypes)
	check.Name("decision_preference", &d.DecisionPreference)
	check.Name("parent_id", &d.ParentID)
	check.Date("birthday", d.Birthday)
	check.Date("anniversary", d.Anniversary)
	normal(check, "credit_code", &d.CreditCode, reservation.NormalCreditCode)
	normal(check, "external_id", &d.ExternalID, reservation.NormalExternalID)
}

// normal puts a value, if there is one, into its normal form.
func normal(check *input.Checker, field string, value *string, form func(string) (string, error)) {
	if *value == "" {
		return
	}
	normal, err := form(*value)
	if err != nil {
		check.AddError(field, err)
		return
	}
	*value = normal
}
