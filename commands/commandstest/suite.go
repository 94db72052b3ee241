package commandstest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// EventStore is the suite of commands.EventStore. Each test gets a store from
// open, which may be the same one, and uses streams of its own.
func EventStore(t *testing.T, open func(t *testing.T) commands.EventStore) {
	t.Helper()
	for name, test := range map[string]func(suite){
		"a missing stream yields nothing":            suite.missing,
		"what was appended is read back whole":       suite.whole,
		"a read starts at a revision":                suite.from,
		"a read may stop early":                      suite.early,
		"expected revisions are checked":             suite.revisions,
		"a repeated append gives its first result":   suite.repeat,
		"a repeat is recognised under later events":  suite.repeatLater,
		"a partly different repeat is a conflict":    suite.partRepeat,
		"of rival appends one gets in":               suite.rivals,
		"a long stream keeps its order":              suite.long,
		"large and foreign text survives":            suite.text,
		"positions rise in the order of appends":     suite.positions,
		"nothing to append is an error":              suite.nothing,
		"an ended context ends in unavailable":       suite.ended,
		"all events of an append are stored or none": suite.allOrNone,
	} {
		t.Run(name, func(t *testing.T) { test(suite{t, open(t)}) })
	}
}

type suite struct {
	*testing.T
	commands.EventStore
}

func (s suite) missing() {
	assert.Empty(s, s.read(NewStream(), 0))
}

func (s suite) whole() {
	stream, facts, before := NewStream(), Facts(1, 3), time.Now()
	done, err := s.Append(s.Context(), stream, commands.NoStream, facts)
	require.NoError(s, err)
	assert.EqualValues(s, 2, done.Revision)
	got := s.read(stream, 0)
	require.Len(s, got, 3)
	for i, r := range got {
		assert.Equal(s, facts[i].ID, r.ID)
		assert.Equal(s, facts[i].Event, r.Event)
		assert.Equal(s, facts[i].Meta, r.Meta)
		assert.Equal(s, stream, r.Stream)
		assert.EqualValues(s, i, r.Revision)
		assert.WithinDuration(s, before, r.RecordedAt, time.Minute)
		assert.Equal(s, time.UTC, r.RecordedAt.Location())
	}
	assert.Equal(s, done.Position, got[2].Position)
}

func (s suite) from() {
	stream := NewStream()
	s.must(stream, commands.NoStream, Facts(0, 5))
	assert.Equal(s, []int{3, 4}, numbers(s.read(stream, 3)))
	assert.Empty(s, s.read(stream, 5))
	assert.Empty(s, s.read(stream, 99))
}

func (s suite) early() {
	stream := NewStream()
	s.must(stream, commands.NoStream, Facts(0, 5))
	for r, err := range s.Read(s.Context(), stream, 0) {
		require.NoError(s, err)
		if r.Revision == 1 {
			break
		}
	}
	assert.Len(s, s.read(stream, 0), 5)
}

func (s suite) revisions() {
	stream := NewStream()
	s.conflict(stream, 0)
	s.must(stream, commands.NoStream, Facts(0, 1))
	s.conflict(stream, commands.NoStream)
	s.conflict(stream, 1)
	s.must(stream, 0, Facts(1, 2))
	s.conflict(stream, 0)
	s.conflict(stream, 1)
	s.must(stream, 2, Facts(3, 1))
	assert.Equal(s, []int{0, 1, 2, 3}, numbers(s.read(stream, 0)))
}

func (s suite) repeat() {
	stream, start, next := NewStream(), Facts(0, 2), Facts(2, 3)
	for range 2 {
		first := s.must(stream, commands.NoStream, start)
		assert.Equal(s, first, s.must(stream, commands.NoStream, start))
	}
	first := s.must(stream, 1, next)
	assert.Equal(s, first, s.must(stream, 1, next))
	assert.Len(s, s.read(stream, 0), 5)
}

func (s suite) repeatLater() {
	stream, start := NewStream(), Facts(0, 2)
	first := s.must(stream, commands.NoStream, start)
	s.must(stream, 1, Facts(2, 2))
	assert.Equal(s, first, s.must(stream, commands.NoStream, start))
	assert.Len(s, s.read(stream, 0), 4)
}

