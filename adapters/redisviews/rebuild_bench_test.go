package redisviews_test

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// BenchmarkRebuild folds a log into all read models and commits it, page by
// page, without the reading of the log. The processor time of the embedded
// server is part of it, that of a real one is not.
func BenchmarkRebuild(b *testing.B) {
	for name, url := range map[string]string{"embedded": embeddedURL(b), "redis": redistest.Start(b)} {
		for _, apart := range []int{1, 10_000} {
			events := projectionstest.Deals(10_000, apart)
			for _, size := range []int{20, 500, 2000} {
				b.Run(fmt.Sprintf("%s/apart=%d/page=%d", name, apart, size), func(b *testing.B) {
					c := client(b, url)
					began := processorTime(b)
					for b.Loop() {
						require.NoError(b, c.FlushAll(b.Context()).Err())
						s := redisviews.New(c, redisviews.Config{})
						commits, folders := make([]projections.Commit, len(projections.All)), make([]projections.Folder, len(projections.All))
						for i, m := range projections.All {
							commits[i].Model, folders[i] = m, m.Folder(s.Loader(m))
						}
						for from := 0; from < len(events); from += size {
							page := events[from:min(from+size, len(events))]
							for i, f := range folders {
								var err error
								commits[i].From, commits[i].To = commits[i].To, commits[i].To.At(page[len(page)-1].Position)
								commits[i].Changes, err = f.Fold(b.Context(), page)
								require.NoError(b, err)
							}
							require.NoError(b, s.Commit(b.Context(), commits...))
						}
					}
					b.ReportMetric(float64(b.N*len(events))/b.Elapsed().Seconds(), "events/s")
					b.ReportMetric(float64(processorTime(b)-began)/float64(b.N*len(events)), "cpu-ns/event")
				})
			}
		}
	}
}

// processorTime is what the process has used so far; on a shared machine it
// says more than the clock.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}
