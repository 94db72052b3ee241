// Package webhookstest provides what webhooks keep in memory, for tests, and the
// suite that every implementation of webhooks.Store has to pass, the one in
// memory included.
package webhookstest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
)

// Store is the suite. Names are those of webhooks that nobody else has, so it may
// share a server.
func Store(t *testing.T, s webhooks.Store) {
	t.Helper()
	t.Run("a place outlives nothing but itself", func(t *testing.T) { places(t, s) })
	t.Run("the journal keeps the last entries", func(t *testing.T) { journals(t, s) })
	t.Run("one of several has the work", func(t *testing.T) { leases(t, s) })
}

func places(t *testing.T, s webhooks.Store) {
	t.Helper()
	a, b := uuid.NewString(), uuid.NewString()
	state := func(name string) string {
		text, err := s.DeliveryState(t.Context(), name)
		require.NoError(t, err)
		return text
	}
	assert.Empty(t, state(a), "nothing is known")
	require.NoError(t, s.SaveDeliveries(t.Context(), a, "here", nil, 3))
	require.NoError(t, s.SaveDeliveries(t.Context(), b, "elsewhere", nil, 3))
	require.NoError(t, s.SaveDeliveries(t.Context(), a, "further on", []string{"x"}, 3))
	assert.Equal(t, "further on", state(a))
	require.NoError(t, s.DropDeliveries(t.Context(), a))
	require.NoError(t, s.DropDeliveries(t.Context(), a), "twice does no harm")
	assert.Empty(t, state(a))
	journal, err := s.DeliveryJournal(t.Context(), a, 3)
	require.NoError(t, err)
	assert.Empty(t, journal)
	assert.Equal(t, "elsewhere", state(b))
}

func journals(t *testing.T, s webhooks.Store) {
	t.Helper()
	name := uuid.NewString()
	journal := func(most int64) []string {
		entries, err := s.DeliveryJournal(t.Context(), name, most)
		require.NoError(t, err)
		return entries
	}
	assert.Empty(t, journal(3))
	for i := range 3 {
		require.NoError(t, s.SaveDeliveries(t.Context(), name, "", []string{fmt.Sprint("a", i), fmt.Sprint("b", i)}, 5))
	}
	assert.Equal(t, []string{"b2", "a2", "b1", "a1", "b0"}, journal(100), "the latest first, and no more than were to be kept")
	assert.Equal(t, []string{"b2", "a2"}, journal(2))
}

func leases(t *testing.T, s webhooks.Store) {
	t.Helper()
	name := "webhook " + uuid.NewString()
	lease := func(owner string, lasts time.Duration) bool {
		mine, err := s.Lease(t.Context(), name, owner, lasts)
		require.NoError(t, err)
		return mine
	}
	leased := func() bool {
		somebody, err := s.Leased(t.Context(), name)
		require.NoError(t, err)
		return somebody
	}
	assert.False(t, leased())
	assert.True(t, lease("a", time.Hour))
	assert.True(t, leased())
	assert.False(t, lease("b", time.Hour), "a has it")
	assert.True(t, lease("a", time.Hour), "and may keep it")
	require.NoError(t, s.Release(t.Context(), name, "b"))
	assert.False(t, lease("b", time.Hour), "what b does not have it cannot give back")
	require.NoError(t, s.Release(t.Context(), name, "a"))
	assert.False(t, leased())
	assert.True(t, lease("b", 50*time.Millisecond))
	require.Eventually(t, func() bool { return lease("a", time.Hour) }, 10*time.Second, 5*time.Millisecond, "it runs out")
}
