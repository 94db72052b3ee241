package projectionstest

import (
	"context"
	"iter"

	"github.com/annals-crm/annals/domain"
)

// Log is recorded events as histories read them. It may grow between reads.
type Log struct{ Events []domain.Recorded }

// Read yields the events of a stream from a revision on.
func (l *Log) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for _, r := range l.Events {
			if r.Stream != stream || r.Revision < from {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(domain.Recorded{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}
