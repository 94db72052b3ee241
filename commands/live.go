package commands

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"

	"github.com/annals-crm/annals/domain"
)

// Follower yields the events of a stream from a revision on, and then those to
// come, until ctx ends. It reconnects by itself.
type Follower interface {
	Follow(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error]
}

// Live is the state of one stream that everything depends on, such as the
// policy in force. It is kept in memory and current, whoever writes.
type Live[S any, E domain.Event] struct {
	agg      domain.Aggregate[S, E]
	stream   string
	mu       sync.RWMutex
	state    S
	revision int64
	moved    chan struct{} // closed and replaced with every event
}

// NewLive reads the stream once, so that its state is complete when it returns,
// and follows it until ctx ends.
func NewLive[S any, E domain.Event](ctx context.Context, store EventStore, log Follower, agg domain.Aggregate[S, E], id string, logger *slog.Logger) (*Live[S, E], error) {
	l := &Live[S, E]{agg: agg, stream: agg.Stream(id), revision: NoStream, moved: make(chan struct{})}
	for rec, err := range store.Read(ctx, l.stream, 0) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", l.stream, err)
		}
		l.take(rec)
	}
	go func() {
		for rec, err := range log.Follow(ctx, l.stream, uint64(l.Revision()+1)) {
			if err != nil {
				logger.Warn("following a stream was interrupted", "stream", l.stream, "error", err)
				continue
			}
			l.take(rec)
		}
	}()
	return l, nil
}

// State is the latest known.
func (l *Live[S, E]) State() S {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.state
}

// Await returns once the state has taken in revision. It fails when ctx ends.
func (l *Live[S, E]) Await(ctx context.Context, revision uint64) error {
	for {
		l.mu.RLock()
		reached, moved := l.revision >= int64(revision), l.moved
		l.mu.RUnlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("await %s at %d (known %d): %w", l.stream, revision, l.Revision(), ctx.Err())
		}
	}
}

// Revision is that of the latest event known; NoStream before the first.
func (l *Live[S, E]) Revision() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.revision
}

func (l *Live[S, E]) take(rec domain.Recorded) {
	e, ok := rec.Event.(E)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok || int64(rec.Revision) <= l.revision {
		return
	}
	l.state, l.revision = l.agg.Evolve(l.state, e), int64(rec.Revision)
	close(l.moved)
	l.moved = make(chan struct{})
}
