package projections_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func TestEquivalence(t *testing.T) {
	for seed := range uint64(4) {
		events := projectionstest.Busy(12, seed)
		projectionstest.Equivalent(t, projectionstest.Jobs(1), events...)
		projectionstest.Equivalent(t, projectionstest.Clients(1), events...)
	}
}

func TestEquivalenceWithParkedStreams(t *testing.T) {
	events := projectionstest.Busy(12, 5)
	for _, i := range []int{7, 20, 21} {
		events[i].Event = projectionstest.JobSpoiled{}
	}
	events[30].Event = domain.Undecodable{Type: "job.moved.v1", Err: errors.New("bad bytes")}
	projectionstest.Equivalent(t, projectionstest.Jobs(1), events...)
}

// fold gives the changes of one page.
func fold(t *testing.T, m projections.Model, loader projections.Loader, events ...domain.Recorded) projections.Changes {
	t.Helper()
	changes, err := m.Folder(loader).Fold(t.Context(), events)
	require.NoError(t, err)
	return changes
}

func TestHeadTellsWhoAndWhen(t *testing.T) {
	at := time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	events := projectionstest.History(
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobOpened{Owner: "o"}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{To: "won"}, At: at, By: "bob"},
	)
	changes := fold(t, projectionstest.Jobs(1), projectionstest.NewMemory().Loader(projectionstest.Jobs(1)), events...)
	var job projectionstest.Job
	require.NoError(t, json.Unmarshal(changes.Documents["a"], &job))
	assert.Equal(t, projections.Head{ID: "a", Revision: 1, UpdatedAt: at, UpdatedBy: "bob"}, job.Head)
}

func TestOnlyTheDifferenceIsWritten(t *testing.T) {
	jobs := projectionstest.Jobs(1)
	events := projectionstest.History(
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobOpened{Owner: "o", Minor: 5}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{From: "new", To: "won"}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobClosed{}},
	)
	store := projectionstest.Folded(t, jobs, events[0])
	changes := fold(t, jobs, store.Loader(jobs), events[1:]...)
	assert.Equal(t, map[projections.Counter]int64{
		{Group: "stages", Field: "new"}: -1, {Group: "stages", Field: "won"}: 1,
		{Group: "value", Field: "new"}: -5, {Group: "value", Field: "won"}: 5,
		{Group: "sum", Field: "closed value"}: 5,
	}, changes.Counts)
	assert.Equal(t, []projections.SampleChange{{Set: "closed value", ID: "a", Value: 5}}, changes.Sampled)
	assert.Len(t, changes.Indexed, 4)
	assert.Len(t, changes.Documents, 1, "a document is written once a page")
}

func TestEventsNobodyReactsToChangeNothing(t *testing.T) {
	events := projectionstest.History(
		projectionstest.Fact{Stream: "job-a", Event: domain.Undecodable{Type: "other.thing.v1", Err: errors.New("bad")}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{}},
	)
	changes := fold(t, projectionstest.Clients(1), projectionstest.NewMemory().Loader(projectionstest.Clients(1)), events...)
	assert.True(t, changes.Empty())
}

func TestParking(t *testing.T) {
	jobs := projectionstest.Jobs(1)
	events := projectionstest.History(
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobOpened{}},
		projectionstest.Fact{Stream: "job-b", Event: projectionstest.JobOpened{}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobSpoiled{}},
		projectionstest.Fact{Stream: "job-b", Event: domain.Undecodable{Type: "job.closed.v9", Err: errors.New("from the future")}},
		projectionstest.Fact{Stream: "job-a", Event: projectionstest.JobMoved{To: "won"}},
	)
	changes := fold(t, jobs, projectionstest.NewMemory().Loader(jobs), events...)
	require.Len(t, changes.Parked, 3)
	assert.Equal(t, projections.Parked{
		Stream: "job-a", Revision: 1, Position: events[2].Position, ID: events[2].ID, Type: "job.spoiled.v1", Reason: "spoiled",
	}, changes.Parked[0])
	assert.Equal(t, "from the future", changes.Parked[1].Reason)
	assert.Empty(t, changes.Parked[2].Reason, "waits behind an earlier one")
	assert.Len(t, changes.Documents, 2)
	assert.NotContains(t, string(changes.Documents["a"]), "won")
}

// A read model whose facts or document cannot be worked out parks the event
// that led there.
func TestFactsThatFailPark(t *testing.T) {
	type sheet struct {
		Ratio float64 `json:"ratio"`
		Moves int     `json:"moves"`
	}
	m := projections.Declare("sheets", 1, func(s *sheet, f *projections.Facts) {
		if s.Moves == 3 {
			panic("cannot count this")
		}
		f.Count("moves", fmt.Sprint(s.Moves), 1)
	}, projections.On(func(s *sheet, _ domain.Recorded, e projectionstest.JobMoved) {
		if s.Moves++; e.To == "nowhere" {
			s.Ratio = float64(s.Moves) / 0.0 * zero()
		}
	}))
	moved := func(stream, to string) projectionstest.Fact {
		return projectionstest.Fact{Stream: stream, Event: projectionstest.JobMoved{To: to}}
	}
	events := projectionstest.History(
		moved("job-a", "x"), moved("job-a", "x"), moved("job-a", "x"), moved("job-b", "x"), moved("job-c", "nowhere"),
	)
	changes := fold(t, m, projectionstest.NewMemory().Loader(m), events...)
	assert.ElementsMatch(t, []string{"job-a", "job-c"}, []string{changes.Parked[0].Stream, changes.Parked[1].Stream})
	assert.JSONEq(t, `{"ratio":0,"moves":2}`, string(changes.Documents["a"]))
	assert.JSONEq(t, `{"ratio":0,"moves":1}`, string(changes.Documents["b"]))
	assert.NotContains(t, changes.Documents, "c")
}

// zero hides a division by zero from the compiler.
func zero() float64 { return float64(len(fmt.Sprint())) }

type failingLoader struct{ projections.Loader }

func (failingLoader) Documents(context.Context, []string) ([][]byte, error) {
	return nil, errors.New("out of reach")
}

func TestLoaderFailureIsNoParking(t *testing.T) {
	jobs := projectionstest.Jobs(1)
	loader := failingLoader{projectionstest.NewMemory().Loader(jobs)}
	_, err := jobs.Folder(loader).Fold(t.Context(), projectionstest.Busy(2, 1))
	require.ErrorContains(t, err, "out of reach")
}
