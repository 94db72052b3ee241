package redisviews_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// BenchmarkRebuild folds a log into two read models and commits it, page by
// page, without the reading of the log.
func BenchmarkRebuild(b *testing.B) {
	events := projectionstest.Busy(20_000, 1)
	for name, url := range map[string]string{"embedded": embeddedURL(b), "redis": redistest.Start(b)} {
		for _, size := range []int{100, 500, 2000, 8000} {
			b.Run(fmt.Sprintf("%s/page=%d", name, size), func(b *testing.B) {
				for b.Loop() {
					s := redisviews.New(client(b, url), redisviews.Config{})
					models := []projections.Model{projectionstest.Jobs(1), projectionstest.Clients(1)}
					folders := []projections.Folder{models[0].Folder(s.Loader(models[0])), models[1].Folder(s.Loader(models[1]))}
					marks := make([]projections.Mark, 2)
					for from := 0; from < len(events); from += size {
						page := events[from:min(from+size, len(events))]
						commits := make([]projections.Commit, 2)
						for i, f := range folders {
							changes, err := f.Fold(b.Context(), page)
							require.NoError(b, err)
							commits[i] = projections.Commit{Model: models[i], From: marks[i], To: marks[i].At(page[len(page)-1].Position), Changes: changes}
							marks[i] = commits[i].To
						}
						require.NoError(b, s.Commit(b.Context(), commits...))
					}
				}
				b.ReportMetric(float64(b.N*len(events))/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
