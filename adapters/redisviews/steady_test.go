package redisviews_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// building commits a build that says which one it is, everywhere.
func building(t *testing.T, s *redisviews.Store, build int) projections.Model {
	t.Helper()
	m := projectionstest.Jobs(1)
	m.Build = build
	at := projections.Mark{Position: domain.Position{Commit: 9, Prepare: 9}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, To: at, Changes: projections.Changes{
		Documents: map[string][]byte{"1": []byte(m.Label())},
		Indexed:   []projections.IndexChange{{Index: "all", Member: m.Label() + "\x001"}},
		Counts:    map[projections.Counter]int64{{Group: "build", Field: "n"}: int64(build + 1)},
	}}))
	return m
}

func TestSteadyReadsAreOfOneBuild(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			s := redisviews.New(client(t, url), redisviews.Config{ServedFor: time.Microsecond})
			m := projectionstest.Jobs(1)
			first, second := building(t, s, 0), building(t, s, 1)
			require.NoError(t, s.Serve(t.Context(), first, projections.Mark{}))
			ctx := projections.Steady(t.Context())
			text, err := s.Document(ctx, m, "1")
			require.NoError(t, err)
			assert.Equal(t, "1", string(text))
			require.NoError(t, s.Serve(t.Context(), second, projections.Mark{}))
			scanned, err := s.Scan(ctx, m, projections.Scan{Index: "all", Limit: 1})
			require.NoError(t, err)
			assert.Equal(t, "1", string(scanned.Documents[0]))
			text, err = s.Document(t.Context(), m, "1")
			require.NoError(t, err)
			assert.Equal(t, "1.1", string(text), "others read the new one")
			require.NoError(t, s.Wait(ctx, m, domain.Position{Commit: 9, Prepare: 9}))
			require.NoError(t, s.Drop(t.Context(), first))
			_, err = s.Document(ctx, m, "1")
			require.ErrorIs(t, err, projections.ErrBuilding, "rather than an answer of two builds")
		})
	}
}

// Builds take each other's place while readers put answers together of several
// reads. Every answer is of one build, and none fails.
func TestSwitchIsAtomic(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			s := redisviews.New(client(t, url), redisviews.Config{ServedFor: time.Microsecond})
			m := projectionstest.Jobs(1)
			builds := []projections.Model{building(t, s, 0), building(t, s, 1)}
			require.NoError(t, s.Serve(t.Context(), builds[0], projections.Mark{}))
			done := make(chan struct{})
			var readers sync.WaitGroup
			seen := make([]map[int64]bool, 4)
			for i := range seen {
				seen[i] = map[int64]bool{}
				readers.Go(func() {
					for {
						select {
						case <-done:
							return
						default:
						}
						ctx := projections.Steady(t.Context())
						figures, err := s.Figures(ctx, m, projections.Ask{Groups: []string{"build"}})
						if !assert.NoError(t, err) {
							return
						}
						scanned, err := s.Scan(ctx, m, projections.Scan{Index: "all", Limit: 1})
						if !assert.NoError(t, err) || !assert.Len(t, scanned.Documents, 1) {
							return
						}
						n := figures.Counts["build"]["n"]
						seen[i][n] = true
						if !assert.Equal(t, builds[n-1].Label(), string(scanned.Documents[0])) {
							return
						}
					}
				})
			}
			for i := range 300 {
				require.NoError(t, s.Serve(t.Context(), builds[i%2], projections.Mark{}))
			}
			close(done)
			readers.Wait()
			assert.Len(t, seen[0], 2, "both were read")
		})
	}
}
