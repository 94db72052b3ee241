package customer

import (
	"slices"

	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/reservation"
)

// Kinds of contacts. E-mail addresses and mobile numbers have a normal form and
// are checked; a landline is a phone.
const (
	Email   = "email"
	Mobile  = "mobile"
	Phone   = "phone"
	WeChat  = "wechat"
	Address = "address"
	Other   = "other"
)

var contactKinds = []string{Email, Mobile, Phone, WeChat, Address, Other}

// Confirmations are needed to verify a contact (CM-11).
const Confirmations = 2

// AddContact adds a way to reach the customer; adding the same again changes
// nothing. It fails with ErrNotFound, ErrContactExists, ErrTooMany or
// input.ErrInvalid, which for a mobile number says what is missing (CM-12).
func (c Customer) AddContact(in Contact, p policy.Version) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	check.Required("contact_id", in.ID)
	check.Required("kind", in.Kind)
	check.OneOf("kind", in.Kind, contactKinds)
	check.RequiredName("value", &in.Value)
	check.Name("person", &in.Person)
	check.Name("position", &in.Position)
	check.OneOf("role", in.Role, p.Pack.Customers.ContactRoles)
	switch in.Kind {
	case Email:
		normal(&check, "value", &in.Value, reservation.NormalEmail)
	case Mobile:
		normal(&check, "value", &in.Value, reservation.NormalMobile)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	for _, old := range c.Contacts {
		if old.Kind != in.Kind || old.Value != in.Value || old.Person != in.Person {
			if old.ID == in.ID {
				return nil, ErrContactExists.Because("this contact_id is taken by another contact of the customer").In("contact_id")
			}
			continue
		}
		if in.ID = old.ID; in == old.Contact {
			return nil, nil
		}
		return nil, ErrContactExists.Because("the customer has the %s %s already; remove that contact before adding it anew", in.Kind, in.Value).With(old)
	}
	if len(c.Contacts) >= MaxContacts {
		return nil, ErrTooMany.Because("the customer has %d contacts; remove one first", len(c.Contacts))
	}
	return []Event{ContactAdded{CustomerID: c.ID, Contact: in}}, nil
}

// VerifyContact confirms a contact once more; a verified one is not changed
// (CM-11). It fails with ErrNotFound or ErrNoContact.
func (c Customer) VerifyContact(id string) ([]Event, error) {
	old, err := c.contact(id)
	if err != nil {
		return nil, err
	}
	if old.Confirmations >= Confirmations {
		return nil, nil
	}
	n := old.Confirmations + 1
	return []Event{ContactVerified{CustomerID: c.ID, Contact: old.Contact, Confirmations: n, Verified: n >= Confirmations}}, nil
}

// RemoveContact takes a contact away. It fails with ErrNotFound, ErrNoContact
// or input.ErrInvalid.
func (c Customer) RemoveContact(id, reason string) ([]Event, error) {
	old, err := c.contact(id)
	if err != nil {
		return nil, err
	}
	var check input.Checker
	check.Text("reason", &reason)
	if err := check.Err(); err != nil {
		return nil, err
	}
	return []Event{ContactRemoved{
		CustomerID: c.ID, Contact: old.Contact, Confirmations: old.Confirmations,
		Verified: old.Confirmations >= Confirmations, Reason: reason,
	}}, nil
}

func (c Customer) contact(id string) (Confirmed, error) {
	if c.ID == "" {
		return Confirmed{}, ErrNotFound
	}
	i := slices.IndexFunc(c.Contacts, func(x Confirmed) bool { return x.ID == id })
	if i < 0 {
		return Confirmed{}, ErrNoContact
	}
	return c.Contacts[i], nil
}
