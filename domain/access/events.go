package access

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream of API tokens and service accounts.
//
//sumtype:decl
type Event interface {
	domain.Event
	accessEvent()
}

// TokenIssued lets whoever has the secret act as Name in Roles. Only a hash of
// the secret is recorded.
type TokenIssued struct {
	TokenID   string     `json:"token_id"`
	Name      string     `json:"name"`             // the actor id that what the token does is recorded under
	Kind      string     `json:"kind"`             // Person, or ServiceAccount for a token of the account of that name
	Hash      string     `json:"hash"`             // SHA-256 of the secret, hexadecimal
	Roles     []string   `json:"roles,omitempty"`  // none: those of the service account
	Scopes    []string   `json:"scopes,omitempty"` // none: all that the roles allow
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// tokenIssuedV1 is from before there were service accounts and scopes.
type tokenIssuedV1 struct {
	TokenID   string     `json:"token_id"`
	Name      string     `json:"name"`
	Hash      string     `json:"hash"`
	Roles     []string   `json:"roles"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

func (old tokenIssuedV1) upcast() TokenIssued {
	return TokenIssued{TokenID: old.TokenID, Name: old.Name, Kind: Person, Hash: old.Hash, Roles: old.Roles, ExpiresAt: old.ExpiresAt}
}

// TokenRevoked ends a token's life.
type TokenRevoked struct {
	TokenID string `json:"token_id"`
	Name    string `json:"name"`
	Reason  string `json:"reason,omitempty"`
}

// ServiceAccountCreated lets tokens be issued for a program.
type ServiceAccountCreated struct {
	Name string `json:"name"` // the actor id that what the program does is recorded under
	Description
}

// ServiceAccountChanged describes it anew.
type ServiceAccountChanged struct {
	Name string      `json:"name"`
	From Description `json:"from"`
	To   Description `json:"to"`
}

// ServiceAccountDisabled ends all its tokens.
type ServiceAccountDisabled struct {
	Name   string   `json:"name"`
	Tokens []string `json:"tokens"` // ids of those that were not revoked before
	Reason string   `json:"reason"`
}

// ServiceAccountEnabled lets tokens be issued for it again.
type ServiceAccountEnabled struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
}

// EventType is the wire name.
func (TokenIssued) EventType() string { return "access.token_issued.v2" }

// EventType is the wire name.
func (TokenRevoked) EventType() string { return "access.token_revoked.v1" }

// EventType is the wire name.
func (ServiceAccountCreated) EventType() string { return "access.service_account_created.v1" }

// EventType is the wire name.
func (ServiceAccountChanged) EventType() string { return "access.service_account_changed.v1" }

// EventType is the wire name.
func (ServiceAccountDisabled) EventType() string { return "access.service_account_disabled.v1" }

// EventType is the wire name.
func (ServiceAccountEnabled) EventType() string { return "access.service_account_enabled.v1" }

func (TokenIssued) accessEvent()            {}
func (TokenRevoked) accessEvent()           {}
func (ServiceAccountCreated) accessEvent()  {}
func (ServiceAccountChanged) accessEvent()  {}
func (ServiceAccountDisabled) accessEvent() {}
func (ServiceAccountEnabled) accessEvent()  {}

// Types lists every wire type found in the stream of API tokens and service
// accounts.
var Types = []domain.Type{
	domain.Current[TokenIssued](),
	domain.Superseded("access.token_issued.v1", tokenIssuedV1.upcast),
	domain.Current[TokenRevoked](),
	domain.Current[ServiceAccountCreated](),
	domain.Current[ServiceAccountChanged](),
	domain.Current[ServiceAccountDisabled](),
	domain.Current[ServiceAccountEnabled](),
}
