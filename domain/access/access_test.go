package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, access.Types) }

type (
	events = []access.Event
	cases  = []domaintest.Case[access.Tokens, access.Event]
)

var (
	now    = time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	later  = now.Add(time.Hour)
	hash   = strings.Repeat("0f", 32)
	issued = access.TokenIssued{TokenID: "k1", Name: "reporting", Kind: access.Person, Hash: hash, Roles: []string{"analyst", "auditor"}, ExpiresAt: &later}
)

func TestIssue(t *testing.T) {
	issue := func(change func(*access.Issuing)) func(access.Tokens) (events, error) {
		return func(tokens access.Tokens) (events, error) {
			in := access.Issuing{TokenID: "k1", Name: " reporting ", Hash: hash, Roles: []string{"auditor", "analyst", "auditor"}, ExpiresAt: &later}
			change(&in)
			return tokens.Issue(in, []string{"list-deals", "move-deal"}, now)
		}
	}
	another := func(in *access.Issuing) { in.TokenID, in.Hash = "k2", strings.Repeat("ab", 32) }
	renewed, expired, scoped := issued, issued, issued
	scoped.Scopes = []string{"move-deal", "read"}
	renewed.TokenID, renewed.Hash, expired.ExpiresAt = "k2", strings.Repeat("ab", 32), &now
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "roles sorted, each once", When: issue(func(*access.Issuing) {}), Then: events{issued}},
		{Name: "an id twice", Given: events{issued}, When: issue(func(in *access.Issuing) { in.Hash = strings.Repeat("ab", 32) }), Err: access.ErrTokenExists},
		{Name: "a name twice", Given: events{issued}, When: issue(another), Err: access.ErrNameTaken.In("name"), Says: "k1"},
		{Name: "a name written otherwise", Given: events{issued}, When: issue(func(in *access.Issuing) { another(in); in.Name = "Reporting" }), Err: access.ErrNameTaken},
		{Name: "a caller's next token", Given: events{issued}, When: issue(func(in *access.Issuing) { another(in); in.Renews = true }), Then: events{renewed}},
		{
			Name: "a caller's next token, the name written otherwise", Given: events{issued},
			When: issue(func(in *access.Issuing) { another(in); in.Name, in.Renews = "Reporting", true }), Err: access.ErrNameTaken,
		},
		{Name: "a name that was revoked", Given: events{issued, access.TokenRevoked{TokenID: "k1"}}, When: issue(another), Then: events{renewed}},
		{Name: "a name that has expired", Given: events{expired}, When: issue(another), Then: events{renewed}},
		{Name: "a secret twice", Given: events{issued}, When: issue(func(in *access.Issuing) { in.TokenID = "k2" }), Err: access.ErrTokenExists},
		{Name: "no name", When: issue(func(in *access.Issuing) { in.Name = "" }), Err: input.ErrInvalid.In("name")},
		{Name: "the program's name", When: issue(func(in *access.Issuing) { in.Name = " System" }), Err: input.ErrInvalid.In("name"), Says: "history"},
		{Name: "the timer's name", When: issue(func(in *access.Issuing) { in.Name = access.Timer }), Err: input.ErrInvalid.In("name")},
		{Name: "the secret itself", When: issue(func(in *access.Issuing) { in.Hash = "s3cret" }), Err: input.ErrInvalid.In("hash"), Says: "SHA-256"},
		{Name: "no roles", When: issue(func(in *access.Issuing) { in.Roles = nil }), Err: input.ErrInvalid.In("roles")},
		{Name: "unknown role", When: issue(func(in *access.Issuing) { in.Roles = []string{"boss"} }), Err: input.ErrInvalid.In("roles"), Says: "admin, sales"},
		{Name: "an empty role", When: issue(func(in *access.Issuing) { in.Roles = []string{""} }), Err: input.ErrInvalid.In("roles")},
		{Name: "system is never issued", When: issue(func(in *access.Issuing) { in.Roles = []string{access.System} }), Err: input.ErrInvalid.In("roles")},
		{
			Name: "scopes sorted, each once",
			When: issue(func(in *access.Issuing) { in.Scopes = []string{"read", "move-deal", "read"} }), Then: events{scoped},
		},
		{Name: "an unknown scope", When: issue(func(in *access.Issuing) { in.Scopes = []string{"read", "move-mountains"} }), Err: input.ErrInvalid.In("scopes"), Says: "move-mountains"},
		{Name: "an unknown kind", When: issue(func(in *access.Issuing) { in.Kind = "robot" }), Err: input.ErrInvalid.In("kind")},
		{Name: "expired at birth", When: issue(func(in *access.Issuing) { in.ExpiresAt = &now }), Err: input.ErrInvalid.In("expires_at")},
	})
	assert.Equal(t, "access-tokens", access.Aggregate.Stream(access.TokensID))
}

func TestRevoke(t *testing.T) {
	revoke := func(id string) func(access.Tokens) (events, error) {
		return func(tokens access.Tokens) (events, error) { return tokens.Revoke(id, "left the company") }
	}
	revoked := access.TokenRevoked{TokenID: "k1", Name: "reporting", Reason: "left the company"}
	domaintest.Run(t, access.Aggregate, cases{
		{Name: "for good", Given: events{issued}, When: revoke("k1"), Then: events{revoked}},
		{Name: "twice", Given: events{issued, revoked}, When: revoke("k1"), Then: nil},
		{Name: "unknown", Given: events{issued}, When: revoke("k2"), Err: access.ErrNoToken},
	})
	live := domaintest.Fold(access.Aggregate, access.Event(issued)).ByID["k1"]
	dead := domaintest.Fold(access.Aggregate, events{issued, revoked}...).ByID["k1"]
	assert.True(t, live.Valid(now))
	assert.False(t, live.Valid(later), "expired")
	assert.False(t, dead.Valid(now), "revoked")
	assert.False(t, access.Token{}.Valid(now), "unknown")
	assert.True(t, access.Token{ID: "k"}.Valid(now.AddDate(100, 0, 0)), "without an end")
}
