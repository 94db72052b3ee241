package commands_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/tokenuse"
)

// Any number of processes note the same use at once: it is recorded once, without
// a read and without one waiting for the other.
func TestAUseIsNotedByWhicheverProcessIsFirst(t *testing.T) {
	store := &commandstest.Memory{}
	var all sync.WaitGroup
	for range 8 {
		uses := commands.TokenUses{Loop: loopOver(t, store, nil)}
		all.Go(func() {
			for _, minute := range []int{1, 30, 59} {
				assert.NoError(t, uses.Note(t.Context(), "k1", now.Add(-time.Hour).Add(time.Duration(minute)*time.Minute)))
			}
			assert.NoError(t, uses.Note(t.Context(), "k2", now))
		})
	}
	all.Wait()
	var noted []domain.Event
	for _, r := range store.Log() {
		noted = append(noted, r.Event)
		assert.Equal(t, access.System, r.Meta.Actor.ID)
		assert.Equal(t, "note-token-use", r.Meta.Command)
	}
	assert.ElementsMatch(t, []domain.Event{
		tokenuse.Noted{TokenID: "k1", Hour: now.Add(-time.Hour)}, tokenuse.Noted{TokenID: "k2", Hour: now},
	}, noted)

	counted := &counting{Memory: store}
	uses := commands.TokenUses{Loop: loopOver(t, counted, nil)}
	counted.reads = 0 // that of the policy
	require.NoError(t, uses.Note(t.Context(), "k1", now))
	require.NoError(t, uses.Note(t.Context(), "k1", now))
	assert.Zero(t, counted.reads)
	assert.Len(t, store.Log(), 3)
}
