package projections_test

import (
	"context"
	"fmt"
	"iter"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// BenchmarkFold is what the real read models cost of processor time, without
// the log and without Redis: with the events of a record close together, as an
// import writes them, and far apart, as work does.
func BenchmarkFold(b *testing.B) {
	for _, interleave := range []int{1, 10_000} {
		events := projectionstest.Deals(10_000, interleave)
		for _, size := range []int{1, 100, 500, 2000} {
			b.Run(fmt.Sprintf("apart=%d/page=%d", interleave, size), func(b *testing.B) {
				began := processorTime(b)
				for b.Loop() {
					for _, m := range projections.All {
						folder := m.Folder(emptyLoader{})
						for from := 0; from < len(events); from += size {
							_, err := folder.Fold(b.Context(), events[from:min(from+size, len(events))])
							require.NoError(b, err)
						}
					}
				}
				b.ReportMetric(float64(processorTime(b)-began)/float64(b.N*len(events)), "cpu-ns/event")
			})
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

// emptyLoader is a store that holds nothing; all there is fits into memory.
type emptyLoader struct{}

func (emptyLoader) Parked(context.Context) ([]string, error) { return nil, nil }
func (emptyLoader) Documents(_ context.Context, ids []string) ([][]byte, error) {
	return make([][]byte, len(ids)), nil
}

func (emptyLoader) Each(context.Context) iter.Seq2[projections.Stored, error] {
	return func(func(projections.Stored, error) bool) {}
}
