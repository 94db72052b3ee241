package access

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// Issuing is the wish for a token.
type Issuing struct {
	TokenID   string
	Name      string
	Kind      string // Person if empty
	Hash      string // SHA-256 of the secret, hexadecimal
	Roles     []string
	Scopes    []string
	ExpiresAt *time.Time
	Renews    bool // for a person who has one already
}

// Issue records a new token. A name is one caller: it stands as actor in
// histories, and what is repeated under a key of one caller must not be taken
// for a request of another. So a name in use is only given again to renew a
// token, and that of a service account only to tokens of that account. Operations
// are those that scopes may name. It fails with input.ErrInvalid, ErrTokenExists,
// ErrNameTaken, ErrNoAccount or ErrDisabled.
func (t Tokens) Issue(in Issuing, operations []string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("token_id", &in.TokenID)
	checkName(&c, &in.Name)
	if in.Kind == "" {
		in.Kind = Person
	}
	c.OneOf("kind", in.Kind, []string{Person, ServiceAccount})
	if len(in.Hash) != 64 || strings.Trim(in.Hash, "0123456789abcdef") != "" {
		c.Add("hash", "hash must be the SHA-256 of the secret in 64 hexadecimal digits")
	}
	if len(in.Roles) == 0 && in.Kind == Person {
		c.Add("roles", "a token needs at least one role of %s", strings.Join(Roles, ", "))
	}
	in.Roles = checkRoles(&c, in.Roles)
	in.Scopes = checkScopes(&c, in.Scopes, operations)
	if in.ExpiresAt != nil {
		expires := domain.Instant(*in.ExpiresAt)
		in.ExpiresAt = &expires
		if !expires.After(at) {
			c.Add("expires_at", "expires_at must lie in the future")
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	for _, other := range t.ByID {
		if other.ID == in.TokenID || other.Hash == in.Hash {
			return nil, ErrTokenExists
		}
	}
	if err := t.entitled(in, at); err != nil {
		return nil, err
	}
	return []Event{TokenIssued{
		TokenID: in.TokenID, Name: in.Name, Kind: in.Kind, Hash: in.Hash, Roles: in.Roles, Scopes: in.Scopes, ExpiresAt: in.ExpiresAt,
	}}, nil
}

// entitled fails unless a token of that name and kind may be issued.
func (t Tokens) entitled(in Issuing, at time.Time) error {
	if in.Kind == Person {
		if other, ok := t.account(in.Name); ok {
			return ErrNameTaken.Because("a service account has the name %q; issue the token for it (kind %s), or choose another name", other, ServiceAccount)
		}
		return t.nameFree(in.Name, in.Renews, at)
	}
	account, ok := t.Accounts[in.Name]
	switch {
	case !ok:
		return ErrNoAccount.Because("no service account has the name %q; create it first", in.Name).In("name")
	case account.Disabled:
		return ErrDisabled
	}
	for _, role := range in.Roles {
		if !slices.Contains(account.Roles, role) {
			var c input.Checker
			c.Add("roles", "the service account has no role %q; it has %s", role, strings.Join(account.Roles, ", "))
			return c.Err()
		}
	}
	return nil
}

// nameFree fails with ErrNameTaken if a token in use has the name, unless it is
// renewed, or a name that people would take for it.
func (t Tokens) nameFree(name string, renews bool, at time.Time) error {
	for _, id := range slices.Sorted(maps.Keys(t.ByID)) {
		other := t.ByID[id]
		switch {
		case !other.Valid(at) || !strings.EqualFold(other.Name, name):
		case other.Name != name:
			return ErrNameTaken.Because("token %s has the name %q, which reads the same; choose another, or write it that way", id, other.Name)
		case !renews:
			return ErrNameTaken.Because("token %s has the name %q, and what both do could not be told apart; choose another name, revoke that token, or say that this one renews it (renews, --renew)", id, other.Name)
		}
	}
	return nil
}

// Revoke ends a token; one already revoked stays so. It fails with ErrNoToken.
func (t Tokens) Revoke(id, reason string) ([]Event, error) {
	var c input.Checker
	c.Name("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	token, ok := t.ByID[id]
	switch {
	case !ok:
		return nil, ErrNoToken
	case token.Revoked:
		return nil, nil
	}
	return []Event{TokenRevoked{TokenID: id, Name: token.Name, Reason: reason}}, nil
}

func checkName(c *input.Checker, name *string) {
	c.RequiredName("name", name)
	if Reserved(*name) {
		c.Add("name", "name cannot be %q: the history would take what the token does for the work of the program", *name)
	}
}

// Reserved tells whether a name stands for the program itself.
func Reserved(name string) bool {
	return strings.EqualFold(name, System) || strings.EqualFold(name, Timer)
}

// CheckHolder notes a problem with a field that names whose a record is to be,
// if the name stands for the program itself.
func CheckHolder(c *input.Checker, field, name string) {
	if Reserved(name) {
		c.Add(field, "%s cannot be %q: that is the program itself, which looks after no records", field, name)
	}
}

// checkRoles is the roles sorted, each once.
func checkRoles(c *input.Checker, roles []string) []string {
	for _, role := range roles {
		if role == "" {
			c.Required("roles", role)
		}
		c.OneOf("roles", role, Roles)
	}
	return sortedOnce(roles)
}

// checkScopes is the scopes sorted, each once.
func checkScopes(c *input.Checker, scopes, operations []string) []string {
	for _, scope := range scopes {
		if scope != ScopeRead && scope != ScopeWrite && !slices.Contains(operations, scope) {
			c.Add("scopes", "scopes cannot hold %q; a scope is %s (all queries), %s (all commands), or the name of an operation as in the reference, such as move-deal", scope, ScopeRead, ScopeWrite)
		}
	}
	return sortedOnce(scopes)
}

func sortedOnce(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
