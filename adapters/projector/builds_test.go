package projector_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// rebuilding is a projector that serves jobs and clients of a history, with
// what the tests of rebuilds ask of it.
type rebuilding struct {
	*projector.Projector
	t      *testing.T
	log    *memoryLog
	store  *projectionstest.Memory
	events []domain.Recorded // of the log so far
	more   []domain.Recorded // and those to come
	jobs   projections.Model
	stop   func()
}

func rebuild(t *testing.T, seed uint64) *rebuilding {
	t.Helper()
	history := projectionstest.Busy(60, seed)
	r := &rebuilding{t: t, events: history[:120:120], more: history[120:], store: projectionstest.NewMemory(), jobs: projectionstest.Jobs(1)}
	r.log = newLog(4, r.events...)
	r.Projector, r.stop = start(t, config(t, r.log, r.store))
	reaches(t, r.store, last(r.events), samples()...)
	return r
}

// build is one build of jobs, by label; false if there is none.
func (r *rebuilding) build(label string) (projector.Build, bool) {
	r.t.Helper()
	all, err := r.Builds(r.t.Context(), r.jobs)
	require.NoError(r.t, err)
	for _, b := range all {
		if b.Model.Label() == label {
			return b, true
		}
	}
	return projector.Build{}, false
}

// comes waits until the first rebuild is in a phase.
func (r *rebuilding) comes(phase projector.Phase) projector.Build {
	r.t.Helper()
	var b projector.Build
	require.Eventually(r.t, func() bool {
		b, _ = r.build("1.1")
		return b.Phase == phase
	}, patience, testTick, "it does not come to %s", phase)
	return b
}

// serves waits until queries read a build.
func (r *rebuilding) serves(label string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		served, ok, err := r.store.Served(r.t.Context(), r.jobs)
		return err == nil && ok && served.Label() == label
	}, patience, testTick, "%s is not served", label)
}

// tamper changes a document of a build behind the projector's back, and the
// place it has in a list.
func (r *rebuilding) tamper(m projections.Model, id string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		marks, err := r.store.Marks(r.t.Context(), m)
		require.NoError(r.t, err)
		documents, err := r.store.Loader(m).Documents(r.t.Context(), []string{id})
		require.NoError(r.t, err)
		var fields map[string]any
		require.NoError(r.t, json.Unmarshal(documents[0], &fields))
		fields["owner"] = "nobody"
		text, err := json.Marshal(fields)
		require.NoError(r.t, err)
		return r.store.Commit(r.t.Context(), projections.Commit{Model: m, From: marks[0], To: marks[0], Changes: projections.Changes{
			Documents: map[string][]byte{id: text},
			Counts:    map[projections.Counter]int64{{Group: "stages", Field: "new"}: 2},
		}}) == nil
	}, patience, testTick)
}

func TestNoSwitchWaitsToBeTold(t *testing.T) {
	r := rebuild(t, 21)
	next, begun, err := r.Rebuild(t.Context(), r.jobs, "ann", true)
	require.NoError(t, err)
	assert.True(t, begun)
	b := r.comes(projector.Complete)
	assert.False(t, b.Served)
	assert.Equal(t, "ann", b.StartedBy)
	assert.NotNil(t, b.Comparison)
	assert.True(t, b.Comparison.Clean())
	assert.Contains(t, b.Reason, "waits to be switched")
	same, begun, err := r.Rebuild(t.Context(), r.jobs, "bob", false)
	require.NoError(t, err)
	assert.False(t, begun, "there is one already")
	assert.Equal(t, next.Label(), same.Label())

	r.log.append(r.more...)
	reaches(t, r.store, last(r.more), r.jobs)
	require.Eventually(t, func() bool {
		b, _ := r.build("1.1")
		return b.Position == last(r.more)
	}, patience, testTick, "it is kept up to date meanwhile")
	require.NoError(t, r.Switch(t.Context(), r.jobs, "bob"))
	r.serves("1.1")
	b, _ = r.build("1.1")
	assert.Equal(t, "bob", b.SwitchedBy)
	old, _ := r.build("1")
	assert.True(t, old.Previous)
	require.ErrorIs(t, r.Switch(t.Context(), r.jobs, "bob"), projector.ErrNotBuilding)
}

func TestDifferenceIsFoundAndHolds(t *testing.T) {
	r := rebuild(t, 22)
	id := r.events[0].Subject()
	r.tamper(r.jobs, id)
	_, _, err := r.Rebuild(t.Context(), r.jobs, "ann", false)
	require.NoError(t, err)
	b := r.comes(projector.Held)
	require.NotNil(t, b.Comparison)
	assert.Equal(t, int64(1), b.Comparison.Documents.Differs)
	assert.Equal(t, int64(1), b.Comparison.Counts.Differs)
	fields := map[string]projections.Differing{}
	for _, d := range b.Comparison.Examples {
		fields[d.Kind+" "+d.Name+" "+d.Field] = d
	}
	assert.Equal(t, "nobody", fields["document "+id+" owner"].Served)
	assert.Contains(t, fields, "count stages new")
	served, _, err := r.store.Served(t.Context(), r.jobs)
	require.NoError(t, err)
	assert.Equal(t, "1", served.Label())

	r.stop() // what was found outlives the process
	r.Projector, r.stop = start(t, config(t, r.log, r.store))
	assert.Equal(t, b.Comparison, r.comes(projector.Held).Comparison)
	require.NoError(t, r.Recompare(t.Context(), r.jobs, "ann"))
	r.comes(projector.Held)
	require.NoError(t, r.Switch(t.Context(), r.jobs, "ann"))
	r.serves("1.1")
	next := r.jobs
	next.Build = 1
	assert.Equal(t, projectionstest.Folded(t, r.jobs, r.events...).Contents(r.jobs), r.store.Contents(next))
}

