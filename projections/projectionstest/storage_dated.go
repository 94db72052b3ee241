package projectionstest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/projections"
)

// Stay is an event of a sample read model of dated facts and states: something
// of a size and a part that ends on a day, or is still going on.
type Stay struct {
	Part  string
	From  time.Time
	To    time.Time // zero: still going on
	Value int64
}

// EventType names the event on the wire.
func (Stay) EventType() string { return "stay.changed.v1" }

// Stays is the sample read model: the last event of a stream counts.
func Stays() projections.Model {
	return projections.Declare("stays", 1, func(s *Stay, f *projections.Facts) {
		if s.To.IsZero() {
			f.Running("took", s.Part, s.From.Unix())
		} else {
			day := domain.DateOf(s.To, time.UTC)
			f.SampleOn("took", s.Part, day, s.Value, projections.Days)
			f.CountOn("ended", s.Part, day, 2, projections.Days)
			f.SampleOn("coarse", s.Part, day, s.Value, projections.Months)
			f.CountOn("coarse ended", s.Part, day, 2, projections.Months)
		}
		f.During("there", s.Part, s.From, s.To)
		f.During("there", s.Part, s.From.AddDate(5, 0, 0), s.From.AddDate(5, 0, 1))
		f.During("there", "never", s.From, s.From)
	}, projections.On(func(s *Stay, _ domain.Recorded, e Stay) { *s = e }))
}

// someStays are n stays, some of them corrected later.
func someStays(n int) (events []domain.Recorded, last map[string]Stay) {
	random := rand.New(rand.NewPCG(3, uint64(n))) //nolint:gosec // a test wants the same numbers again
	var facts []Fact
	last = map[string]Stay{}
	for range n {
		s := Stay{Part: fmt.Sprint(random.IntN(3)), Value: int64(random.IntN(4000)) - 100}
		s.From = time.Date(2023, 1, 1, 0, 0, random.IntN(2*365*86400), 0, time.UTC)
		if random.IntN(8) > 0 {
			s.To = s.From.Add(time.Duration(random.IntN(1000)) * time.Hour)
		}
		id := fmt.Sprint(random.IntN(n))
		last[id] = s
		facts = append(facts, Fact{Stream: "stay-" + id, Event: s})
	}
	return History(facts...), last
}

// folded stores a read model after events, page by page.
func folded(t *testing.T, s Store, m projections.Model, events []domain.Recorded) {
	t.Helper()
	folder, mark := m.Folder(s.Loader(m)), projections.Mark{}
	for page := range slices.Chunk(events, 700) {
		changes, err := folder.Fold(t.Context(), page)
		require.NoError(t, err)
		to := mark.At(page[len(page)-1].Position)
		require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: mark, To: to, Changes: changes}))
		mark = to
	}
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
}

