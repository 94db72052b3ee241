package commands

import (
	"context"
	"iter"

	"github.com/annals-crm/annals/domain"
)

// NoStream is the expected revision of a stream that must not exist yet.
const NoStream int64 = -1

// Appended is where an append ended up in the log.
type Appended struct {
	Revision uint64          // of the last event
	Position domain.Position // of the last event
}

// EventStore is what a command needs of the event log.
//
// Read yields the events of a stream from a revision on, in order; a stream
// that does not exist yields nothing. A read that fails yields an error last.
//
// Append writes all events or none and returns once they are durable. It fails
// with domain.ErrConflict unless expected is the revision of the last event
// (NoStream before the first). Repeating an append with the same event ids and
// the same expected revision writes nothing and returns the first result. It
// fails with domain.ErrUnavailable when the outcome is unknown or the log is
// out of reach.
type EventStore interface {
	Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error]
	Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (Appended, error)
}

// Snapshots keeps folded states of long streams. They are disposable: losing
// one costs a longer read.
type Snapshots interface {
	// Snapshot returns nil when there is none.
	Snapshot(ctx context.Context, key string) ([]byte, error)
	SaveSnapshot(ctx context.Context, key string, state []byte) error
}
