// Package callers knows who may call: it finds the token that a secret belongs
// to, among those that the log says were issued.
package callers

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/access"
)

// Directory looks callers up by the hash of their secret, in memory. A secret
// that is no token of ours, but may be a JSON web token, is for the issuers.
type Directory struct {
	state   *commands.TokenState
	issuers httpapi.Authenticator // nil: none
	now     func() time.Time
	uses    uses

	mu       sync.RWMutex
	known    known
	revision int64 // of the state that known was made from
}

// known is the tokens by hash, and who goes by a name, in lower case.
type known struct {
	byHash map[string]entry
	byName map[string]holder
}

// entry is a token, and when it was used.
type entry struct {
	access.Token
	use *use
}

// holder is who goes by a name here.
type holder struct {
	name    string
	program bool
}

// New looks up in state, and asks issuers, if there are any, about JSON web tokens.
func New(state *commands.TokenState, issuers httpapi.Authenticator, now func() time.Time) *Directory {
	return &Directory{state: state, issuers: issuers, now: now, revision: commands.NoStream}
}

// Caller fails with httpapi.ErrUnauthenticated for a secret that no token has,
// or one that was revoked or has expired. For a JSON web token it fails as the
// issuers do, or with httpapi.ErrNotThatCaller.
func (d *Directory) Caller(ctx context.Context, secret string) (httpapi.Caller, error) {
	known, now := d.current(), d.now()
	token, ok := known.byHash[commands.HashSecret(secret)]
	switch {
	case ok && token.Valid(now):
		token.use.at(now)
		return httpapi.Caller{
			ID: token.Name, Name: token.Name, Kind: token.Kind, Roles: token.Roles, Scopes: token.Scopes, ExpiresAt: token.ExpiresAt,
		}, nil
	case ok || d.issuers == nil || strings.Count(secret, ".") != 2:
		return httpapi.Caller{}, httpapi.ErrUnauthenticated
	}
	caller, err := d.issuers.Caller(ctx, secret)
	if err != nil {
		return httpapi.Caller{}, err
	}
	return caller, known.person(caller.ID)
}

// person fails unless a person that an issuer vouches for can go by a name. The
// same name of a person's token is taken to be the same person: whoever issues
// tokens also says which issuer is believed.
func (k known) person(name string) error {
	switch other, taken := k.byName[folded(name)]; {
	case !taken:
		return nil
	case other.program:
		return httpapi.ErrNotThatCaller.Because("your token names a caller that a program is here; nobody else goes by its name")
	case other.name != name:
		return httpapi.ErrNotThatCaller.Because("your token names a caller whose name reads like that of another here, in other letters")
	}
	return nil
}

// folded is a name without upper and lower case. The way over upper case makes
// letters one that have several forms.
func folded(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// current is made anew when anything about tokens changed, which is rare. Roles
// of service accounts are filled in.
func (d *Directory) current() known {
	latest := d.state.Revision()
	d.mu.RLock()
	current, revision := d.known, d.revision
	d.mu.RUnlock()
	if revision == latest {
		return current
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known, d.revision = d.from(d.state.State()), latest
	return d.known
}

func (d *Directory) from(all access.Tokens) known {
	k := known{byHash: map[string]entry{}, byName: map[string]holder{}}
	for _, token := range all.ByID {
		token.Roles = all.RolesOf(token)
		k.byHash[token.Hash] = entry{token, d.uses.of(token.ID)}
		if name := folded(token.Name); !token.Revoked {
			// From before there were service accounts, a program has this role alone.
			program := slices.Equal(token.Roles, []string{access.Application})
			k.byName[name] = holder{token.Name, program || k.byName[name].program}
		}
	}
	for name := range all.Accounts {
		k.byName[folded(name)] = holder{name, true}
	}
	return k
}
