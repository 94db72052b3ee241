// Package projectionstest is for tests of read models: a store in memory that
// keeps the same rules as the real one, a proof that a read model does not
// depend on how its events are cut into pages, and histories to fold.
package projectionstest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/annals-crm/annals/projections"
)

// Memory is a store of read models in memory. It passes the suite Storage.
type Memory struct {
	mu     sync.Mutex
	builds map[string]*build // by prefix
	served map[string]string // model -> label
	wanted map[string]string
	notes  map[string]map[string]string
}

// build is what one build of a read model holds.
type build struct {
	mark      projections.Mark
	complete  bool
	documents map[string][]byte
	indexes   map[string]map[string]bool
	counts    map[projections.Counter]int64
	samples   map[string]map[string]int64
	parked    map[string][]projections.Parked
}

// NewMemory is an empty store.
func NewMemory() *Memory {
	return &Memory{builds: map[string]*build{}, served: map[string]string{}, wanted: map[string]string{}, notes: map[string]map[string]string{}}
}

// Flush empties the store.
func (s *Memory) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.builds)
	clear(s.served)
	clear(s.wanted)
	clear(s.notes)
}

// of is the build with a prefix; the caller holds the lock.
func (s *Memory) of(prefix string) *build {
	b, ok := s.builds[prefix]
	if !ok {
		b = &build{
			documents: map[string][]byte{}, indexes: map[string]map[string]bool{}, counts: map[projections.Counter]int64{},
			samples: map[string]map[string]int64{}, parked: map[string][]projections.Parked{},
		}
		s.builds[prefix] = b
	}
	return b
}

// Marks tells how far each build has come.
func (s *Memory) Marks(_ context.Context, models ...projections.Model) ([]projections.Mark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	marks := make([]projections.Mark, len(models))
	for i, m := range models {
		marks[i] = s.of(m.Prefix()).mark
	}
	return marks, nil
}

// Commit writes all commits or none.
func (s *Memory) Commit(_ context.Context, commits ...projections.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range commits {
		if s.of(c.Model.Prefix()).mark != c.From {
			return projections.ErrMoved
		}
	}
	for _, c := range commits {
		s.of(c.Model.Prefix()).write(c)
	}
	return nil
}

func (b *build) write(c projections.Commit) {
	b.mark = c.To
	for id, document := range c.Changes.Documents {
		if b.documents[id] = document; document == nil {
			delete(b.documents, id)
		}
	}
	// Removals first: a document may change its place under one member.
	for _, i := range c.Changes.Indexed {
		if i.Remove {
			delete(b.indexes[i.Index], i.Member)
		}
	}
	for _, i := range c.Changes.Indexed {
		if !i.Remove {
			put(b.indexes, i.Index, i.Member, true)
		}
	}
	for counter, n := range c.Changes.Counts {
		b.counts[counter] += n
	}
	for _, v := range c.Changes.Sampled {
		if v.Remove {
			delete(b.samples[v.Set], v.ID)
		} else {
			put(b.samples, v.Set, v.ID, v.Value)
		}
	}
	for _, stream := range c.Unparked {
		delete(b.parked, stream)
	}
	for _, p := range c.Changes.Parked {
		b.parked[p.Stream] = append(b.parked[p.Stream], p)
	}
}

func put[V any](sets map[string]map[string]V, set, key string, value V) {
	if sets[set] == nil {
		sets[set] = map[string]V{}
	}
	sets[set][key] = value
}

type memoryLoader struct {
	store  *Memory
	prefix string
}

// Loader reads back what this very build holds.
func (s *Memory) Loader(m projections.Model) projections.Loader { return memoryLoader{s, m.Prefix()} }

func (l memoryLoader) Documents(_ context.Context, ids []string) ([][]byte, error) {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	documents := make([][]byte, len(ids))
	for i, id := range ids {
		documents[i] = l.store.of(l.prefix).documents[id]
	}
	return documents, nil
}

func (l memoryLoader) Parked(context.Context) ([]string, error) {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	return slices.Collect(maps.Keys(l.store.of(l.prefix).parked)), nil
}

func (l memoryLoader) Each(context.Context) iter.Seq2[projections.Stored, error] {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	documents := maps.Clone(l.store.of(l.prefix).documents)
	return func(yield func(projections.Stored, error) bool) {
		for id, text := range documents {
			if !yield(projections.Stored{ID: id, Text: text}, nil) {
				return
			}
		}
	}
}

// Parked lists the parked events of a build, by stream and in order.
func (s *Memory) Parked(_ context.Context, m projections.Model) ([]projections.Parked, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parked := s.of(m.Prefix()).parked
	var all []projections.Parked
	for _, stream := range slices.Sorted(maps.Keys(parked)) {
		all = append(all, parked[stream]...)
	}
	return all, nil
}

// Drop deletes a build.
func (s *Memory) Drop(_ context.Context, m projections.Model) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.builds, m.Prefix())
	return nil
}

// Contents is everything a build holds, in a form that compares.
func (s *Memory) Contents(m projections.Model) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.of(m.Prefix())
	all := map[string]any{}
	for id, document := range b.documents {
		all["document "+id] = string(document)
	}
	for name, members := range b.indexes {
		for member := range members {
			all["index "+name+" "+strings.ReplaceAll(member, "\x00", " ")] = true
		}
	}
	for counter, n := range b.counts {
		if n != 0 {
			all["count "+counter.Group+" "+counter.Field] = n
		}
	}
	for set, values := range b.samples {
		for id, v := range values {
			all["sample "+set+" "+id] = v
		}
	}
	for stream, parked := range b.parked {
		all["parked "+stream] = parked
	}
	return all
}
