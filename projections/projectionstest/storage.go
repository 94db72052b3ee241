package projectionstest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Store is everything a store of read models does.
type Store interface {
	projections.Views
	Loader(m projections.Model) projections.Loader
	Marks(ctx context.Context, models ...projections.Model) ([]projections.Mark, error)
	Commit(ctx context.Context, commits ...projections.Commit) error
	Parked(ctx context.Context, m projections.Model) ([]projections.Parked, error)
	Served(ctx context.Context, m projections.Model) (projections.Model, bool, error)
	Serve(ctx context.Context, m projections.Model, at projections.Mark) error
	Wanted(ctx context.Context, m projections.Model) (projections.Model, error)
	Want(ctx context.Context, m projections.Model) error
	Drop(ctx context.Context, m projections.Model) error
	Notes(ctx context.Context, m projections.Model) (map[string]string, error)
	Note(ctx context.Context, m projections.Model, set map[string]string, remove ...string) error
	Compare(ctx context.Context, served, built projections.Model) (projections.Comparison, error)
	Holds(ctx context.Context, m projections.Model, members []projections.IndexChange, samples []projections.SampleChange) ([]bool, []*int64, error)
}

// Storage is what every store of read models must keep to. Fresh returns an
// empty one.
func Storage(t *testing.T, fresh func(t *testing.T) Store) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Store){
		"starts empty":             startsEmpty,
		"reads back a commit":      readsBack,
		"refuses a moved mark":     refusesMoved,
		"commits all or none":      allOrNone,
		"parks and unparks":        parks,
		"scans both ways":          scans,
		"figures are exact":        figuresExact,
		"series are exact":         seriesExact,
		"states are exact":         statesExact,
		"yields every document":    yieldsAll,
		"serves one build":         servesOne,
		"serves nothing emptied":   servesNothingEmptied,
		"drops a build":            drops,
		"waits until it is behind": waits,
		"remembers what is wanted": remembersWanted,
		"keeps notes":              keepsNotes,
		"compares builds":          comparesBuilds,
		"tells what it holds":      tellsWhatItHolds,
	} {
		t.Run(name, func(t *testing.T) { check(t, fresh(t)) })
	}
}

func at(commit uint64) projections.Mark {
	return projections.Mark{Position: domain.Position{Commit: commit, Prepare: commit}}
}

// document is a commit that stores one document.
func document(m projections.Model, from, to projections.Mark, id, text string) projections.Commit {
	return projections.Commit{Model: m, From: from, To: to, Changes: projections.Changes{Documents: map[string][]byte{id: []byte(text)}}}
}

func startsEmpty(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	marks, err := s.Marks(t.Context(), m, Clients(1))
	require.NoError(t, err)
	assert.Equal(t, []projections.Mark{{}, {}}, marks)
	documents, err := s.Loader(m).Documents(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{nil, nil}, documents)
	streams, err := s.Loader(m).Parked(t.Context())
	require.NoError(t, err)
	assert.Empty(t, streams)
	_, err = s.Document(t.Context(), m, "a")
	require.ErrorIs(t, err, projections.ErrBuilding)
	_, err = s.Scan(t.Context(), m, projections.Scan{Index: "all", Limit: 1})
	require.ErrorIs(t, err, projections.ErrBuilding)
	_, err = s.Figures(t.Context(), m, projections.Ask{Groups: []string{"stages"}})
	require.ErrorIs(t, err, projections.ErrBuilding)
	require.ErrorIs(t, s.Wait(t.Context(), m, domain.StartOfLog), projections.ErrBuilding)
}

func readsBack(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	to := projections.Mark{Position: domain.Position{Commit: 7, Prepare: 6}, Edits: 3}
	require.NoError(t, s.Commit(t.Context(), document(m, projections.Mark{}, to, "a", `{"n":1}`)))
	marks, err := s.Marks(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, []projections.Mark{to}, marks)
	documents, err := s.Loader(m).Documents(t.Context(), []string{"b", "a"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{nil, []byte(`{"n":1}`)}, documents)
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: to, To: at(9)}), "a commit that only moves the mark")
	require.NoError(t, s.Commit(t.Context(), document(m, at(9), at(10), "c", "3")))
	gone := projections.Commit{Model: m, From: at(10), To: at(11), Changes: projections.Changes{Documents: map[string][]byte{"c": nil, "d": nil}}}
	require.NoError(t, s.Commit(t.Context(), gone), "a document goes")
	documents, err = s.Loader(m).Documents(t.Context(), []string{"c", "d"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{nil, nil}, documents)
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	got, err := s.Document(t.Context(), m, "a")
	require.NoError(t, err)
	assert.JSONEq(t, `{"n":1}`, string(got))
	got, err = s.Document(t.Context(), m, "b")
	require.NoError(t, err)
	assert.Nil(t, got)
}

