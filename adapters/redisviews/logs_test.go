package redisviews_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// of is a store of read models made from a log.
func of(log string, c redis.UniversalClient) *redisviews.Store {
	return redisviews.New(c, redisviews.Config{Log: log, ServedFor: time.Millisecond})
}

// fill leaves something of every kind behind.
func fill(ctx context.Context, t *testing.T, s *redisviews.Store) {
	t.Helper()
	m, to := projectionstest.Jobs(1), projections.Mark{Edits: 7}
	require.NoError(t, s.Commit(ctx, projections.Commit{Model: m, To: to, Changes: projections.Changes{
		Documents: map[string][]byte{"a": []byte(`"of another log"`)},
		Indexed:   []projections.IndexChange{{Index: "all", Member: "a\x00a"}},
		Counts:    map[projections.Counter]int64{{Group: "stages", Field: "new"}: 3},
		Parked:    []projections.Parked{{Stream: "job-a"}},
	}}))
	require.NoError(t, s.Serve(ctx, m, projections.Mark{}))
	rebuilt, ok := m.Labelled("1.1")
	require.True(t, ok)
	require.NoError(t, s.Want(ctx, rebuilt))
	require.NoError(t, s.Note(ctx, m, map[string]string{"1/begun": "x"}))
	require.NoError(t, s.SaveSnapshot(ctx, "job-a:1", []byte("of another log")))
}

// A Redis that holds read models of another log is as good as an empty one, and
// what it holds stays.
func TestStorageBesideAnotherLog(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			projectionstest.Storage(t, func(t *testing.T) projectionstest.Store {
				t.Helper()
				c := client(t, url)
				other := of("a1", c)
				fill(t.Context(), t, other)
				t.Cleanup(func() {
					ctx := context.WithoutCancel(t.Context())
					document, err := other.Document(ctx, projectionstest.Jobs(1), "a")
					require.NoError(t, err)
					assert.Equal(t, `"of another log"`, string(document))
					marks, err := other.Marks(ctx, projectionstest.Jobs(1))
					require.NoError(t, err)
					assert.Equal(t, []projections.Mark{{Edits: 7}}, marks)
				})
				return of("b2", c)
			})
		})
	}
}

func TestSnapshotOfAnotherLog(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			c := client(t, url)
			fill(t.Context(), t, of("a1", c))
			none, err := of("b2", c).Snapshot(t.Context(), "job-a:1")
			require.NoError(t, err)
			assert.Nil(t, none)
		})
	}
}

func TestLogsThatShareARedis(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			c := client(t, url)
			for _, step := range []struct {
				log    string
				others []string
			}{{"b2", nil}, {"b2", nil}, {"a1", []string{"b2"}}, {"c3", []string{"a1", "b2"}}, {"a1", []string{"b2", "c3"}}} {
				others, err := of(step.log, c).Share(t.Context(), time.Now())
				require.NoError(t, err)
				assert.Equal(t, step.others, others)
			}
		})
	}
}
