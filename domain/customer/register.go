package customer

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Registration is the wish for a customer's file.
type Registration struct {
	CustomerID string
	Number     string // from the number range
	Kind       string // Organisation if empty
	Details    Details
	Source     Source
	Owner      string
	Stage      string // the policy's first stage if empty; imports may know better
	Contacts   []Contact
	Tags       []Tag
}

// Register starts a customer's file (CM-01, CM-02, DG-08). It fails with
// ErrExists, ErrUnknownStage, input.ErrInvalid, or what AddContact and AddTag
// fail with.
func (c Customer) Register(in Registration, p policy.Version, at time.Time) ([]Event, error) {
	if c.ID != "" {
		return nil, ErrExists
	}
	if in.Kind == "" {
		in.Kind = Organisation
	}
	rules := p.Pack.Customers
	if in.Stage == "" {
		in.Stage = rules.LifecycleStages[0].Name
	}
	var check input.Checker
	check.Required("customer_id", in.CustomerID)
	check.OneOf("kind", in.Kind, []string{Organisation, Person})
	check.Name("owner", &in.Owner)
	access.CheckHolder(&check, "owner", in.Owner)
	in.Details.check(&check, rules)
	in.Source.check(&check, rules)
	in.require(&check, rules.RequiredFields)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if err := knownStage(in.Stage, rules); err != nil {
		return nil, err
	}
	x := decision{customer: c}
	x.record(Registered{
		CustomerID: in.CustomerID, Number: in.Number, Kind: in.Kind, Details: in.Details, Source: in.Source,
		Owner: in.Owner, Stage: in.Stage, RegisteredAt: domain.Instant(at),
	})
	for _, contact := range in.Contacts {
		if err := x.add(x.customer.AddContact(contact, p)); err != nil {
			return nil, err
		}
	}
	for _, tag := range in.Tags {
		if err := x.add(x.customer.AddTag(tag, p)); err != nil {
			return nil, err
		}
	}
	return x.events, nil
}

func (x *decision) add(events []Event, err error) error {
	for _, e := range events {
		x.record(e)
	}
	return err
}

// require notes the fields that the policy asks for and that are empty.
func (in Registration) require(check *input.Checker, fields []string) {
	for _, field := range fields {
		filled := true
		switch field {
		case "owner":
			filled = in.Owner != ""
		case "source_channel":
			filled = in.Source.Channel != ""
		case "acquired_at":
			filled = !in.Source.AcquiredAt.IsZero()
		case "contact":
			filled = len(in.Contacts) > 0
		default:
			if value := in.Details.field(field); value != nil {
				filled = *value != ""
			}
		}
		if !filled && field != "name" { // a name is always asked for
			check.Add(field, "the policy asks for %s with every new customer", strings.ReplaceAll(field, "_", " "))
		}
	}
}

func (s *Source) check(check *input.Checker, rules policy.Customers) {
	check.OneOf("source.channel", s.Channel, rules.AcquisitionChannels)
	check.Name("source.detail", &s.Detail)
	if !s.AcquiredAt.IsZero() {
		s.AcquiredAt = domain.Instant(s.AcquiredAt)
	}
}

// RecordSource corrects where the customer came from. It fails with ErrNotFound
// or input.ErrInvalid.
func (c Customer) RecordSource(to Source, p policy.Version) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	to.check(&check, p.Pack.Customers)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if to.Channel == c.Source.Channel && to.Detail == c.Source.Detail && to.AcquiredAt.Equal(c.Source.AcquiredAt) {
		return nil, nil
	}
	return []Event{SourceRecorded{CustomerID: c.ID, From: c.Source, To: to}}, nil
}

// Assign gives the customer to another owner. It fails with ErrNotFound or
// input.ErrInvalid.
func (c Customer) Assign(owner string) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	check.RequiredName("owner", &owner)
	access.CheckHolder(&check, "owner", owner)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if owner == c.Owner {
		return nil, nil
	}
	return []Event{OwnerAssigned{CustomerID: c.ID, From: c.Owner, To: owner}}, nil
}
