package projector_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

const (
	patience = 20 * time.Second
	testTick = 2 * time.Millisecond
)

// samples are the read models of these tests.
func samples() []projections.Model {
	return []projections.Model{projectionstest.Jobs(1), projectionstest.Clients(1)}
}

func config(t *testing.T, log projector.Log, store projector.Store, models ...projections.Model) projector.Config {
	t.Helper()
	if models == nil {
		models = samples()
	}
	return projector.Config{
		Log: log, Store: store, Models: models, Metrics: prometheus.NewRegistry(),
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Check: 5 * time.Millisecond, Retry: time.Millisecond,
	}
}

// start runs a projector until stop is called or the test ends.
func start(t *testing.T, c projector.Config) (p *projector.Projector, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p = projector.New(c)
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stopped := false
	stop = func() {
		if cancel(); !stopped {
			stopped = true
			assert.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	return p, stop
}

// reaches waits until queries of the models see position.
func reaches(t *testing.T, store projectionstest.Store, position domain.Position, models ...projections.Model) {
	t.Helper()
	for _, m := range models {
		require.Eventually(t, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			served, ok, err := store.Served(t.Context(), m)
			return err == nil && ok && !served.Before(m) && store.Wait(ctx, m, position) == nil
		}, patience, testTick, "%s does not reach %s", m.Name, position)
	}
}

func last(events []domain.Recorded) domain.Position { return events[len(events)-1].Position }

func TestProjectsAndFollows(t *testing.T) {
	events := projectionstest.Busy(30, 1)
	log, store := newLog(7, events[:80]...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, events[79].Position, samples()...)
	for i, r := range events[80:] {
		log.append(r)
		if i%9 == 0 {
			reaches(t, store, r.Position, samples()...)
		}
	}
	reaches(t, store, last(events), samples()...)
	same(t, store, events)
	require.NoError(t, p.Ready(t.Context()))
	status, err := p.Status(t.Context())
	require.NoError(t, err)
	for _, one := range status {
		assert.Equal(t, "1", one.Served)
		assert.Empty(t, one.Building)
		assert.InDelta(t, 1, one.Progress, 0)
		assert.Equal(t, last(events), one.Position)
	}
}

// same compares the store with what one page gives.
func same(t *testing.T, store *projectionstest.Memory, events []domain.Recorded) {
	t.Helper()
	for _, m := range samples() {
		assert.Equal(t, projectionstest.Folded(t, m, events...).Contents(m), store.Contents(m), m.Name)
	}
}

func TestEmptyLog(t *testing.T) {
	store := projectionstest.NewMemory()
	p, _ := start(t, config(t, newLog(5), store))
	reaches(t, store, domain.StartOfLog, samples()...)
	require.NoError(t, p.Ready(t.Context()))
}

func TestNotReadyWhileBuilding(t *testing.T) {
	p := projector.New(config(t, newLog(5), projectionstest.NewMemory()))
	err := p.Ready(t.Context())
	require.ErrorIs(t, err, projector.ErrNotReady)
	assert.ErrorContains(t, err, "jobs, clients")
}

func TestRestart(t *testing.T) {
	events := projectionstest.Busy(30, 2)
	log, store := newLog(3, events[:50]...), projectionstest.NewMemory()
	_, stop := start(t, config(t, log, store))
	reaches(t, store, events[49].Position, samples()...)
	stop()
	log.append(events[50:]...)
	_, _ = start(t, config(t, log, store))
	reaches(t, store, last(events), samples()...)
	same(t, store, events)
	assert.Equal(t, events[49].Position, log.subscriptions(t)[len(log.subscriptions(t))-1], "goes on where it stopped")
}

func TestFlushed(t *testing.T) {
	events := projectionstest.Busy(30, 3)
	log, store := newLog(4, events[:60]...), projectionstest.NewMemory()
	_, _ = start(t, config(t, log, store))
	reaches(t, store, events[59].Position, samples()...)
	store.Flush() // while the log is quiet
	reaches(t, store, events[59].Position, samples()...)
	store.Flush() // and right before it moves
	log.append(events[60:]...)
	reaches(t, store, last(events), samples()...)
	same(t, store, events)
}

func TestTwoProjectors(t *testing.T) {
	events := projectionstest.Busy(60, 4)
	log, store := newLog(3, events[:20]...), projectionstest.NewMemory()
	_, _ = start(t, config(t, log, store))
	_, _ = start(t, config(t, log, store))
	for rest := events[20:]; len(rest) > 0; {
		n := min(5, len(rest))
		log.append(rest[:n]...)
		rest = rest[n:]
	}
	reaches(t, store, last(events), samples()...)
	same(t, store, events)
}
