// Package access decides who may call the program: it issues and revokes API
// tokens. What each role may do is declared with the operations, not here.
package access

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// TokensID is the id of the one stream that holds all tokens.
const TokensID = "tokens"

// The roles a caller can hold (RB-01..RB-04).
const (
	Admin       = "admin"
	Sales       = "sales"
	Service     = "service"
	Marketing   = "marketing"
	Product     = "product"
	Manager     = "manager"
	Analyst     = "analyst"
	Auditor     = "auditor"
	Application = "application"
	System      = "system" // timers and importers inside the program; never issued
)

// Timer is the actor of what time brings about, as System is of what the
// program does by itself. Nobody else may act under these names.
const Timer = "timer"

// Roles lists the roles a token can be issued with.
var Roles = []string{Admin, Sales, Service, Marketing, Product, Manager, Analyst, Auditor, Application}

// The kinds of caller.
const (
	Person  = "person"
	Machine = "machine"
)

// Scopes that are not the name of one operation.
const (
	ScopeRead  = "read"  // all queries
	ScopeWrite = "write" // all commands
)

// Reasons a command on tokens is refused.
var (
	ErrNoToken     = &domain.Error{Kind: domain.Missing, Code: "token_not_found", Message: "no token has this id; list the tokens to see their ids"}
	ErrTokenExists = &domain.Error{Kind: domain.Refused, Code: "token_exists", Message: "this token was issued already; issue one with a new id and a new secret"}
	ErrNameTaken   = &domain.Error{Kind: domain.Refused, Code: "token_name_taken", Message: "another caller goes by this name", Field: "name"}
)

// Tokens is every token ever issued, by id.
type Tokens struct {
	ByID map[string]Token `json:"by_id,omitempty"`
}

// Token is what a caller's secret is checked against.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Hash      string     `json:"hash"`
	Roles     []string   `json:"roles"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Revoked   bool       `json:"revoked,omitempty"`
}

// Aggregate says where tokens are kept.
var Aggregate = domain.Aggregate[Tokens, Event]{Category: "access", Evolve: Evolve, Snapshot: 1, NotFound: ErrNoToken}

// Evolve is the tokens after e.
func Evolve(t Tokens, e Event) Tokens {
	byID := maps.Clone(t.ByID) // states are cached and shared
	if byID == nil {
		byID = map[string]Token{}
	}
	switch e := e.(type) {
	case TokenIssued:
		byID[e.TokenID] = Token{ID: e.TokenID, Name: e.Name, Hash: e.Hash, Roles: e.Roles, ExpiresAt: e.ExpiresAt}
	case TokenRevoked:
		token := byID[e.TokenID]
		token.Revoked = true
		byID[e.TokenID] = token
	}
	return Tokens{ByID: byID}
}

// Valid says whether the token opens anything at now.
func (t Token) Valid(now time.Time) bool {
	return t.ID != "" && !t.Revoked && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// Issuing is the wish for a token.
type Issuing struct {
	TokenID   string
	Name      string
	Hash      string // SHA-256 of the secret, hexadecimal
	Roles     []string
	ExpiresAt *time.Time
	Renews    bool // for a caller who has one already
}

// Issue records a new token. A name is one caller: it stands as actor in
// histories, and what is repeated under a key of one caller must not be taken
// for a request of another. So a name in use is only given again to renew a
// token. It fails with input.ErrInvalid, ErrTokenExists or ErrNameTaken.
func (t Tokens) Issue(in Issuing, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("token_id", &in.TokenID)
	c.RequiredName("name", &in.Name)
	if strings.EqualFold(in.Name, System) || strings.EqualFold(in.Name, Timer) {
		c.Add("name", "name cannot be %q: the history would take what the token does for the work of the program", in.Name)
	}
	if len(in.Hash) != 64 || strings.Trim(in.Hash, "0123456789abcdef") != "" {
		c.Add("hash", "hash must be the SHA-256 of the secret in 64 hexadecimal digits")
	}
	if len(in.Roles) == 0 {
		c.Add("roles", "a token needs at least one role of %s", strings.Join(Roles, ", "))
	}
	roles := slices.Compact(slices.Sorted(slices.Values(in.Roles)))
	for _, role := range roles {
		if role == "" {
			c.Required("roles", role)
		}
		c.OneOf("roles", role, Roles)
	}
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
	if err := t.nameFree(in, at); err != nil {
		return nil, err
	}
	return []Event{TokenIssued{TokenID: in.TokenID, Name: in.Name, Hash: in.Hash, Roles: roles, ExpiresAt: in.ExpiresAt}}, nil
}

// nameFree fails with ErrNameTaken if a token in use has the name, unless it is
// renewed, or a name that people would take for it.
func (t Tokens) nameFree(in Issuing, at time.Time) error {
	for _, id := range slices.Sorted(maps.Keys(t.ByID)) {
		other := t.ByID[id]
		switch {
		case !other.Valid(at) || !strings.EqualFold(other.Name, in.Name):
		case other.Name != in.Name:
			return ErrNameTaken.Because("token %s has the name %q, which reads the same; choose another, or write it that way", id, other.Name)
		case !in.Renews:
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
