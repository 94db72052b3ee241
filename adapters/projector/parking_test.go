package projector_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// spoilt is a history in which the third event of job-a cannot be folded.
func spoilt() []domain.Recorded {
	return projectionstest.History(
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobOpened{Customer: "c", Owner: "o", Minor: 5}},
		projectionstest.Fact{Stream: "job-b", Event: projectionstest.JobOpened{Customer: "c", Owner: "o", Minor: 7}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{From: "new", To: "offered"}},
		projectionstest.Fact{Stream: "job-a", Event: domain.Undecodable{Type: "job.moved.v1", Err: errors.New("bad bytes")}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{From: "agreed", To: "won"}},
		projectionstest.Fact{Stream: "job-b", Event: projectionstest.JobMoved{From: "new", To: "offered"}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobClosed{}},
	)
}

func TestParkedStreamHoldsAlone(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	log, store := newLog(2, events[:2]...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, events[1].Position, samples()...)
	log.append(events[2:]...)
	reaches(t, store, last(events), samples()...)

	parked, err := p.Parked(t.Context(), jobs)
	require.NoError(t, err)
	require.Len(t, parked, 3)
	assert.Equal(t, "bad bytes", parked[0].Reason)
	assert.Equal(t, []uint64{2, 3, 4}, []uint64{parked[0].Revision, parked[1].Revision, parked[2].Revision})
	b, err := store.Document(t.Context(), jobs, "b")
	require.NoError(t, err)
	assert.Contains(t, string(b), `"stage":"offered"`, "other streams go on")
	none, err := p.Parked(t.Context(), projectionstest.Clients(1))
	require.NoError(t, err)
	assert.Empty(t, none, "a read model that does not care for the event does not park it")

	again, err := p.Retry(t.Context(), jobs, "job-a")
	require.NoError(t, err)
	assert.Zero(t, again.Folded)
	assert.Len(t, again.Parked, 3, "what fails again stays")

	events[3].Event = projectionstest.JobMoved{From: "offered", To: "agreed"} // a release that can read it
	again, err = p.Retry(t.Context(), jobs, "job-a")
	require.NoError(t, err)
	assert.Equal(t, projector.Replayed{Folded: 3}, again)
	same(t, store, events)

	more := append(events, projectionstest.History(append(facts(events), projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{To: "lost"}})...)[len(events)])
	log.append(more[len(events)])
	reaches(t, store, last(more), samples()...)
	same(t, store, more)
}

// facts are events as a history states them.
func facts(events []domain.Recorded) []projectionstest.Fact {
	facts := make([]projectionstest.Fact, len(events))
	for i, r := range events {
		facts[i] = projectionstest.Fact{Stream: r.Stream, Event: r.Event, At: r.RecordedAt}
	}
	return facts
}

func TestDiscard(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	log, store := newLog(3, events[:2]...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, events[1].Position, samples()...)
	log.append(events[2:]...)
	reaches(t, store, last(events), samples()...)
	done, err := p.Discard(t.Context(), jobs, "job-a", 2)
	require.NoError(t, err)
	assert.Equal(t, projector.Replayed{Folded: 2, Discarded: 1}, done)
	a, err := store.Document(t.Context(), jobs, "a")
	require.NoError(t, err)
	assert.Contains(t, string(a), `"stage":"won"`)
	_, err = p.Discard(t.Context(), jobs, "job-a", projector.WholeStream)
	require.ErrorIs(t, err, projector.ErrNotParked)
}

func TestRebuildWithParkedStreamsWaitsToBeTold(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	log, store := newLog(3, events...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, last(events), projectionstest.Clients(1))
	held := func() bool {
		status, err := p.Status(t.Context())
		require.NoError(t, err)
		return status[0].Held && status[0].ParkedStreams == 1 && status[0].Building == "1"
	}
	require.Eventually(t, held, patience, testTick)
	_, err := store.Document(t.Context(), jobs, "b")
	require.ErrorIs(t, err, projections.ErrBuilding)
	require.NoError(t, p.Switch(t.Context(), jobs, "ann"))
	reaches(t, store, last(events), jobs)
}

func TestRetryReleasesAHeldRebuild(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	log, store := newLog(3, events...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, last(events), projectionstest.Clients(1))
	_, err := p.Discard(t.Context(), jobs, "job-a", 2)
	require.NoError(t, err)
	reaches(t, store, last(events), jobs)
}

// What was given up stays so: a later build leaves it out instead of parking it,
// and what comes behind it is folded.
func TestDiscardedIsLeftOutOfEveryBuild(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	store := projectionstest.NewMemory()
	c := config(t, newLog(3, events...), store)
	c.Discarded = func(m projections.Model) map[string][]uint64 {
		if m.Name == jobs.Name {
			return map[string][]uint64{"job-a": {2}}
		}
		return nil
	}
	p, _ := start(t, c)
	reaches(t, store, last(events), samples()...)
	parked, err := p.Parked(t.Context(), jobs)
	require.NoError(t, err)
	assert.Empty(t, parked)
	a, err := store.Document(t.Context(), jobs, "a")
	require.NoError(t, err)
	assert.Contains(t, string(a), `"stage":"won"`)
}

func TestRetryLeavesOutWhatWasDiscarded(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	store := projectionstest.NewMemory()
	var given map[string][]uint64
	c := config(t, newLog(3, events...), store)
	c.Discarded = func(projections.Model) map[string][]uint64 { return given }
	_, stop := start(t, c)
	reaches(t, store, last(events), projectionstest.Clients(1))
	stop()
	c.Metrics = nil
	given = map[string][]uint64{"job-a": {2}} // put on record by a process that ended before it did anything
	p, _ := start(t, c)
	done, err := p.Retry(t.Context(), jobs, "job-a")
	require.NoError(t, err)
	assert.Equal(t, projector.Replayed{Folded: 2, Discarded: 1}, done)
	reaches(t, store, last(events), jobs)
}
