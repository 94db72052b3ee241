package eventlog_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// model is what the log should do, written the slow and obvious way.
type model struct {
	streams map[string]*modelStream
	log     []uuid.UUID
}

type modelStream struct {
	ids        []uuid.UUID
	hidden     int // events before this are hidden
	deleted    bool
	described  bool
	tombstoned bool
}

func (m *model) stream(name string) *modelStream {
	if m.streams[name] == nil {
		m.streams[name] = &modelStream{}
	}
	return m.streams[name]
}

type outcome struct {
	revision int64
	wrong    bool
	gone     bool
}

func (m *model) append(name string, expected eventlog.Expected, ids []uuid.UUID) outcome {
	s := m.stream(name)
	last := int64(len(s.ids)) - 1
	switch {
	case s.tombstoned:
		return outcome{gone: true}
	case expected == eventlog.StreamExists && (s.deleted || (last < 0 && !s.described)):
		return outcome{wrong: true}
	case expected == eventlog.Any || expected == eventlog.StreamExists:
		if last, ok := s.newest(ids); ok {
			return outcome{revision: last}
		}
	case int64(expected) == last, expected == eventlog.NoStream && s.deleted:
	case expected < eventlog.Expected(last) && s.has(int(expected)+1, ids):
		return outcome{revision: int64(expected) + int64(len(ids))}
	case expected == eventlog.NoStream && s.hidden > 0 && s.has(s.hidden, ids):
		return outcome{revision: int64(s.hidden+len(ids)) - 1}
	default:
		return outcome{wrong: true}
	}
	if s.deleted {
		s.deleted, s.hidden = false, len(s.ids)
	}
	s.ids = append(s.ids, ids...)
	m.log = append(m.log, ids...)
	return outcome{revision: int64(len(s.ids)) - 1}
}

func (s *modelStream) has(at int, ids []uuid.UUID) bool {
	return at+len(ids) <= len(s.ids) && slices.Equal(s.ids[at:at+len(ids)], ids)
}

// newest looks each id up where it was written last; they must be neighbours there.
func (s *modelStream) newest(ids []uuid.UUID) (int64, bool) {
	last := -1
	for i, id := range ids {
		at := len(s.ids) - 1
		for at >= 0 && s.ids[at] != id {
			at--
		}
		if at < 0 || (i > 0 && at != last+1) {
			return 0, false
		}
		last = at
	}
	return int64(last), true
}

func (m *model) delete(name string) outcome {
	s := m.stream(name)
	if s.tombstoned {
		return outcome{gone: true}
	}
	s.deleted, s.described = true, true
	return outcome{revision: int64(len(s.ids)) - 1}
}

func TestLogDoesWhatTheModelDoes(t *testing.T) {
	for seed := range uint64(8) {
		runModel(t, rand.New(rand.NewPCG(seed, 1)), t.TempDir())
	}
}

func runModel(t *testing.T, random *rand.Rand, dir string) {
	t.Helper()
	log, err := eventlog.Open(eventlog.Options{Dir: dir})
	require.NoError(t, err)
	m := &model{streams: map[string]*modelStream{}}
	names := []string{"a", "a\x00b", "long-name-with-客户", "d"}
	type try struct {
		name     string
		expected eventlog.Expected
		ids      []uuid.UUID
	}
	var earlier []try
	for range 400 {
		name := names[random.IntN(len(names))]
		switch kind := random.IntN(100); {
		case kind < 1:
			_, err = log.Tombstone(t.Context(), name, eventlog.Any)
			if !m.stream(name).tombstoned {
				require.NoError(t, err)
			}
			m.stream(name).tombstoned = true
		case kind < 8:
			result, err := log.Delete(t.Context(), name, eventlog.Any)
			requireOutcome(t, m.delete(name), result, err)
		case kind < 11:
			require.NoError(t, log.Close())
			log, err = eventlog.Open(eventlog.Options{Dir: dir})
			require.NoError(t, err)
		default:
			next := try{name, expectation(random, m.stream(name)), newIDs(1 + random.IntN(3))}
			if len(earlier) > 0 && kind < 35 {
				next = earlier[random.IntN(len(earlier))]
			}
			result, err := log.Append(t.Context(), next.name, next.expected, proposed(next.ids))
			requireOutcome(t, m.append(next.name, next.expected, next.ids), result, err)
			earlier = append(earlier, next)
		}
	}
	requireSame(t, m, log)
	require.NoError(t, log.Close())
	_, err = log.Append(context.Background(), "a", eventlog.Any, nil)
	require.ErrorIs(t, err, eventlog.ErrClosed)
}

