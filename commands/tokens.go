package commands

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// TokenState is every token and service account, kept current in memory.
type TokenState = Live[access.Tokens, access.Event]

// IssueToken lets whoever knows a secret call the API. The caller makes the
// secret and sends only its hash, so the secret is never on the wire or in a log.
type IssueToken struct {
	At
	Name      string     `json:"name" doc:"Who acts with it; stands as actor in every event. No other token in use may have it, unless this one renews that; of a service account, its name" maxLength:"200" example:"ann"`
	Kind      string     `json:"kind,omitempty" doc:"Whom it is for: a person, if left out, or the service account of that name" enum:"person,service_account" example:"person"`
	Hash      string     `json:"hash" doc:"SHA-256 of the secret, hexadecimal" minLength:"64" maxLength:"64" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	Roles     []string   `json:"roles,omitempty" doc:"What it may do; of a service account, all that the account may do if left out" example:"[\"sales\"]" minItems:"1"`
	Scopes    []string   `json:"scopes,omitempty" doc:"What of that it may do: read (all queries), write (all commands), or names of operations; all of it if left out" example:"[\"read\",\"move-deal\"]" minItems:"1" maxItems:"100"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When it ends; never if left out" example:"2030-01-01T00:00:00Z"`
	Renews    bool       `json:"renews,omitempty" doc:"Whether it is a further token of a caller who has one, who goes on under the same name and with the same idempotency keys" example:"false"`
}

// RevokeToken ends a token.
type RevokeToken struct {
	At
	TokenID string `json:"token_id" doc:"Id of the token" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Reason  string `json:"reason,omitempty" doc:"Why" maxLength:"200" example:"laptop lost"`
}

// Tokens handles the commands on API tokens and service accounts.
type Tokens struct {
	loop       *Loop
	state      *TokenState
	operations []string
}

// NewTokens answers once what it did holds everywhere in this process. The names
// of operations are those that scopes may hold.
func NewTokens(loop *Loop, state *TokenState, operations []string) Tokens {
	return Tokens{loop, state, operations}
}

// Issue fails with input.ErrInvalid, access.ErrTokenExists, ErrNameTaken,
// ErrNoAccount or ErrDisabled.
func (h Tokens) Issue(ctx context.Context, env Envelope, c IssueToken) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, m moment) ([]access.Event, error) {
		return t.Issue(access.Issuing{
			TokenID: derived(env.CommandID, "token").String(),
			Name:    c.Name, Kind: c.Kind, Hash: c.Hash, Roles: c.Roles, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt, Renews: c.Renews,
		}, h.operations, m.at)
	})
}

// Revoke fails with access.ErrNoToken.
func (h Tokens) Revoke(ctx context.Context, env Envelope, c RevokeToken) (Result, error) {
	return h.execute(ctx, env, c, func(t access.Tokens, _ moment) ([]access.Event, error) {
		return t.Revoke(c.TokenID, c.Reason)
	})
}

func (h Tokens) execute(ctx context.Context, env Envelope, command any, decide func(access.Tokens, moment) ([]access.Event, error)) (Result, error) {
	result, err := onNew(ctx, h.loop, access.Aggregate, env, access.TokensID, command, decide)
	if err != nil {
		return Result{}, err
	}
	return result, h.state.Await(ctx, result.Revision)
}

// IssueFirst issues one admin token on a log that has none, and returns its
// secret; otherwise it returns "". Of several processes one gets it.
func (h Tokens) IssueFirst(ctx context.Context) (secret string, err error) {
	if len(h.state.State().ByID) > 0 {
		return "", nil
	}
	secret, hash := NewSecret()
	_, err = h.Issue(ctx, program("issue-token", "the first admin token"), IssueToken{Name: "admin", Hash: hash, Roles: []string{access.Admin}})
	if errors.Is(err, domain.ErrKeyReused) {
		return "", nil
	}
	return secret, err
}

// NewSecret makes the secret of a token, and the hash that is kept of it.
func NewSecret() (secret, hash string) {
	random := make([]byte, 32)
	rand.Read(random)
	secret = "crm_" + base64.RawURLEncoding.EncodeToString(random)
	return secret, HashSecret(secret)
}

// HashSecret is what is kept of a secret. It is random and long, so a plain
// hash is enough.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// program is the envelope of what the program does by itself, once.
func program(command, what string) Envelope {
	return Envelope{
		Command: command, CommandID: CommandID(access.System, what),
		Actor: domain.Actor{ID: access.System, Role: access.System},
	}
}
