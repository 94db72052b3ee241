package commands_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/domain/reservation"
	"github.com/annals-crm/annals/domain/ticket"
)

// Every event of every aggregate names the version of the policy it was decided
// under: the one in force when it happened, not when it was recorded.
func TestEveryDecisionNamesItsPolicy(t *testing.T) {
	store := &commandstest.Memory{}
	change := now.Add(-48 * time.Hour)
	stricter := policy.Standard()
	stricter.Customers.ChurnAfter = "P4M"
	for i, p := range []policy.Published{
		{Version: 1, Pack: policy.Standard(), EffectiveFrom: now.Add(-1000 * time.Hour)},
		{Version: 2, Pack: stricter, EffectiveFrom: change},
	} {
		_, err := store.Append(t.Context(), policy.Aggregate.Stream(policy.StandardID), int64(i)-1,
			[]domain.NewEvent{{ID: commands.CommandID("setup", p.EffectiveFrom.String()).String(), Event: p}})
		require.NoError(t, err)
	}
	setup := len(store.Log())
	loop := loopOver(t, store, nil)
	quiet := slog.New(slog.DiscardHandler)
	tokens, err := commands.NewLive(t.Context(), store, silent{}, access.Aggregate, access.TokensID, quiet)
	require.NoError(t, err)
	decisions, err := commands.NewLive(t.Context(), store, silent{}, readmodel.Aggregate, readmodel.ID, quiet)
	require.NoError(t, err)
	var (
		people = commands.Customers{Loop: loop, Numbers: commands.NewNumbers(loop, numberrange.Customers), Reservations: commands.NewReservations(loop, make([]byte, 32))}
		deals  = commands.Deals{Loop: loop}
		desk   = commands.Tickets{Loop: loop}
		before = change.Add(-time.Hour)
	)
	for _, when := range []struct {
		name string
		at   commands.At
	}{{"now", commands.At{}}, {"before", commands.At{OccurredAt: &before}}} {
		at := func(what string) commands.Envelope {
			env := by(what + when.name)
			env.OccurredAt = when.at.Occurred()
			return env
		}
		do := func(_ commands.Result, err error) { require.NoError(t, err) }
		do(people.Register(t.Context(), at("customer"), commands.RegisterCustomer{At: when.at, Name: "Ningbo " + when.name, Contacts: []commands.Contact{{Kind: "email", Value: when.name + "@example.com"}}}))
		do(deals.Open(t.Context(), at("deal"), commands.OpenDeal{At: when.at, Title: "200 workstations", Amount: domain.Money{Minor: 100, Currency: "CNY"}}))
		do(desk.Open(t.Context(), at("ticket"), commands.OpenTicket{At: when.at, Subject: "Fan makes noise"}))
	}
	// These wait to be seen by a follower, and nobody follows here: what counts is recorded before.
	soon := func() context.Context {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		t.Cleanup(stop)
		return ctx
	}
	_, _ = commands.NewTokens(loop, tokens, nil).Issue(soon(), by("token"), commands.IssueToken{Name: "ann", Hash: commands.HashSecret("x"), Roles: []string{access.Sales}})
	_, _ = commands.NewReadModels(loop, decisions).Discard(soon(), by("discard"), commands.DiscardParked{
		ReadModel: "deals", Version: 1, Stream: "deal-1", Reason: "broken", Events: []readmodel.Discarded{{Revision: 1}},
	})

	categories := map[string]bool{}
	for _, r := range store.Log()[setup:] {
		category := r.Stream[:len(r.Stream)-len(r.Subject())-1]
		categories[category] = true
		want := 2
		if r.OccurredAt().Before(change) {
			want = 1
		}
		assert.Equal(t, want, r.Meta.PolicyVersion, "%s in %s, happened at %s", r.Event.EventType(), r.Stream, r.OccurredAt())
	}
	for _, category := range []string{
		access.Aggregate.Category, customer.Aggregate.Category, deal.Aggregate.Category, numberrange.Aggregate.Category,
		readmodel.Aggregate.Category, reservation.Aggregate.Category, ticket.Aggregate.Category,
	} {
		assert.Contains(t, slices.Collect(maps.Keys(categories)), category)
	}
}