func seriesExact(t *testing.T, s Store) {
	t.Helper()
	m, now := Stays(), time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	events, last := someStays(6000)
	folded(t, s, m, events)
	for _, spans := range [][]period.Period{
		period.Between(period.Year, "2023-01-01", "2025-03-01"), // some thousand values in twelve sets
		period.Between(period.Quarter, "2023-12-01", "2025-03-01"),
		period.Between(period.Month, "2024-02-10", "2025-03-01"),
		period.Between(period.Week, "2024-11-28", "2025-03-01"),
		period.Between(period.Day, "2024-02-27", "2024-03-02"),
		period.Between(period.Whole, "2023-01-31", "2024-12-24"),
	} {
		running := len(spans) - 1
		got, err := s.Figures(t.Context(), m, projections.Ask{Series: []projections.Series{
			{Name: "took", Spans: spans, Spread: true, Running: &running, At: now.Unix()},
			{Name: "took", Spans: spans, Spread: true},
			{Name: "took", Spans: spans},
			{Name: "ended", Spans: spans},
			{Name: "none", Spans: spans, Spread: true},
			{Name: "coarse", Spans: spans, Spread: true},
			{Name: "coarse ended", Spans: spans},
		}})
		require.NoError(t, err)
		require.Len(t, got.Series, 7)
		for i, span := range spans {
			ended, all := values(last, span, time.Time{}), values(last, span, time.Time{})
			if i == running {
				all = values(last, span, now)
			}
			assert.Equal(t, distributions(all), got.Series[0][i], span)
			assert.Equal(t, distributions(ended), got.Series[1][i], span)
			for part, d := range distributions(ended) {
				assert.Equal(t, projections.Distribution{Count: d.Count, Sum: d.Sum}, got.Series[2][i][part], span)
				assert.Equal(t, projections.Distribution{Count: 2 * d.Count}, got.Series[3][i][part], span)
			}
			assert.Empty(t, got.Series[4][i])
			if span.Kind == period.Month || span.Kind == period.Quarter || span.Kind == period.Year {
				assert.Equal(t, got.Series[1][i], got.Series[5][i], "months are enough for these")
				assert.Equal(t, got.Series[3][i], got.Series[6][i])
			}
		}
		again, err := s.Figures(t.Context(), m, projections.Ask{Series: []projections.Series{{Name: "took", Spans: spans, Spread: true}}})
		require.NoError(t, err)
		assert.Equal(t, got.Series[1], again.Series[0])
	}
}

// values are those of a span by part, with what is still running if now is set.
func values(last map[string]Stay, span period.Period, now time.Time) map[string][]int64 {
	found := map[string][]int64{}
	for _, s := range last {
		switch {
		case s.To.IsZero() && !now.IsZero():
			found[s.Part] = append(found[s.Part], int64(now.Sub(s.From)/time.Second))
		case !s.To.IsZero() && span.Holds(domain.DateOf(s.To, time.UTC)):
			found[s.Part] = append(found[s.Part], s.Value)
		}
	}
	return found
}

func distributions(values map[string][]int64) map[string]projections.Distribution {
	described := map[string]projections.Distribution{}
	for part, v := range values {
		slices.Sort(v)
		described[part] = distribution(v)
	}
	return described
}

func statesExact(t *testing.T, s Store) {
	t.Helper()
	m := Stays()
	events, last := someStays(500)
	folded(t, s, m, events)
	states := projections.States{Name: "there"}
	for _, stay := range last {
		for _, edge := range []time.Time{stay.From, stay.To, stay.From.AddDate(5, 0, 1)} {
			states.At = append(states.At, edge.Add(-time.Millisecond), edge, edge.Add(time.Millisecond))
		}
		if len(states.At) > 60 {
			break
		}
	}
	got, err := s.Figures(t.Context(), m, projections.Ask{States: []projections.States{states, {Name: "none", At: states.At[:1]}}})
	require.NoError(t, err)
	for i, at := range states.At {
		want := map[string]int64{}
		for _, stay := range last {
			in := !at.Before(stay.From) && (stay.To.IsZero() || at.Before(stay.To))
			again := !at.Before(stay.From.AddDate(5, 0, 0)) && at.Before(stay.From.AddDate(5, 0, 1))
			if in {
				want[stay.Part]++
			}
			if again {
				want[stay.Part]++
			}
		}
		assert.Equal(t, want, got.States[0][i], at)
	}
	assert.Equal(t, []map[string]int64{{}}, got.States[1])
}

func yieldsAll(t *testing.T, s Store) {
	t.Helper()
	m := Stays()
	events, last := someStays(3000)
	folded(t, s, m, events)
	require.NoError(t, s.Commit(t.Context(), document(Jobs(1), at(0), at(5), "a", `1`)), "of another read model")
	seen := map[string]bool{}
	for d, err := range s.Loader(m).Each(t.Context()) {
		require.NoError(t, err)
		assert.False(t, seen[d.ID], "twice")
		assert.Contains(t, string(d.Text), `"Part"`)
		seen[d.ID] = true
	}
	assert.Len(t, seen, len(last))
	for _, err := range s.Loader(m).Each(t.Context()) {
		require.NoError(t, err)
		break // whoever has seen enough may leave
	}
}
