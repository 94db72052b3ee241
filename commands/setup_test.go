package commands_test

import (
	"context"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

var now = time.Date(2026, 1, 19, 2, 0, 0, 0, time.UTC)

// loopOver is the command loop over a store, as one process has it.
func loopOver(t *testing.T, store commands.EventStore, snapshots commands.Snapshots) *commands.Loop {
	t.Helper()
	state, err := commands.NewLive(t.Context(), store, silent{}, policy.Aggregate, policy.StandardID, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	loop, err := commands.NewLoop(commands.LoopConfig{
		Store: store, Snapshots: snapshots, Policy: state, States: 100,
		Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return loop
}

// silent is a log in which nothing further happens.
type silent struct{}

func (silent) Follow(ctx context.Context, _ string, _ uint64) iter.Seq2[domain.Recorded, error] {
	return func(func(domain.Recorded, error) bool) { <-ctx.Done() }
}

// by is a request of ann's; the same key makes it the same request.
func by(key string) commands.Envelope {
	return commands.Envelope{Command: "test", CommandID: commands.CommandID("ann", key), Actor: domain.Actor{ID: "ann", Role: "sales"}}
}

// fresh is a request of ann's without a key.
func fresh() commands.Envelope {
	env := by(uuid.NewString())
	env.Fresh = true
	return env
}

func openDeal(t *testing.T, deals commands.Deals, env commands.Envelope) commands.Result {
	t.Helper()
	result, err := deals.Open(t.Context(), env, commands.OpenDeal{Title: "200 workstations", Amount: domain.Money{Minor: 100, Currency: "CNY"}})
	require.NoError(t, err)
	return result
}

// counting counts the round trips to a store.
type counting struct {
	*commandstest.Memory
	reads, appends int
}

func (c *counting) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	c.reads++
	return c.Memory.Read(ctx, stream, from)
}

func (c *counting) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	c.appends++
	return c.Memory.Append(ctx, stream, expected, events)
}