func (s suite) partRepeat() {
	stream, start := NewStream(), Facts(0, 2)
	s.must(stream, commands.NoStream, start)
	_, err := s.Append(s.Context(), stream, commands.NoStream, []domain.NewEvent{start[0], Facts(9, 1)[0]})
	require.ErrorIs(s, err, domain.ErrConflict)
	_, err = s.Append(s.Context(), stream, commands.NoStream, append(start[:2:2], Facts(9, 1)...))
	require.ErrorIs(s, err, domain.ErrConflict)
	assert.Len(s, s.read(stream, 0), 2)
}

func (s suite) rivals() {
	stream := NewStream()
	var (
		wg   sync.WaitGroup
		errs [8]error
	)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.Append(s.Context(), stream, commands.NoStream, Facts(i, 2)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(s, err, domain.ErrConflict)
	}
	assert.Equal(s, 1, won)
	assert.Len(s, s.read(stream, 0), 2)
}

func (s suite) long() {
	const appends, each = 6, 500
	stream, expected := NewStream(), commands.NoStream
	for i := range appends {
		expected = int64(s.must(stream, expected, Facts(i*each, each)).Revision)
	}
	got := s.read(stream, 0)
	require.Len(s, got, appends*each)
	for i, r := range got {
		require.EqualValues(s, i, r.Revision)
		require.Equal(s, Happened{Number: i}, r.Event)
	}
}

func (s suite) text() {
	stream, facts := NewStream(), Facts(0, 2)
	facts[0].Event = Happened{Text: "客户 \"Ünal\" \\ <b>&\u2028\n" + strings.Repeat("长", 200_000)}
	facts[0].Meta.Actor.ID = "王 \"x\""
	s.must(stream, commands.NoStream, facts)
	got := s.read(stream, 0)
	require.Len(s, got, 2)
	assert.True(s, facts[0].Event == got[0].Event, "a long text came back different")
	assert.Equal(s, facts[0].Meta, got[0].Meta)
}

func (s suite) positions() {
	a, b := NewStream(), NewStream()
	var last domain.Position
	for i := range 10 {
		stream := a
		if i%2 == 1 {
			stream = b
		}
		s.must(stream, int64(i/2*2)-1, Facts(i, 2))
		got := s.read(stream, uint64(i/2*2))
		for _, r := range got {
			require.Positive(s, r.Position.Compare(last))
			last = r.Position
		}
	}
}

func (s suite) nothing() {
	_, err := s.Append(s.Context(), NewStream(), commands.NoStream, nil)
	require.Error(s, err)
}

func (s suite) ended() {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	stream := NewStream()
	_, err := s.Append(ctx, stream, commands.NoStream, Facts(0, 1))
	require.ErrorIs(s, err, domain.ErrUnavailable)
	require.ErrorIs(s, err, context.Canceled)
}

func (s suite) allOrNone() {
	stream, facts := NewStream(), Facts(0, 3)
	s.must(stream, commands.NoStream, facts[:2])
	_, err := s.Append(s.Context(), stream, commands.NoStream, facts)
	require.ErrorIs(s, err, domain.ErrConflict)
	assert.Len(s, s.read(stream, 0), 2)
}

func (s suite) must(stream string, expected int64, facts []domain.NewEvent) commands.Appended {
	s.Helper()
	done, err := s.Append(s.Context(), stream, expected, facts)
	require.NoError(s, err)
	return done
}

func (s suite) conflict(stream string, expected int64) {
	s.Helper()
	_, err := s.Append(s.Context(), stream, expected, Facts(99, 1))
	require.ErrorIs(s, err, domain.ErrConflict, fmt.Sprintf("expected revision %d", expected))
}

func (s suite) read(stream string, from uint64) []domain.Recorded {
	s.Helper()
	var got []domain.Recorded
	for r, err := range s.Read(s.Context(), stream, from) {
		require.NoError(s, err)
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
