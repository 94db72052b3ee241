package redisviews_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
)

func TestBulletins(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			s := redisviews.New(client(t, url), redisviews.Config{})
			text, err := s.Posted(t.Context(), "work")
			require.NoError(t, err)
			assert.Empty(t, text)
			require.NoError(t, s.Post(t.Context(), "work", "half done", time.Hour))
			text, err = s.Posted(t.Context(), "work")
			require.NoError(t, err)
			assert.Equal(t, "half done", text)

			lease := func(owner string) bool {
				mine, err := s.Lease(t.Context(), "work", owner, time.Hour)
				require.NoError(t, err)
				return mine
			}
			assert.True(t, lease("a"))
			assert.False(t, lease("b"), "a has it")
			assert.True(t, lease("a"), "and may keep it")
			require.NoError(t, s.Release(t.Context(), "work", "b"))
			assert.False(t, lease("b"), "what b does not have it cannot give back")
			require.NoError(t, s.Release(t.Context(), "work", "a"))
			assert.True(t, lease("b"))
		})
	}
}
