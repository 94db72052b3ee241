package projector_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func TestVersionRaisedIsBuiltBeside(t *testing.T) {
	events := projectionstest.Busy(30, 6)
	log, store := newLog(3, events[:60]...), projectionstest.NewMemory()
	_, stop := start(t, config(t, log, store))
	reaches(t, store, events[59].Position, samples()...)
	stop()
	before := store.Contents(projectionstest.Jobs(1))

	log.append(events[60:]...)
	_, _ = start(t, config(t, log, store, projectionstest.Jobs(2), projectionstest.Clients(1)))
	reaches(t, store, last(events), projectionstest.Jobs(2), projectionstest.Clients(1))
	assert.Equal(t, projectionstest.Folded(t, projectionstest.Jobs(2), events...).Contents(projectionstest.Jobs(2)), store.Contents(projectionstest.Jobs(2)))
	assert.Equal(t, before, store.Contents(projectionstest.Jobs(1)), "the old version stays for a way back")
	subscriptions := log.subscriptions(t)
	assert.Contains(t, subscriptions[1:], domain.StartOfLog, "built from the start")
	assert.Contains(t, subscriptions[1:], events[59].Position, "while the other goes on")
}

func TestWayBack(t *testing.T) {
	events := projectionstest.Busy(20, 7)
	log, store := newLog(3, events[:40]...), projectionstest.NewMemory()
	_, stop := start(t, config(t, log, store, projectionstest.Jobs(1)))
	reaches(t, store, events[39].Position, projectionstest.Jobs(1))
	stop()
	_, stop = start(t, config(t, log, store, projectionstest.Jobs(2)))
	reaches(t, store, events[39].Position, projectionstest.Jobs(2))
	stop()
	log.append(events[40:]...)
	_, _ = start(t, config(t, log, store, projectionstest.Jobs(1)))
	reaches(t, store, last(events), projectionstest.Jobs(1))
	assert.Equal(t, projectionstest.Folded(t, projectionstest.Jobs(1), events...).Contents(projectionstest.Jobs(1)), store.Contents(projectionstest.Jobs(1)))
	served, _, err := store.Served(t.Context(), projectionstest.Jobs(1))
	require.NoError(t, err)
	assert.Equal(t, "2", served.Label(), "an old program does not take over from a newer one by itself")
}

func TestRebuild(t *testing.T) {
	events := projectionstest.Busy(30, 8)
	log, store := newLog(4, events[:90]...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, events[89].Position, samples()...)
	next, begun, err := p.Rebuild(t.Context(), projectionstest.Jobs(1), "ann", false)
	require.NoError(t, err)
	assert.True(t, begun)
	assert.Equal(t, "1.1", next.Label())
	log.append(events[90:]...)
	reaches(t, store, last(events), next, projectionstest.Clients(1))
	want := projectionstest.Folded(t, projectionstest.Jobs(1), events...).Contents(projectionstest.Jobs(1))
	assert.Equal(t, want, store.Contents(next))
	assert.NotEmpty(t, store.Contents(projectionstest.Jobs(1)), "the replaced build stays for a way back")
	again, _, err := p.Rebuild(t.Context(), projectionstest.Jobs(1), "ann", false)
	require.NoError(t, err)
	reaches(t, store, last(events), again)
	assert.Equal(t, want, store.Contents(again))
	require.Eventually(t, func() bool { return len(store.Contents(projectionstest.Jobs(1))) == 0 }, patience, testTick, "until it is the last but one")
	assert.Equal(t, want, store.Contents(next))
}

func TestRebuildIsCarriedOnAfterARestart(t *testing.T) {
	events := projectionstest.Busy(30, 10)
	log, store := newLog(4, events...), projectionstest.NewMemory()
	p, stop := start(t, config(t, log, store))
	reaches(t, store, last(events), samples()...)
	stop()
	next, _, err := p.Rebuild(t.Context(), projectionstest.Clients(1), "ann", false)
	require.NoError(t, err)
	_, _ = start(t, config(t, log, store))
	reaches(t, store, last(events), next)
}
