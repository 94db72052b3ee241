// Package access decides who may call the program: it issues and revokes API
// tokens, and keeps the service accounts that programs call under. What each role
// may do is declared with the operations, not here.
package access

import (
	"maps"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
)

// TokensID is the id of the one stream that holds all tokens and service
// accounts: whether a name is free is decided on all of them at once.
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
	Person         = "person"
	ServiceAccount = "service_account"
)

// Scopes that are not the name of one operation.
const (
	ScopeRead  = "read"  // all queries
	ScopeWrite = "write" // all commands
)

// Reasons a command on tokens or service accounts is refused.
var (
	ErrNoToken     = &domain.Error{Kind: domain.Missing, Code: "token_not_found", Message: "no token has this id; list the tokens to see their ids"}
	ErrTokenExists = &domain.Error{Kind: domain.Refused, Code: "token_exists", Message: "this token was issued already; issue one with a new id and a new secret"}
	ErrNameTaken   = &domain.Error{Kind: domain.Refused, Code: "token_name_taken", Message: "another caller goes by this name", Field: "name"}
	ErrNoAccount   = &domain.Error{Kind: domain.Missing, Code: "service_account_not_found", Message: "no service account has this name; list them to see their names"}
	ErrDisabled    = &domain.Error{Kind: domain.Refused, Code: "service_account_disabled", Message: "this service account is disabled; enable it first"}
)

// Tokens is every token ever issued, by id, and every service account, by name.
type Tokens struct {
	ByID     map[string]Token   `json:"by_id,omitempty"`
	Accounts map[string]Account `json:"accounts,omitempty"`
}

// Token is what a caller's secret is checked against.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind"`
	Hash      string     `json:"hash"`
	Roles     []string   `json:"roles,omitempty"`
	Scopes    []string   `json:"scopes,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Revoked   bool       `json:"revoked,omitempty"`
}

// Account is a program that calls, and who answers for it.
type Account struct {
	Description
	Disabled bool `json:"disabled,omitempty"`
}

// Aggregate says where tokens and service accounts are kept.
var Aggregate = domain.Aggregate[Tokens, Event]{Category: "access", Evolve: Evolve, Snapshot: 2, NotFound: ErrNoToken}

// Evolve is the tokens and service accounts after e.
func Evolve(t Tokens, e Event) Tokens {
	t = Tokens{ByID: cloned(t.ByID), Accounts: cloned(t.Accounts)} // states are cached and shared
	switch e := e.(type) {
	case TokenIssued:
		t.ByID[e.TokenID] = Token{ID: e.TokenID, Name: e.Name, Kind: e.Kind, Hash: e.Hash, Roles: e.Roles, Scopes: e.Scopes, ExpiresAt: e.ExpiresAt}
	case TokenRevoked:
		t.revoke(e.TokenID)
	case ServiceAccountCreated:
		t.Accounts[e.Name] = Account{Description: e.Description}
	case ServiceAccountChanged:
		account := t.Accounts[e.Name]
		account.Description = e.To
		t.Accounts[e.Name] = account
	case ServiceAccountDisabled:
		t.setDisabled(e.Name, true)
		for _, id := range e.Tokens {
			t.revoke(id)
		}
	case ServiceAccountEnabled:
		t.setDisabled(e.Name, false)
	}
	return t
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

func (t Tokens) revoke(id string) {
	token := t.ByID[id]
	token.Revoked = true
	t.ByID[id] = token
}

func (t Tokens) setDisabled(name string, disabled bool) {
	account := t.Accounts[name]
	account.Disabled = disabled
	t.Accounts[name] = account
}

// Valid says whether the token opens anything at now.
func (t Token) Valid(now time.Time) bool {
	return t.ID != "" && !t.Revoked && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// RolesOf is what a token may do: of a service account, what the account may do
// now, narrowed to the roles of the token if it was given some.
func (t Tokens) RolesOf(token Token) []string {
	if token.Kind != ServiceAccount {
		return token.Roles
	}
	held := t.Accounts[token.Name].Roles
	if len(token.Roles) == 0 {
		return held
	}
	return slices.DeleteFunc(slices.Clone(token.Roles), func(role string) bool { return !slices.Contains(held, role) })
}
