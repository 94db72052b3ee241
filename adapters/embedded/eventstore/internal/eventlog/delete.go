package eventlog

import (
	"context"

	"github.com/google/uuid"
)

// Delete hides the events of a stream. They stay in the log, and the next append brings the stream back with its
// numbering going on.
func (l *Log) Delete(ctx context.Context, stream string, expected Expected) (Result, error) {
	return l.submit(ctx, 0, func(w *writer, g *group) (Result, error) { return w.delete(g, stream, expected) })
}

// Tombstone ends a stream for ever.
func (l *Log) Tombstone(ctx context.Context, stream string, expected Expected) (Result, error) {
	return l.submit(ctx, 0, func(w *writer, g *group) (Result, error) { return w.tombstone(g, stream, expected) })
}

func (w *writer) delete(g *group, stream string, expected Expected) (Result, error) {
	h, err := w.deletable(stream, expected)
	if err != nil {
		return Result{}, err
	}
	metadata, err := w.metadata(g, stream)
	if err != nil {
		return Result{}, err
	}
	if metadata, err = withTruncateBefore(metadata, deletedBefore); err != nil {
		return Result{}, err
	}
	if err := w.describe(g, stream, metadata); err != nil {
		return Result{}, err
	}
	return Result{Revision: h.last, Position: w.last}, nil
}

func (w *writer) tombstone(g *group, stream string, expected Expected) (Result, error) {
	h, err := w.deletable(stream, expected)
	if err != nil {
		return Result{}, err
	}
	end := Event{ID: uuid.New(), Type: tombstoneType}
	h.position = w.record(g, end, place{stream: stream, revision: TombstoneRevision, created: w.now()})
	h.tombstoned = true
	w.setHead(g, stream, h)
	return Result{Revision: TombstoneRevision, Position: h.position}, nil
}

// deletable applies the expectation alone: a deletion carries no ids by which a retry could be told.
func (w *writer) deletable(stream string, expected Expected) (head, error) {
	if _, meta := described(stream); meta {
		return head{}, ErrSystemStream
	}
	h, err := w.head(stream)
	if err != nil {
		return head{}, err
	}
	d, err := decide(expected, h, []uuid.UUID{uuid.New()}, noPast{})
	if err != nil {
		return head{}, err
	}
	switch d.verdict {
	case deleted:
		return head{}, &DeletedError{Stream: stream}
	case wrong, repeat:
		return head{}, &WrongRevisionError{Stream: stream, Expected: expected, Current: h.last}
	case write:
	}
	return h, nil
}

type noPast struct{}

func (noPast) idAt(int64) (uuid.UUID, bool, error) { return uuid.Nil, false, nil }
func (noPast) recent(uuid.UUID) (int64, bool)      { return 0, false }
