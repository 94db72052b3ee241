package redisviews_test

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// filled is a store that holds n deals.
func filled(b *testing.B, c redis.UniversalClient, n int) *redisviews.Store {
	b.Helper()
	s := redisviews.New(c, redisviews.Config{})
	folder, mark := projections.DealModel.Folder(s.Loader(projections.DealModel)), projections.Mark{}
	for events := projectionstest.Deals(n, 1); len(events) > 0; {
		page := events[:min(5000, len(events))]
		events = events[len(page):]
		changes, err := folder.Fold(b.Context(), page)
		require.NoError(b, err)
		next := mark.At(page[len(page)-1].Position)
		require.NoError(b, s.Commit(b.Context(), projections.Commit{Model: projections.DealModel, From: mark, To: next, Changes: changes}))
		mark = next
	}
	require.NoError(b, s.Serve(b.Context(), projections.DealModel, projections.Mark{}))
	return s
}

// BenchmarkRead is what queries cost over few and over many records. They must
// not get slower with what is stored.
func BenchmarkRead(b *testing.B) {
	m := projections.DealModel
	ask := projections.Ask{Groups: []string{"sales:month"}, Samples: []string{"cycle:won", "cycle:lost", "cycle:closed", "won_amount:CNY"}}
	for name, url := range map[string]string{"embedded": embeddedURL(b), "redis": redistest.Start(b)} {
		for _, n := range []int{1000, 50_000} {
			c := client(b, url)
			s := filled(b, c, n)
			for what, read := range map[string]func() error{
				"document": func() error { _, err := s.Document(b.Context(), m, projectionstest.JobID(7)); return err },
				"list": func() error {
					_, err := s.Scan(b.Context(), m, projections.Scan{Index: "all", Limit: 50, Reverse: true})
					return err
				},
				"figures": func() error { _, err := s.Figures(b.Context(), m, ask); return err },
				"figures afresh": func() error {
					_, err := redisviews.New(c, redisviews.Config{}).Figures(b.Context(), m, ask)
					return err
				},
			} {
				b.Run(fmt.Sprintf("%s/records=%d/%s", name, n, what), func(b *testing.B) {
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							require.NoError(b, read())
						}
					})
				})
			}
		}
	}
}
