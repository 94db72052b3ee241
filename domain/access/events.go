package access

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream of API tokens.
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
	Name      string     `json:"name"` // the actor id that what the token does is recorded under
	Hash      string     `json:"hash"` // SHA-256 of the secret, hexadecimal
	Roles     []string   `json:"roles"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// TokenRevoked ends a token's life.
type TokenRevoked struct {
	TokenID string `json:"token_id"`
	Name    string `json:"name"`
	Reason  string `json:"reason,omitempty"`
}

// EventType is the wire name.
func (TokenIssued) EventType() string { return "access.token_issued.v1" }

// EventType is the wire name.
func (TokenRevoked) EventType() string { return "access.token_revoked.v1" }

func (TokenIssued) accessEvent()  {}
func (TokenRevoked) accessEvent() {}

// Types lists every wire type found in the stream of API tokens.
var Types = []domain.Type{
	domain.Current[TokenIssued](),
	domain.Current[TokenRevoked](),
}