func expectation(random *rand.Rand, s *modelStream) eventlog.Expected {
	last := eventlog.Expected(len(s.ids)) - 1
	return []eventlog.Expected{
		last, last, last, eventlog.Any, eventlog.NoStream, eventlog.StreamExists, last + 1, max(last-1, 0),
	}[random.IntN(8)]
}

func newIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}

func proposed(ids []uuid.UUID) []eventlog.Event {
	events := make([]eventlog.Event, len(ids))
	for i, id := range ids {
		events[i] = eventlog.Event{ID: id, Type: "happened", Data: id[:]}
	}
	return events
}

func requireOutcome(t *testing.T, want outcome, got eventlog.Result, err error) {
	t.Helper()
	var wrong *eventlog.WrongRevisionError
	var gone *eventlog.DeletedError
	switch {
	case want.gone:
		require.ErrorAs(t, err, &gone)
	case want.wrong:
		require.ErrorAs(t, err, &wrong)
	default:
		require.NoError(t, err)
		require.Equal(t, want.revision, got.Revision)
		require.Positive(t, got.Position)
	}
}

// requireSame reads everything back, every way.
func requireSame(t *testing.T, m *model, log *eventlog.Log) {
	t.Helper()
	for name, s := range m.streams {
		info, err := log.Stream(t.Context(), name)
		var gone *eventlog.DeletedError
		if s.tombstoned {
			require.ErrorAs(t, err, &gone)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, len(s.ids) > 0 && !s.deleted, info.Found, name)
		if !info.Found {
			continue
		}
		shown := s.ids[s.hidden:]
		require.Equal(t, shown, readStream(t, log.ReadStream(name, eventlog.Forwards, 0)))
		backwards := readStream(t, log.ReadStream(name, eventlog.Backwards, math.MaxInt64))
		slices.Reverse(backwards)
		require.Equal(t, shown, backwards)
	}
	all := readAll(t, log.ForwardsFrom(0))
	require.Equal(t, m.log, slices.DeleteFunc(slices.Clone(all), func(id uuid.UUID) bool { return !slices.Contains(m.log, id) }))
	backwards := readAll(t, log.BackwardsFrom(math.MaxUint64))
	slices.Reverse(backwards)
	require.Equal(t, all, backwards)
}

func readStream(t *testing.T, c *eventlog.StreamCursor) []uuid.UUID {
	t.Helper()
	return pages(t, func() ([]eventlog.Record, error) { return c.Page(t.Context(), 3) })
}

func readAll(t *testing.T, c *eventlog.AllCursor) []uuid.UUID {
	t.Helper()
	return pages(t, func() ([]eventlog.Record, error) { return c.Page(7) })
}

func pages(t *testing.T, next func() ([]eventlog.Record, error)) []uuid.UUID {
	t.Helper()
	ids := []uuid.UUID{}
	for {
		page, err := next()
		require.NoError(t, err)
		if len(page) == 0 {
			return ids
		}
		for _, r := range page {
			ids = append(ids, r.ID())
		}
	}
}

func TestGoneCallersWriteNothing(t *testing.T) {
	log, err := eventlog.Open(eventlog.Options{InMemory: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = log.Append(ctx, "s", eventlog.Any, proposed(newIDs(1)))
	require.True(t, errors.Is(err, context.Canceled))
	_, err = log.Append(t.Context(), "s", eventlog.NoStream, proposed(newIDs(1)))
	require.NoError(t, err)
	_, err = log.Delete(t.Context(), "$$s", eventlog.Any)
	require.ErrorIs(t, err, eventlog.ErrSystemStream)
}
