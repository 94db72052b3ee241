package commandstest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// Happened is the event the suite appends.
type Happened struct {
	Number int    `json:"number"`
	Text   string `json:"text,omitempty"`
}

// EventType is the wire name of Happened.
func (Happened) EventType() string { return "suite.happened.v1" }

// Types are the wire types a store under test has to know.
func Types() []domain.Type { return []domain.Type{domain.Current[Happened]()} }

// Facts makes n new events, numbered from first on.
func Facts(first, n int) []domain.NewEvent {
	facts := make([]domain.NewEvent, n)
	for i := range facts {
		facts[i] = domain.NewEvent{
			ID: uuid.NewString(), Event: Happened{Number: first + i},
			Meta: domain.Meta{
				CorrelationID: "c-1", CausationID: "k-1", Command: "make-happen", Digest: "d41d",
				Actor: domain.Actor{ID: "u-1", Role: "agent"}, PolicyVersion: 3, TraceParent: "00-1-2-01",
				OccurredAt: time.Date(2024, 5, 31, 9, 30, 0, int(123*time.Millisecond), time.UTC),
			},
		}
	}
	return facts
}

// NewStream is a stream nobody else has, so the suite may share a server.
func NewStream() string { return "suite-" + uuid.NewString() }

// EventStore is the suite of commands.EventStore. Each test gets a store from
// open, which may be the same one, and uses streams of its own.
func EventStore(t *testing.T, open func(t *testing.T) commands.EventStore) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, commands.EventStore){
		"a missing stream yields nothing":            missing,
		"what was appended is read back whole":       whole,
		"a read starts at a revision":                from,
		"a read may stop early":                      early,
		"expected revisions are checked":             revisions,
		"a repeated append gives its first result":   repeat,
		"a repeat is recognised under later events":  repeatLater,
		"a partly different repeat is a conflict":    partRepeat,
		"of rival appends one gets in":               rivals,
		"a long stream keeps its order":              long,
		"large and foreign text survives":            text,
		"positions rise in the order of appends":     positions,
		"nothing to append is an error":              nothing,
		"an ended context ends in unavailable":       ended,
		"all events of an append are stored or none": allOrNone,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func missing(t *testing.T, store commands.EventStore) {
	assert.Empty(t, read(t, store, NewStream(), 0))
}

func whole(t *testing.T, store commands.EventStore) {
	stream, facts, before := NewStream(), Facts(1, 3), time.Now()
	done, err := store.Append(t.Context(), stream, commands.NoStream, facts)
	require.NoError(t, err)
	assert.EqualValues(t, 2, done.Revision)
	got := read(t, store, stream, 0)
	require.Len(t, got, 3)
	for i, r := range got {
		assert.Equal(t, facts[i].ID, r.ID)
		assert.Equal(t, facts[i].Event, r.Event)
		assert.Equal(t, facts[i].Meta, r.Meta)
		assert.Equal(t, stream, r.Stream)
		assert.EqualValues(t, i, r.Revision)
		assert.WithinDuration(t, before, r.RecordedAt, time.Minute)
		assert.Equal(t, time.UTC, r.RecordedAt.Location())
	}
	assert.Equal(t, done.Position, got[2].Position)
}

func from(t *testing.T, store commands.EventStore) {
	stream := NewStream()
	must(t, store, stream, commands.NoStream, Facts(0, 5))
	assert.Equal(t, []int{3, 4}, numbers(read(t, store, stream, 3)))
	assert.Empty(t, read(t, store, stream, 5))
	assert.Empty(t, read(t, store, stream, 99))
}

func early(t *testing.T, store commands.EventStore) {
	stream := NewStream()
	must(t, store, stream, commands.NoStream, Facts(0, 5))
	for r, err := range store.Read(t.Context(), stream, 0) {
		require.NoError(t, err)
		if r.Revision == 1 {
			break
		}
	}
	assert.Len(t, read(t, store, stream, 0), 5)
}

func revisions(t *testing.T, store commands.EventStore) {
	stream := NewStream()
	conflict(t, store, stream, 0)
	must(t, store, stream, commands.NoStream, Facts(0, 1))
	conflict(t, store, stream, commands.NoStream)
	conflict(t, store, stream, 1)
	must(t, store, stream, 0, Facts(1, 2))
	conflict(t, store, stream, 0)
	conflict(t, store, stream, 1)
	must(t, store, stream, 2, Facts(3, 1))
	assert.Equal(t, []int{0, 1, 2, 3}, numbers(read(t, store, stream, 0)))
}

func repeat(t *testing.T, store commands.EventStore) {
	stream, start, next := NewStream(), Facts(0, 2), Facts(2, 3)
	for range 2 {
		first := must(t, store, stream, commands.NoStream, start)
		assert.Equal(t, first, must(t, store, stream, commands.NoStream, start))
	}
	first := must(t, store, stream, 1, next)
	assert.Equal(t, first, must(t, store, stream, 1, next))
	assert.Len(t, read(t, store, stream, 0), 5)
}

func repeatLater(t *testing.T, store commands.EventStore) {
	stream, start := NewStream(), Facts(0, 2)
	first := must(t, store, stream, commands.NoStream, start)
	must(t, store, stream, 1, Facts(2, 2))
	assert.Equal(t, first, must(t, store, stream, commands.NoStream, start))
	assert.Len(t, read(t, store, stream, 0), 4)
}

func partRepeat(t *testing.T, store commands.EventStore) {
	stream, start := NewStream(), Facts(0, 2)
	must(t, store, stream, commands.NoStream, start)
	_, err := store.Append(t.Context(), stream, commands.NoStream, []domain.NewEvent{start[0], Facts(9, 1)[0]})
	require.ErrorIs(t, err, domain.ErrConflict)
	_, err = store.Append(t.Context(), stream, commands.NoStream, append(start[:2:2], Facts(9, 1)...))
	require.ErrorIs(t, err, domain.ErrConflict)
	assert.Len(t, read(t, store, stream, 0), 2)
}

func rivals(t *testing.T, store commands.EventStore) {
	stream := NewStream()
	var (
		wg   sync.WaitGroup
		errs [8]error
	)
	for i := range errs {
		wg.Go(func() { _, errs[i] = store.Append(t.Context(), stream, commands.NoStream, Facts(i, 2)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, domain.ErrConflict)
	}
	assert.Equal(t, 1, won)
	assert.Len(t, read(t, store, stream, 0), 2)
}

func long(t *testing.T, store commands.EventStore) {
	const appends, each = 6, 500
	stream, expected := NewStream(), commands.NoStream
	for i := range appends {
		expected = int64(must(t, store, stream, expected, Facts(i*each, each)).Revision)
	}
	got := read(t, store, stream, 0)
	require.Len(t, got, appends*each)
	for i, r := range got {
		require.EqualValues(t, i, r.Revision)
		require.Equal(t, Happened{Number: i}, r.Event)
	}
}

func text(t *testing.T, store commands.EventStore) {
	stream, facts := NewStream(), Facts(0, 2)
	facts[0].Event = Happened{Text: "客户 \"Ünal\" \\ <b>&\u2028\n" + strings.Repeat("长", 200_000)}
	facts[0].Meta.Actor.ID = "王 \"x\""
	must(t, store, stream, commands.NoStream, facts)
	got := read(t, store, stream, 0)
	require.Len(t, got, 2)
	assert.True(t, facts[0].Event == got[0].Event, "a long text came back different")
	assert.Equal(t, facts[0].Meta, got[0].Meta)
}

func positions(t *testing.T, store commands.EventStore) {
	a, b := NewStream(), NewStream()
	var last domain.Position
	for i := range 10 {
		stream := a
		if i%2 == 1 {
			stream = b
		}
		must(t, store, stream, int64(i/2*2)-1, Facts(i, 2))
		got := read(t, store, stream, uint64(i/2*2))
		for _, r := range got {
			require.Positive(t, r.Position.Compare(last))
			last = r.Position
		}
	}
}

func nothing(t *testing.T, store commands.EventStore) {
	_, err := store.Append(t.Context(), NewStream(), commands.NoStream, nil)
	require.Error(t, err)
}

func ended(t *testing.T, store commands.EventStore) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stream := NewStream()
	_, err := store.Append(ctx, stream, commands.NoStream, Facts(0, 1))
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}

func allOrNone(t *testing.T, store commands.EventStore) {
	stream, facts := NewStream(), Facts(0, 3)
	must(t, store, stream, commands.NoStream, facts[:2])
	_, err := store.Append(t.Context(), stream, commands.NoStream, facts)
	require.ErrorIs(t, err, domain.ErrConflict)
	assert.Len(t, read(t, store, stream, 0), 2)
}

func must(t *testing.T, store commands.EventStore, stream string, expected int64, facts []domain.NewEvent) commands.Appended {
	t.Helper()
	done, err := store.Append(t.Context(), stream, expected, facts)
	require.NoError(t, err)
	return done
}

func conflict(t *testing.T, store commands.EventStore, stream string, expected int64) {
	t.Helper()
	_, err := store.Append(t.Context(), stream, expected, Facts(99, 1))
	require.ErrorIs(t, err, domain.ErrConflict, fmt.Sprintf("expected revision %d", expected))
}

func read(t *testing.T, store commands.EventStore, stream string, from uint64) []domain.Recorded {
	t.Helper()
	var got []domain.Recorded
	for r, err := range store.Read(t.Context(), stream, from) {
		require.NoError(t, err)
		got = append(got, r)
	}
	return got
}

func numbers(recorded []domain.Recorded) []int {
	var n []int
	for _, r := range recorded {
		if h, ok := r.Event.(Happened); ok {
			n = append(n, h.Number)
		}
	}
	return n
}