func refusesMoved(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	require.NoError(t, s.Commit(t.Context(), document(m, at(0), at(5), "a", `1`)))
	for _, from := range []projections.Mark{at(0), at(4), at(6), at(5).Edited()} {
		require.ErrorIs(t, s.Commit(t.Context(), document(m, from, at(9), "a", `2`)), projections.ErrMoved)
	}
	documents, err := s.Loader(m).Documents(t.Context(), []string{"a"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{[]byte(`1`)}, documents)
}

func allOrNone(t *testing.T, s Store) {
	t.Helper()
	jobs, clients := Jobs(1), Clients(1)
	require.NoError(t, s.Commit(t.Context(), document(jobs, at(0), at(5), "a", `1`), document(clients, at(0), at(5), "b", `1`)))
	err := s.Commit(t.Context(), document(jobs, at(5), at(6), "a", `2`), document(clients, at(4), at(6), "b", `2`))
	require.ErrorIs(t, err, projections.ErrMoved)
	for m, id := range map[string]string{"jobs": "a", "clients": "b"} {
		model := projections.Model{Name: m, Version: 1}
		marks, err := s.Marks(t.Context(), model)
		require.NoError(t, err)
		documents, err := s.Loader(model).Documents(t.Context(), []string{id})
		require.NoError(t, err)
		// A cluster may have written the commit that fits, but then all of it.
		assert.Equal(t, marks[0] == at(6), string(documents[0]) == `2`, m)
	}
}

func parks(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	first := projections.Parked{Stream: "job-1", Revision: 2, Position: at(3).Position, ID: "e1", Type: "job.moved.v1", Reason: "why"}
	second := projections.Parked{Stream: "job-1", Revision: 3, Position: at(4).Position, ID: "e2", Type: "job.closed.v1"}
	other := projections.Parked{Stream: "job-0", Revision: 0, Position: at(4).Position, ID: "e3", Type: "job.opened.v1", Reason: "why not"}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, To: at(4), Changes: projections.Changes{Parked: []projections.Parked{first, second, other}}}))
	parked, err := s.Parked(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, []projections.Parked{other, first, second}, parked)
	streams, err := s.Loader(m).Parked(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"job-0", "job-1"}, streams)
	require.NoError(t, s.Commit(t.Context(), projections.Commit{
		Model: m, From: at(4), To: at(4).Edited(), Unparked: []string{"job-1", "job-0"}, Changes: projections.Changes{Parked: []projections.Parked{second}},
	}))
	parked, err = s.Parked(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, []projections.Parked{second}, parked)
	streams, err = s.Loader(m).Parked(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"job-1"}, streams)
}

func servesOne(t *testing.T, s Store) {
	t.Helper()
	v1, v2 := Jobs(1), Jobs(2)
	require.NoError(t, s.Commit(t.Context(), document(v1, at(0), at(5), "a", `1`)))
	require.NoError(t, s.Commit(t.Context(), document(v2, at(0), at(6), "a", `2`)))
	reads := func(m projections.Model, want string) {
		t.Helper()
		got, err := s.Document(t.Context(), m, "a")
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	require.NoError(t, s.Serve(t.Context(), v1, projections.Mark{}))
	reads(v1, `1`)
	reads(v2, `1`) // declared, but not complete
	require.NoError(t, s.Serve(t.Context(), v2, projections.Mark{}))
	served, ok, err := s.Served(t.Context(), v1)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, "2", served.Label())
	reads(v2, `2`)
	reads(v1, `1`) // an older program keeps what it can read
	again := v2
	again.Build = 1
	require.NoError(t, s.Commit(t.Context(), document(again, at(0), at(7), "a", `3`)))
	reads(v2, `2`)
	require.NoError(t, s.Serve(t.Context(), again, projections.Mark{}))
	reads(v2, `3`)
}

// servesNothingEmptied: a build that has lost what it held is not complete.
func servesNothingEmptied(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	require.NoError(t, s.Commit(t.Context(), document(m, at(0), at(5), "a", `1`)))
	require.NoError(t, s.Drop(t.Context(), m))
	require.ErrorIs(t, s.Serve(t.Context(), m, at(5)), projections.ErrMoved)
	_, ok, err := s.Served(t.Context(), m)
	require.NoError(t, err)
	assert.False(t, ok)
	require.NoError(t, s.Commit(t.Context(), document(m, at(0), at(7), "a", `1`)))
	require.NoError(t, s.Serve(t.Context(), m, at(5)), "it may have come further")
	_, ok, err = s.Served(t.Context(), m)
	require.NoError(t, err)
	assert.True(t, ok)
}

func drops(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	require.NoError(t, s.Commit(t.Context(), document(m, at(0), at(5), "a", `1`), document(Jobs(2), at(0), at(5), "a", `2`)))
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	_, err := s.Document(t.Context(), m, "a")
	require.NoError(t, err)
	require.NoError(t, s.Drop(t.Context(), m))
	_, err = s.Document(t.Context(), m, "a")
	require.ErrorIs(t, err, projections.ErrBuilding)
	_, ok, err := s.Served(t.Context(), m)
	require.NoError(t, err)
	assert.False(t, ok)
	marks, err := s.Marks(t.Context(), m, Jobs(2))
	require.NoError(t, err)
	assert.Equal(t, []projections.Mark{{}, at(5)}, marks)
	documents, err := s.Loader(m).Documents(t.Context(), []string{"a"})
	require.NoError(t, err)
	assert.Equal(t, [][]byte{nil}, documents)
}

func waits(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	require.NoError(t, s.Commit(t.Context(), document(m, at(0), at(5), "a", `1`)))
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	require.NoError(t, s.Wait(t.Context(), m, at(5).Position))
	require.NoError(t, s.Wait(t.Context(), m, at(4).Position))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Wait(ctx, m, at(6).Position), projections.ErrBehind)
}

func remembersWanted(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	wanted, err := s.Wanted(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, "1", wanted.Label())
	m.Build = 4
	require.NoError(t, s.Want(t.Context(), m))
	wanted, err = s.Wanted(t.Context(), Jobs(1))
	require.NoError(t, err)
	assert.Equal(t, "1.4", wanted.Label())
	wanted, err = s.Wanted(t.Context(), Jobs(2))
	require.NoError(t, err)
	assert.Equal(t, "2", wanted.Label(), "what was wanted of an earlier version says nothing about this one")
}