func TestCancelLeavesNothing(t *testing.T) {
	r := rebuild(t, 23)
	require.ErrorIs(t, r.Cancel(t.Context(), r.jobs, "ann"), projector.ErrNotBuilding)
	next, _, err := r.Rebuild(t.Context(), r.jobs, "ann", true)
	require.NoError(t, err)
	r.comes(projector.Complete)
	require.NoError(t, r.Cancel(t.Context(), r.jobs, "bob"))
	assert.Empty(t, r.store.Contents(next), "this process has let go of it already")
	b := r.comes(projector.Cancelled)
	assert.Equal(t, "bob", b.CancelledBy)
	require.Eventually(t, func() bool {
		notes, err := r.store.Notes(t.Context(), r.jobs)
		require.NoError(t, err)
		_, dropping := notes["1.1 dropped"]
		return !dropping
	}, patience, testTick)
	again, _, err := r.Rebuild(t.Context(), r.jobs, "ann", false)
	require.NoError(t, err)
	assert.Equal(t, "1.2", again.Label(), "no number is used twice")
	r.serves("1.2")
	_, known := r.build("1.1")
	assert.False(t, known, "the next rebuild forgets it")
	assert.Empty(t, r.store.Contents(next))
}

func TestCancelWhileReplaying(t *testing.T) {
	r := rebuild(t, 24)
	for range 20 {
		next, begun, err := r.Rebuild(t.Context(), r.jobs, "ann", true)
		require.NoError(t, err)
		require.True(t, begun)
		require.NoError(t, r.Cancel(t.Context(), r.jobs, "ann"))
		assert.Empty(t, r.store.Contents(next))
	}
	same(t, r.store, r.events)
}

func TestFirstBuildCannotBeCancelled(t *testing.T) {
	p := projector.New(config(t, newLog(5), projectionstest.NewMemory()))
	require.ErrorIs(t, p.Cancel(t.Context(), projectionstest.Jobs(1), "ann"), projector.ErrOnlyBuild)
}

func TestRollBack(t *testing.T) {
	r := rebuild(t, 25)
	require.ErrorIs(t, r.RollBack(t.Context(), r.jobs, "ann"), projector.ErrNoWayBack)
	_, _, err := r.Rebuild(t.Context(), r.jobs, "ann", false)
	require.NoError(t, err)
	r.serves("1.1")
	r.log.append(r.more...)
	reaches(t, r.store, last(r.more), r.jobs)
	old, _ := r.build("1")
	assert.Equal(t, last(r.events), old.Position, "it stands still")

	require.NoError(t, r.RollBack(t.Context(), r.jobs, "ann"))
	r.serves("1")
	reaches(t, r.store, last(r.more), r.jobs)
	assert.Equal(t, projectionstest.Folded(t, r.jobs, append(r.events, r.more...)...).Contents(r.jobs), r.store.Contents(r.jobs))
	there, _ := r.build("1.1")
	assert.True(t, there.Previous, "and there is a way there again")
	require.NoError(t, r.RollBack(t.Context(), r.jobs, "ann"))
	r.serves("1.1")

	require.NoError(t, r.Drop(t.Context(), r.jobs, "", "ann"))
	assert.Empty(t, r.store.Contents(r.jobs))
	require.ErrorIs(t, r.RollBack(t.Context(), r.jobs, "ann"), projector.ErrNoWayBack)
	require.ErrorIs(t, r.Drop(t.Context(), r.jobs, "1.1", "ann"), projector.ErrOnlyBuild)
	require.ErrorIs(t, r.Drop(t.Context(), r.jobs, "7", "ann"), projector.ErrNoBuild)
	require.ErrorContains(t, r.Drop(t.Context(), r.jobs, "", "ann"), "keeps no build that was served before")
}

func TestNoWayBackToAnotherRelease(t *testing.T) {
	r := rebuild(t, 26)
	r.stop()
	p, _ := start(t, config(t, r.log, r.store, projectionstest.Jobs(2), projectionstest.Clients(1)))
	r.serves("2")
	err := p.RollBack(t.Context(), projectionstest.Jobs(2), "ann")
	require.ErrorIs(t, err, projector.ErrNoWayBack)
	assert.ErrorContains(t, err, "another release")
	require.NoError(t, p.Drop(t.Context(), projectionstest.Jobs(2), "1", "ann"))
	assert.Empty(t, r.store.Contents(r.jobs))
}

func TestReplacedWhileReading(t *testing.T) {
	r := rebuild(t, 27)
	ctx, cancel := context.WithCancel(t.Context())
	read := make(chan error, 1)
	go func() {
		var seen domain.Position
		for ctx.Err() == nil {
			figures, err := r.store.Figures(t.Context(), r.jobs, projections.Ask{Groups: []string{"stages"}})
			if err == nil && figures.Position.Compare(seen) < 0 {
				err = assert.AnError
			}
			if err != nil {
				read <- err
				return
			}
			seen = figures.Position
		}
		read <- nil
	}()
	rest := r.more
	label := ""
	for label != "1.5" {
		next, begun, err := r.Rebuild(t.Context(), r.jobs, "ann", false)
		require.NoError(t, err)
		if begun {
			label = next.Label()
		}
		n := min(2, len(rest))
		r.log.append(rest[:n]...)
		rest = rest[n:]
	}
	r.serves("1.5")
	r.log.append(rest...)
	reaches(t, r.store, last(r.more), r.jobs)
	cancel()
	require.NoError(t, <-read, "reads never fail and never go back")
	final := r.jobs
	final.Build = 5
	assert.Equal(t, projectionstest.Folded(t, r.jobs, append(r.events, r.more...)...).Contents(r.jobs), r.store.Contents(final))
}
