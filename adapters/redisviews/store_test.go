package redisviews_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	embedded "github.com/annals-crm/annals/adapters/embedded/redis"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections/projectionstest"
)

var _ projectionstest.Store = (*redisviews.Store)(nil)

// client is connected to a server that is emptied first.
func client(tb testing.TB, url string) redis.UniversalClient {
	tb.Helper()
	c, err := redisviews.Connect(url)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = c.Close() })
	if cluster, ok := c.(*redis.ClusterClient); ok {
		require.NoError(tb, cluster.ForEachMaster(tb.Context(), func(ctx context.Context, node *redis.Client) error {
			return node.FlushAll(ctx).Err()
		}))
		return c
	}
	require.NoError(tb, c.FlushAll(tb.Context()).Err())
	return c
}

func embeddedURL(tb testing.TB) string {
	tb.Helper()
	server, err := embedded.Start()
	require.NoError(tb, err)
	tb.Cleanup(server.Close)
	return "redis://" + server.Addr()
}

// servers are all kinds of Redis the store is to behave the same on.
func servers(tb testing.TB) map[string]string {
	tb.Helper()
	mini := miniredis.RunT(tb) // another reading of what Redis does
	return map[string]string{"embedded": embeddedURL(tb), "miniredis": "redis://" + mini.Addr() + "?read_timeout=1m", "redis": redistest.Start(tb), "cluster": redistest.StartCluster(tb)}
}

func TestStorage(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			projectionstest.Storage(t, func(t *testing.T) projectionstest.Store {
				t.Helper()
				return redisviews.New(client(t, url), redisviews.Config{ReadTimeout: time.Minute}) // however busy the machine is
			})
		})
	}
}

func TestSnapshots(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			c := client(t, url)
			s := redisviews.New(c, redisviews.Config{SnapshotTTL: time.Hour})
			none, err := s.Snapshot(t.Context(), "deal-1")
			require.NoError(t, err)
			assert.Nil(t, none)
			require.NoError(t, s.SaveSnapshot(t.Context(), "deal-1", []byte("state")))
			state, err := s.Snapshot(t.Context(), "deal-1")
			require.NoError(t, err)
			assert.Equal(t, "state", string(state))
			ttl, err := c.TTL(t.Context(), "snapshot:deal-1").Result()
			require.NoError(t, err)
			assert.InDelta(t, time.Hour, ttl, float64(time.Minute))
		})
	}
}

func TestUnavailable(t *testing.T) {
	server, err := embedded.Start()
	require.NoError(t, err)
	c, err := redisviews.Connect("redis://" + server.Addr())
	require.NoError(t, err)
	defer c.Close() //nolint:errcheck // nothing to lose
	server.Close()
	s := redisviews.New(c, redisviews.Config{ReadTimeout: 300 * time.Millisecond, CommitTimeout: 300 * time.Millisecond})
	m := projectionstest.Jobs(1)
	began := time.Now()
	_, err = s.Document(t.Context(), m, "a")
	require.ErrorIs(t, err, redisviews.ErrUnavailable)
	_, err = s.Marks(t.Context(), m)
	require.ErrorIs(t, err, redisviews.ErrUnavailable)
	require.ErrorIs(t, s.Ping(t.Context()), redisviews.ErrUnavailable)
	assert.Less(t, time.Since(began), 3*time.Second, "nobody waits for ever")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Document(gone, m, "a")
	assert.True(t, errors.Is(err, context.Canceled), "a caller who left is not told that Redis is down: %v", err)
}

func TestConnect(t *testing.T) {
	for url, cluster := range map[string]bool{
		"redis://127.0.0.1:6379/1":                         false,
		"unix:///run/redis.sock":                           false,
		"redis://127.0.0.1:6379?cluster=true":              true,
		"redis://:secret@a:1,b:2,c:3":                      true,
		"redis://:secret@a:1,b:2,c:3/?read_timeout=1s":     true,
		"redis://127.0.0.1:6379?addr=127.0.0.1:6380":       true,
		"rediss://user:secret@example.org:6379?protocol=2": false,
	} {
		c, err := redisviews.Connect(url)
		require.NoError(t, err, url)
		_, is := c.(*redis.ClusterClient)
		assert.Equal(t, cluster, is, url)
		_ = c.Close()
	}
	_, err := redisviews.Connect("localhost")
	require.Error(t, err)
}
