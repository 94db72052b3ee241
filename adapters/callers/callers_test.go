package callers_test

import (
	"context"
	"iter"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/callers"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// issuers vouch for whoever a token names before the first dot.
type issuers struct{ err error }

func (i issuers) Caller(_ context.Context, token string) (httpapi.Caller, error) {
	return httpapi.Caller{ID: token[:len(token)-len(".b.c")], Roles: []string{"sales"}}, i.err
}

// quiet is a log that nothing is added to.
type quiet struct{ *commandstest.Memory }

func (quiet) Follow(context.Context, string, uint64) iter.Seq2[domain.Recorded, error] {
	return func(func(domain.Recorded, error) bool) {}
}

func directory(t *testing.T, auth httpapi.Authenticator, events ...access.Event) *callers.Directory {
	t.Helper()
	return directoryAt(t, func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }, auth, events...)
}

func directoryAt(tb testing.TB, now func() time.Time, auth httpapi.Authenticator, events ...access.Event) *callers.Directory {
	tb.Helper()
	log := quiet{&commandstest.Memory{}}
	for i, e := range events {
		_, err := log.Append(tb.Context(), access.Aggregate.Stream(access.TokensID), int64(i)-1, []domain.NewEvent{{ID: uuid.NewString(), Event: e}})
		require.NoError(tb, err)
	}
	state, err := commands.NewLive(tb.Context(), log, log, access.Aggregate, access.TokensID, slog.New(slog.DiscardHandler))
	require.NoError(tb, err)
	return callers.New(state, auth, now)
}

func issued(n int, name string, roles ...string) access.TokenIssued {
	return access.TokenIssued{TokenID: strconv.Itoa(n), Name: name, Kind: access.Person, Hash: commands.HashSecret(name), Roles: roles, Scopes: []string{"read"}}
}

func TestTokensAreLookedUp(t *testing.T) {
	d := directory(
		t, nil, issued(1, "ann", "sales"), issued(2, "bob", "sales"), access.TokenRevoked{TokenID: "2"},
		access.ServiceAccountCreated{Name: "shop", Description: access.Description{Roles: []string{"application"}}},
		access.TokenIssued{TokenID: "3", Name: "shop", Kind: access.ServiceAccount, Hash: commands.HashSecret("shop")},
	)
	ann, err := d.Caller(t.Context(), "ann")
	require.NoError(t, err)
	assert.Equal(t, httpapi.Caller{ID: "ann", Name: "ann", Kind: "person", Roles: []string{"sales"}, Scopes: []string{"read"}}, ann)
	shop, err := d.Caller(t.Context(), "shop")
	require.NoError(t, err)
	assert.Equal(t, httpapi.Caller{ID: "shop", Name: "shop", Kind: "service_account", Roles: []string{"application"}}, shop)
	for _, secret := range []string{"bob", "nobody", "a.b.c"} {
		_, err = d.Caller(t.Context(), secret)
		assert.ErrorIs(t, err, httpapi.ErrUnauthenticated, secret)
	}
}

// A person may have a token of ours and one of an issuer. Nobody goes by the
// name of a program, nor by one that people would take for that of another.
func TestNamesOfIssuersAndOfTokens(t *testing.T) {
	d := directory(
		t, issuers{}, issued(1, "ann", "sales"), issued(2, "reporter", "application"), issued(3, "gone", "application"), access.TokenRevoked{TokenID: "3"},
		access.ServiceAccountCreated{Name: "Shop", Description: access.Description{Roles: []string{"application"}}},
	)
	for name, want := range map[string]error{
		"ann": nil, "zoe": nil, "gone": nil,
		"Ann": httpapi.ErrNotThatCaller, "reporter": httpapi.ErrNotThatCaller, "shop": httpapi.ErrNotThatCaller, "Shop": httpapi.ErrNotThatCaller,
	} {
		caller, err := d.Caller(t.Context(), name+".b.c")
		assert.ErrorIs(t, err, want, name)
		if want == nil {
			assert.Equal(t, name, caller.ID)
		}
	}
	_, err := directory(t, issuers{httpapi.ErrIssuerAway}).Caller(t.Context(), "ann.b.c")
	assert.ErrorIs(t, err, httpapi.ErrIssuerAway)
}
