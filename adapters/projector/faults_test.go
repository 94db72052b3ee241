package projector_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

var errCut = errors.New("connection cut")

// cutting is a store whose connection is cut at random, before a commit is
// written or before its answer arrives, and while reading.
type cutting struct {
	projectionstest.Store
	mu     sync.Mutex
	random *rand.Rand
	cuts   int
}

func (s *cutting) cut(of int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.random.IntN(of) > 0 {
		return false
	}
	s.cuts++
	return true
}

func (s *cutting) Commit(ctx context.Context, commits ...projections.Commit) error {
	if s.cut(5) {
		return errCut
	}
	err := s.Store.Commit(ctx, commits...)
	if s.cut(5) {
		return errCut
	}
	return err //nolint:wrapcheck // as it was
}

func (s *cutting) Marks(ctx context.Context, models ...projections.Model) ([]projections.Mark, error) {
	if s.cut(20) {
		return nil, errCut
	}
	return s.Store.Marks(ctx, models...)
}

func (s *cutting) Loader(m projections.Model) projections.Loader {
	return cuttingLoader{s.Store.Loader(m), s}
}

type cuttingLoader struct {
	projections.Loader
	store *cutting
}

func (l cuttingLoader) Documents(ctx context.Context, ids []string) ([][]byte, error) {
	if l.store.cut(10) {
		return nil, errCut
	}
	return l.Loader.Documents(ctx, ids) //nolint:wrapcheck // as it was
}

func TestCutConnections(t *testing.T) {
	for seed := range uint64(5) {
		events := projectionstest.Busy(30, seed)
		memory := projectionstest.NewMemory()
		store := &cutting{Store: memory, random: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // a test wants the same numbers again
		log := newLog(3, events[:60]...)
		_, stop := start(t, config(t, log, store))
		for i := 60; i < len(events); i += 10 {
			log.append(events[i:min(i+10, len(events))]...)
		}
		reaches(t, memory, last(events), samples()...)
		stop()
		same(t, memory, events)
		assert.Greater(t, store.cuts, 5)
	}
}

func TestCrashes(t *testing.T) {
	events := projectionstest.Busy(30, 9)
	memory := projectionstest.NewMemory()
	log := newLog(2, events...)
	complete := func() bool {
		_, ok, err := memory.Served(t.Context(), samples()[1])
		require.NoError(t, err)
		return ok
	}
	for crash := 0; !complete(); crash++ {
		ctx, cancel := context.WithCancel(t.Context())
		store := &dying{Store: memory, left: crash % 7, after: crash%2 == 0, die: cancel}
		assert.NoError(t, projector.New(config(t, log, store)).Run(ctx))
	}
	_, _ = start(t, config(t, log, memory))
	reaches(t, memory, last(events), samples()...)
	same(t, memory, events)
}

// dying is a store whose process ends at a commit, before or after it is written.
type dying struct {
	projectionstest.Store
	mu    sync.Mutex
	left  int
	after bool
	die   func()
}

func (s *dying) Commit(ctx context.Context, commits ...projections.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left--; s.left > 0 {
		return s.Store.Commit(ctx, commits...) //nolint:wrapcheck // as it was
	}
	if s.left == 0 && s.after {
		_ = s.Store.Commit(ctx, commits...)
	}
	s.die()
	return errCut
}

// Serve is reached when there is nothing left to crash at.
func (s *dying) Serve(ctx context.Context, m projections.Model, at projections.Mark) error {
	defer s.die()
	return s.Store.Serve(ctx, m, at) //nolint:wrapcheck // as it was
}

func TestPanicInStoreIsRetried(t *testing.T) {
	events := projectionstest.Busy(10, 5)
	memory := projectionstest.NewMemory()
	store := &panicking{Store: memory}
	_, _ = start(t, config(t, newLog(4, events...), store))
	reaches(t, memory, last(events), samples()...)
	same(t, memory, events)
}

type panicking struct {
	projectionstest.Store
	once sync.Once
}

func (s *panicking) Commit(ctx context.Context, commits ...projections.Commit) error {
	s.once.Do(func() { panic("once") })
	return s.Store.Commit(ctx, commits...) //nolint:wrapcheck // as it was
}

func TestRetryGoesBehindWhatIsNotThere(t *testing.T) {
	p := projector.New(config(t, newLog(5), projectionstest.NewMemory()))
	_, err := p.Retry(t.Context(), projectionstest.Jobs(1), "job-none")
	require.ErrorIs(t, err, projector.ErrNotParked)
	_, err = p.Model("nothing")
	require.ErrorIs(t, err, projector.ErrUnknownModel)
	m, err := p.Model("jobs")
	require.NoError(t, err)
	assert.Equal(t, 1, m.Version)
}
