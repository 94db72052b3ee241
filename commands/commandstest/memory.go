// Package commandstest provides an event store in memory for the tests of
// commands, and the suite that every implementation of commands.EventStore has
// to pass, the one in memory included.
package commandstest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// Memory is an event store without a server. The zero value is empty and ready;
// it is safe for concurrent use.
type Memory struct {
	// Now is the recorded time of what is appended; time.Now if nil.
	Now func() time.Time
	// BeforeAppend, if set, runs ahead of every append, outside the lock: the
	// place to let a rival in. What it appends itself does not run it again.
	// An error is returned in place of appending.
	BeforeAppend func(stream string) error
	// AfterAppend, if set, runs after every append that was stored. An error is
	// returned although the events are stored, as when an answer is lost.
	AfterAppend func(stream string) error
	// BeforeRead, if set, runs ahead of every read. An error ends the read.
	BeforeRead func(stream string) error

	mu     sync.Mutex
	log    []domain.Recorded
	stream map[string][]int // indexes into log
	within bool             // BeforeAppend is running
}

// Read is commands.EventStore.Read.
func (m *Memory) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		if m.BeforeRead != nil {
			if err := m.BeforeRead(stream); err != nil {
				yield(domain.Recorded{}, err)
				return
			}
		}
		for _, r := range m.Stream(stream) {
			if err := ctx.Err(); err != nil {
				yield(domain.Recorded{}, fmt.Errorf("read %s: %w: %w", stream, domain.ErrUnavailable, err))
				return
			}
			if r.Revision >= from && !yield(r, nil) {
				return
			}
		}
	}
}

// Append is commands.EventStore.Append.
func (m *Memory) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	if err := ctx.Err(); err != nil {
		return commands.Appended{}, fmt.Errorf("append to %s: %w: %w", stream, domain.ErrUnavailable, err)
	}
	if len(events) == 0 {
		return commands.Appended{}, fmt.Errorf("append to %s: nothing to append", stream)
	}
	if err := m.before(stream); err != nil {
		return commands.Appended{}, err
	}
	appended, err := m.append(stream, expected, events)
	if err == nil && m.AfterAppend != nil {
		err = m.AfterAppend(stream)
	}
	if err != nil {
		return commands.Appended{}, err
	}
	return appended, nil
}

func (m *Memory) before(stream string) error {
	m.mu.Lock()
	if m.BeforeAppend == nil || m.within {
		m.mu.Unlock()
		return nil
	}
	m.within = true
	m.mu.Unlock()
	err := m.BeforeAppend(stream)
	m.mu.Lock()
	m.within = false
	m.mu.Unlock()
	return err
}

func (m *Memory) append(stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if expected != int64(len(m.stream[stream]))-1 {
		return m.repeated(stream, expected, events)
	}
	if m.stream == nil {
		m.stream = map[string][]int{}
	}
	now := time.Now
	if m.Now != nil {
		now = m.Now
	}
	at := now().UTC()
	for _, e := range events {
		place := uint64(len(m.log)) + 1
		m.stream[stream] = append(m.stream[stream], len(m.log))
		m.log = append(m.log, domain.Recorded{
			ID: e.ID, Event: e.Event, Stream: stream,
			Revision: uint64(len(m.stream[stream])) - 1,
			Position: domain.Position{Commit: place, Prepare: place}, RecordedAt: at, Meta: e.Meta,
		})
	}
	return m.last(m.stream[stream]), nil
}

// repeated gives the first result of an append that is in the stream already.
func (m *Memory) repeated(stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	there := m.stream[stream]
	first := expected + 1
	if first < 0 || first+int64(len(events)) > int64(len(there)) {
		return commands.Appended{}, fmt.Errorf("append to %s: %w", stream, domain.ErrConflict)
	}
	there = there[first : first+int64(len(events))]
	for i, e := range events {
		if m.log[there[i]].ID != e.ID {
			return commands.Appended{}, fmt.Errorf("append to %s: %w", stream, domain.ErrConflict)
		}
	}
	return m.last(there), nil
}

func (m *Memory) last(indexes []int) commands.Appended {
	r := m.log[indexes[len(indexes)-1]]
	return commands.Appended{Revision: r.Revision, Position: r.Position}
}

// Log is everything that was appended, in order.
func (m *Memory) Log() []domain.Recorded {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.log)
}

// Stream is everything that was appended to one stream, in order.
func (m *Memory) Stream(stream string) []domain.Recorded {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := make([]domain.Recorded, len(m.stream[stream]))
	for i, at := range m.stream[stream] {
		events[i] = m.log[at]
	}
	return events
}

// Events are the bare facts of one stream, which is what tests compare.
func (m *Memory) Events(stream string) []domain.Event {
	recorded := m.Stream(stream)
	events := make([]domain.Event, len(recorded))
	for i, r := range recorded {
		events[i] = r.Event
	}
	return events
}
