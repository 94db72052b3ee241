package projector

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Log is what a projector needs of the event log.
//
// Pages delivers everything after a position, in order and without gaps, until
// ctx ends, and then closes the channel. Whatever goes wrong on the way is
// healed behind it. LastPosition is the end of the log. Read yields a stream
// from a revision on.
type Log interface {
	Pages(ctx context.Context, from domain.Position) <-chan domain.Page
	LastPosition(ctx context.Context) (domain.Position, error)
	Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error]
}

// Store is what a projector needs of the place where read models are kept.
type Store interface {
	Loader(m projections.Model) projections.Loader
	Marks(ctx context.Context, models ...projections.Model) ([]projections.Mark, error)
	Commit(ctx context.Context, commits ...projections.Commit) error
	Parked(ctx context.Context, m projections.Model) ([]projections.Parked, error)
	Served(ctx context.Context, m projections.Model) (projections.Model, bool, error)
	Serve(ctx context.Context, m projections.Model, at projections.Mark) error
	Wanted(ctx context.Context, m projections.Model) (projections.Model, error)
	Want(ctx context.Context, m projections.Model) error
	Drop(ctx context.Context, m projections.Model) error
	Notes(ctx context.Context, m projections.Model) (map[string]string, error)
	Note(ctx context.Context, m projections.Model, set map[string]string, remove ...string) error
	Compare(ctx context.Context, served, built projections.Model) (projections.Comparison, error)
	Holds(ctx context.Context, m projections.Model, members []projections.IndexChange, samples []projections.SampleChange) ([]bool, []*int64, error)
}

// logEnd remembers the end of the log for a second: it is only for progress.
type logEnd struct {
	log Log
	now func() time.Time

	mu       sync.Mutex
	position domain.Position
	until    time.Time
}

func (e *logEnd) get(ctx context.Context) (domain.Position, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); now.After(e.until) {
		position, err := e.log.LastPosition(ctx)
		if err != nil {
			return e.position, err //nolint:wrapcheck // the log says it best
		}
		e.position, e.until = position, now.Add(time.Second)
	}
	return e.position, nil
}
