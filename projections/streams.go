package projections

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/annals-crm/annals/domain"
)

// Log is the event log as histories read it.
type Log interface {
	// Read yields the events of a stream from a revision on, in order. One that
	// cannot be decoded comes as domain.Undecodable: a history shows it.
	Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error]
}

// keptEvents bounds the decoded events that Streams remembers, about 1 KiB each.
const keptEvents = 100_000

// Streams remembers streams that were read. A stream only ever grows, so what is
// remembered stays true, and only what came after it is read from the log. It
// is safe for concurrent use.
type Streams struct {
	log    Log
	events int // bound
	mu     sync.Mutex
	held   int
	cache  *simplelru.LRU[string, *stream]
}

// stream is what is known of one stream. Its lock keeps two readers from
// reading the same events.
type stream struct {
	mu     sync.Mutex
	events []domain.Recorded
	held   int // counted in Streams; guarded by its lock
}

// NewStreams remembers up to so many events of log; a default if 0.
func NewStreams(log Log, events int) *Streams {
	if events <= 0 {
		events = keptEvents
	}
	s := &Streams{log: log, events: events}
	cache, err := simplelru.NewLRU(events, func(_ string, gone *stream) { s.held -= gone.held })
	if err != nil {
		panic(err) // the size is positive
	}
	s.cache = cache
	return s
}

// Of returns the events of a stream, all of them; none if there is no such
// stream. Nobody may change them.
func (s *Streams) Of(ctx context.Context, name string) ([]domain.Recorded, error) {
	return s.upTo(ctx, name, 0, false)
}

// UpTo is Of, but is content with what is remembered if that reaches revision.
func (s *Streams) UpTo(ctx context.Context, name string, revision uint64) ([]domain.Recorded, error) {
	return s.upTo(ctx, name, revision, true)
}

func (s *Streams) upTo(ctx context.Context, name string, revision uint64, content bool) ([]domain.Recorded, error) {
	of := s.entry(name)
	of.mu.Lock()
	defer of.mu.Unlock()
	next := uint64(0)
	if n := len(of.events); n > 0 {
		next = of.events[n-1].Revision + 1
	}
	if content && next > revision {
		return slices.Clip(of.events), nil // what a reader appends is its own
	}
	events, err := behind(of.events, s.log.Read(ctx, name, next))
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", name, err)
	}
	of.events = events
	s.count(name, of, len(events))
	return slices.Clip(events), nil
}

// piece is how many events are gathered before they get a place of their own.
const piece = 512

// behind appends what is read. A long stream is gathered in pieces: growing one
// list took half of the time of reading it.
func behind(events []domain.Recorded, more iter.Seq2[domain.Recorded, error]) ([]domain.Recorded, error) {
	var pieces [][]domain.Recorded
	last, n := make([]domain.Recorded, 0, 8), 0
	for r, err := range more {
		if err != nil {
			return nil, err
		}
		if len(last) == piece {
			pieces, last = append(pieces, last), make([]domain.Recorded, 0, piece)
		}
		last = append(last, r)
		n++
	}
	events = slices.Grow(events, n)
	for _, some := range append(pieces, last) {
		events = append(events, some...)
	}
	return events, nil
}

func (s *Streams) entry(name string) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, ok := s.cache.Get(name)
	if !ok {
		of = &stream{}
		s.cache.Add(name, of)
	}
	return of
}

// count forgets what was not asked for longest once there is too much. A stream
// that is too long by itself is forgotten, too.
func (s *Streams) count(name string, of *stream, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, ok := s.cache.Peek(name); !ok || now != of {
		return // forgotten meanwhile
	}
	s.held += n - of.held
	of.held = n
	if n == 0 {
		s.cache.Remove(name)
	}
	for s.held > s.events {
		s.cache.RemoveOldest()
	}
}
