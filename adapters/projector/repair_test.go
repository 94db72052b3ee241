package projector_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// write puts changes into a build behind the projector's back.
func (r *rebuilding) write(m projections.Model, changes projections.Changes) {
	r.t.Helper()
	marks, err := r.store.Marks(r.t.Context(), m)
	require.NoError(r.t, err)
	require.NoError(r.t, r.store.Commit(r.t.Context(), projections.Commit{Model: m, From: marks[0], To: marks[0].Edited(), Changes: changes}))
}

// job is a document of jobs with some fields changed, and what it contributes.
func (r *rebuilding) job(id string, change func(map[string]any)) (text []byte, was, is projections.Changes) {
	r.t.Helper()
	documents, err := r.store.Loader(r.jobs).Documents(r.t.Context(), []string{id})
	require.NoError(r.t, err)
	var fields map[string]any
	require.NoError(r.t, json.Unmarshal(documents[0], &fields))
	change(fields)
	text, err = json.Marshal(fields)
	require.NoError(r.t, err)
	was, err = r.jobs.Contributes(r.t.Context(), r.store.Loader(r.jobs), id, documents[0])
	require.NoError(r.t, err)
	is, err = r.jobs.Contributes(r.t.Context(), r.store.Loader(r.jobs), id, text)
	require.NoError(r.t, err)
	return text, was, is
}

func TestRepair(t *testing.T) {
	r := rebuild(t, 31)
	id := r.events[0].Subject()
	want := r.store.Contents(r.jobs)

	fine, err := r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	assert.True(t, fine.Clean())
	assert.False(t, fine.Mended)

	text, was, is := r.job(id, func(fields map[string]any) { fields["stage"], fields["minor"] = "agreed", 1 })
	r.write(r.jobs, projections.Changes{Documents: map[string][]byte{id: text}})
	seen, err := r.Repair(t.Context(), r.jobs, id, false)
	require.NoError(t, err)
	assert.False(t, seen.Mended)
	assert.Len(t, seen.Differences, 2)
	assert.Equal(t, "minor", seen.Differences[0].Path)
	assert.Equal(t, json.Number("1"), seen.Differences[0].From)
	assert.Equal(t, projector.CountsKept, seen.Counts, "only the record was changed")
	mended, err := r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	assert.True(t, mended.Mended)
	assert.Equal(t, want, r.store.Contents(r.jobs))

	// One that was folded wrongly took places and counts along.
	wrong := projections.Changes{Documents: map[string][]byte{id: text}, Counts: map[projections.Counter]int64{}}
	for _, place := range was.Indexed {
		place.Remove = true
		wrong.Indexed = append(wrong.Indexed, place)
	}
	wrong.Indexed, wrong.Sampled = append(wrong.Indexed, is.Indexed...), is.Sampled
	for counter, n := range was.Counts {
		wrong.Counts[counter] -= n
	}
	for counter, n := range is.Counts {
		wrong.Counts[counter] += n
	}
	r.write(r.jobs, wrong)
	mended, err = r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	assert.Equal(t, projector.CountsMended, mended.Counts)
	assert.Equal(t, 3, mended.Places)
	assert.Equal(t, want, r.store.Contents(r.jobs))

	r.write(r.jobs, projections.Changes{Documents: map[string][]byte{id: []byte(`{`)}})
	mended, err = r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	assert.True(t, mended.Mended)
	assert.Equal(t, want, r.store.Contents(r.jobs))

	r.log.append(r.more...)
	reaches(t, r.store, last(r.more), samples()...)
	same(t, r.store, append(r.events, r.more...))
}

func TestRepairOfARecordThatIsMissingOrTooMany(t *testing.T) {
	r := rebuild(t, 32)
	clients := projectionstest.Clients(1)
	want := r.store.Contents(clients)
	_, err := r.Repair(t.Context(), clients, "nobody", true)
	require.ErrorIs(t, err, projector.ErrNoRecord)

	opened, ok := r.events[0].Event.(projectionstest.JobOpened)
	require.True(t, ok)
	id := opened.Customer
	r.write(clients, projections.Changes{Documents: map[string][]byte{id: nil}})
	mended, err := r.Repair(t.Context(), clients, id, true)
	require.NoError(t, err)
	assert.True(t, mended.Mended)
	assert.Equal(t, want, r.store.Contents(clients), "events of other streams are found, too")

	r.write(clients, projections.Changes{Documents: map[string][]byte{"nobody": []byte(`{"jobs":0,"minor":0}`)}})
	mended, err = r.Repair(t.Context(), clients, "nobody", true)
	require.NoError(t, err)
	assert.True(t, mended.Mended)
	assert.Equal(t, want, r.store.Contents(clients))
}

func TestRepairLeavesParkedEventsOut(t *testing.T) {
	events := spoilt()
	jobs := projectionstest.Jobs(1)
	log, store := newLog(3, events[:2]...), projectionstest.NewMemory()
	p, _ := start(t, config(t, log, store))
	reaches(t, store, events[1].Position, samples()...)
	log.append(events[2:]...)
	reaches(t, store, last(events), samples()...)
	fine, err := p.Repair(t.Context(), jobs, "a", true)
	require.NoError(t, err)
	assert.True(t, fine.Clean())
	log.correct(3, projectionstest.JobMoved{From: "offered", To: "agreed"})
	fine, err = p.Repair(t.Context(), jobs, "a", true)
	require.NoError(t, err)
	assert.True(t, fine.Clean(), "a retry will fold them, and only once")
}

// Reading the log may take longer than a caller waits: the next call goes on.
func TestRepairGoesOn(t *testing.T) {
	r := rebuild(t, 33)
	id := r.events[0].Subject()
	calls := 0
	for {
		calls++
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond+500*time.Microsecond)
		_, err := r.Repair(ctx, r.jobs, id, false)
		cancel()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, projector.ErrRefolding)
		require.Less(t, calls, 1000)
	}
	t.Log("calls:", calls)
}

func TestRepairWhileTheLogMoves(t *testing.T) {
	r := rebuild(t, 34)
	id := r.events[0].Subject()
	text, _, _ := r.job(id, func(fields map[string]any) { fields["owner"] = "nobody" })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, e := range r.more {
			r.log.append(e)
		}
	}()
	for range 5 {
		func() {
			marks, err := r.store.Marks(t.Context(), r.jobs)
			require.NoError(t, err)
			_ = r.store.Commit(t.Context(), projections.Commit{Model: r.jobs, From: marks[0], To: marks[0].Edited(), Changes: projections.Changes{Documents: map[string][]byte{id: text}}})
		}()
	}
	_, err := r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	<-done
	reaches(t, r.store, last(r.more), r.jobs)
	again, err := r.Repair(t.Context(), r.jobs, id, true)
	require.NoError(t, err)
	assert.Empty(t, again.Differences)
}
