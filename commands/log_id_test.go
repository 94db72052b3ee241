package commands_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

func TestLogIDTellsLogsApart(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		store := new(commandstest.Memory)
		none, err := commands.LogID(t.Context(), store)
		require.NoError(t, err)
		assert.Empty(t, none, "nobody has begun it yet")
		begin(t, store)
		id, err := commands.LogID(t.Context(), store)
		require.NoError(t, err)
		assert.Regexp(t, "^[0-9a-f]{12}$", id)
		assert.False(t, seen[id])
		seen[id] = true
		openDeal(t, commands.Deals{Loop: loopOver(t, store, nil)}, fresh())
		again, err := commands.LogID(t.Context(), store)
		require.NoError(t, err)
		assert.Equal(t, id, again)
	}
}

// A log that was restored is not the one that read models were made from.
func TestLogIDChangesWithEveryIncarnation(t *testing.T) {
	store := new(commandstest.Memory)
	begin(t, store)
	seen := map[string]bool{}
	for range 3 {
		id, err := commands.LogID(t.Context(), store)
		require.NoError(t, err)
		assert.Regexp(t, "^[0-9a-f]{12}$", id)
		assert.False(t, seen[id])
		seen[id] = true
		_, err = commands.Incarnations{Loop: loopOver(t, store, nil)}.Begin(t.Context(), fresh(), commands.BeginIncarnation{Reason: "restored"})
		require.NoError(t, err)
	}
}

// begin publishes the standard policy, as the first start on a log does: its
// event has the same id everywhere.
func begin(t *testing.T, store commands.EventStore) {
	t.Helper()
	_, err := store.Append(t.Context(), policy.Aggregate.Stream(policy.StandardID), commands.NoStream, []domain.NewEvent{
		{ID: "8d1f0c3e-0e54-5c53-9a39-0b2f0d6a7c11", Event: policy.Published{Version: 1, Pack: policy.Standard()}},
	})
	require.NoError(t, err)
}
