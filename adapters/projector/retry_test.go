package projector_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// racing is a store in which somebody commits to a read model whenever its
// parked events have been read, if that is possible at all.
type racing struct {
	projectionstest.Store
	commits atomic.Int64
}

func (s *racing) Commit(ctx context.Context, commits ...projections.Commit) error {
	defer s.commits.Add(1)
	return s.Store.Commit(ctx, commits...) //nolint:wrapcheck // as it was
}

func (s *racing) Parked(ctx context.Context, m projections.Model) ([]projections.Parked, error) {
	parked, err := s.Store.Parked(ctx, m)
	for before, i := s.commits.Load(), 0; s.commits.Load() < before+2 && i < 50; i++ {
		time.Sleep(time.Millisecond)
	}
	return parked, err //nolint:wrapcheck // as it was
}

func TestRetryWhileTheLogIsBusy(t *testing.T) {
	events := spoilt()
	memory, log := projectionstest.NewMemory(), newLog(1, events[:2]...)
	p, _ := start(t, config(t, log, &racing{Store: memory}))
	reaches(t, memory, events[1].Position, samples()...)
	log.append(events[2:]...)
	reaches(t, memory, last(events), samples()...)
	log.correct(3, projectionstest.JobMoved{From: "offered", To: "agreed"})
	ctx, cancel := context.WithTimeout(t.Context(), patience/4)
	var busy sync.WaitGroup
	busy.Go(func() {
		after := last(events).Commit
		for i := uint64(1); ctx.Err() == nil; i++ {
			at := domain.Position{Commit: after + i, Prepare: after + i}
			log.append(domain.Recorded{Stream: "job-b", Revision: 1 + i, Position: at, Event: projectionstest.JobMoved{To: "agreed"}})
			time.Sleep(100 * time.Microsecond)
		}
	})
	again, err := p.Retry(ctx, projectionstest.Jobs(1), "job-a")
	require.NoError(t, errors.Join(err, ctx.Err()), "it has got its turn")
	cancel()
	busy.Wait()
	assert.Equal(t, 3, again.Folded)
}
