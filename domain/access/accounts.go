package access

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/input"
)

// Description is what is known about a service account.
type Description struct {
	Purpose     string   `json:"purpose"`
	Responsible string   `json:"responsible"` // who answers for it, a person
	Roles       []string `json:"roles"`
}

func (d Description) equal(other Description) bool {
	return d.Purpose == other.Purpose && d.Responsible == other.Responsible && slices.Equal(d.Roles, other.Roles)
}

// checked is the description as it is recorded.
func (d Description) checked(c *input.Checker) Description {
	c.RequiredText("purpose", &d.Purpose)
	c.RequiredName("responsible", &d.Responsible)
	if len(d.Roles) == 0 {
		c.Add("roles", "a service account needs at least one role of %s", strings.Join(Roles, ", "))
	}
	d.Roles = checkRoles(c, d.Roles)
	return d
}

// CreateAccount records a service account. Its name is its own for good, also
// once it is disabled. It fails with input.ErrInvalid or ErrNameTaken.
func (t Tokens) CreateAccount(name string, d Description, at time.Time) ([]Event, error) {
	var c input.Checker
	checkName(&c, &name)
	d = d.checked(&c)
	if strings.EqualFold(d.Responsible, name) {
		c.Add("responsible", "responsible must be a person, who is asked when something goes wrong")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if other, ok := t.account(name); ok {
		return nil, ErrNameTaken.Because("there is a service account %q", other)
	}
	if err := t.nameFree(name, false, at); err != nil {
		return nil, err
	}
	return []Event{ServiceAccountCreated{Name: name, Description: d}}, nil
}

// Change is what to put in place of parts of a description; nil leaves one.
type Change struct {
	Purpose     *string
	Responsible *string
	Roles       []string
}

// ChangeAccount describes a service account anew, at once for all its tokens. It
// fails with input.ErrInvalid or ErrNoAccount.
func (t Tokens) ChangeAccount(name string, change Change) ([]Event, error) {
	account, ok := t.Accounts[name]
	if !ok {
		return nil, ErrNoAccount
	}
	to := account.Description
	if change.Purpose != nil {
		to.Purpose = *change.Purpose
	}
	if change.Responsible != nil {
		to.Responsible = *change.Responsible
	}
	if change.Roles != nil {
		to.Roles = change.Roles
	}
	var c input.Checker
	to = to.checked(&c)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if to.equal(account.Description) {
		return nil, nil
	}
	return []Event{ServiceAccountChanged{Name: name, From: account.Description, To: to}}, nil
}

// DisableAccount ends all tokens of a service account, for good: whoever enables
// it again issues new ones, since why it was disabled may have been that one was
// known to others. It fails with ErrNoAccount.
func (t Tokens) DisableAccount(name, reason string) ([]Event, error) {
	var c input.Checker
	c.RequiredText("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	account, ok := t.Accounts[name]
	switch {
	case !ok:
		return nil, ErrNoAccount
	case account.Disabled:
		return nil, nil
	}
	e := ServiceAccountDisabled{Name: name, Reason: reason, Tokens: []string{}}
	for _, id := range slices.Sorted(maps.Keys(t.ByID)) {
		if token := t.ByID[id]; token.Name == name && token.Kind == ServiceAccount && !token.Revoked {
			e.Tokens = append(e.Tokens, id)
		}
	}
	return []Event{e}, nil
}

// EnableAccount lets tokens be issued for a service account again. It fails with
// ErrNoAccount.
func (t Tokens) EnableAccount(name, reason string) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	account, ok := t.Accounts[name]
	switch {
	case !ok:
		return nil, ErrNoAccount
	case !account.Disabled:
		return nil, nil
	}
	return []Event{ServiceAccountEnabled{Name: name, Reason: reason}}, nil
}

// account finds the service account that has the name, or one that people would
// take for it.
func (t Tokens) account(name string) (string, bool) {
	for _, other := range slices.Sorted(maps.Keys(t.Accounts)) {
		if strings.EqualFold(other, name) {
			return other, true
		}
	}
	return "", false
}
