// Package callers knows who may call: it finds the token that a secret belongs
// to, among those that the log says were issued.
package callers

import (
	"context"
	"sync"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/access"
)

// Directory looks callers up by the hash of their secret, in memory.
type Directory struct {
	state *commands.TokenState
	now   func() time.Time

	mu       sync.RWMutex
	byHash   map[string]access.Token
	revision int64 // of the state that byHash was made from
}

// New looks up in state.
func New(state *commands.TokenState, now func() time.Time) *Directory {
	return &Directory{state: state, now: now, revision: commands.NoStream}
}

// Caller fails with httpapi.ErrUnauthenticated for a secret that no token has,
// or one that was revoked or has expired.
func (d *Directory) Caller(_ context.Context, secret string) (httpapi.Caller, error) {
	token, ok := d.tokens()[commands.HashSecret(secret)]
	if !ok || !token.Valid(d.now()) {
		return httpapi.Caller{}, httpapi.ErrUnauthenticated
	}
	return httpapi.Caller{ID: token.Name, Name: token.Name, Kind: token.Kind, Roles: token.Roles, Scopes: token.Scopes, ExpiresAt: token.ExpiresAt}, nil
}

// tokens is made anew when anything about tokens changed, which is rare. Roles
// of service accounts are filled in.
func (d *Directory) tokens() map[string]access.Token {
	latest := d.state.Revision()
	d.mu.RLock()
	byHash, revision := d.byHash, d.revision
	d.mu.RUnlock()
	if revision == latest {
		return byHash
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byHash, d.revision = map[string]access.Token{}, latest
	all := d.state.State()
	for _, token := range all.ByID {
		token.Roles = all.RolesOf(token)
		d.byHash[token.Hash] = token
	}
	return d.byHash
}
