package redisviews_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// stays are some of the sample read model, and the instants at which one begins
// or ends.
func stays(n int) (facts []projectionstest.Fact, turns []time.Time) {
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		s := projectionstest.Stay{Part: fmt.Sprint(i % 3), From: begin.Add(time.Duration(i*i) * 7 * time.Second)}
		turns = append(turns, s.From)
		if i%4 > 0 {
			s.To = s.From.Add(time.Duration(1+i%5) * time.Hour)
			turns = append(turns, s.To)
		}
		facts = append(facts, projectionstest.Fact{Stream: fmt.Sprint("stay-", i), Event: s})
	}
	slices.SortFunc(turns, time.Time.Compare)
	return facts, slices.Compact(turns)
}

// there asks who is there at present.
func there(at time.Time) projections.Ask {
	return projections.Ask{States: []projections.States{{Name: "there", At: []time.Time{time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), at}, Present: at}}}
}

// present is who is in states, and not in which parts nobody is.
func present(f projections.Figures) [][]map[string]int64 {
	for _, instants := range f.States {
		for _, parts := range instants {
			maps.DeleteFunc(parts, func(_ string, n int64) bool { return n == 0 })
		}
	}
	return f.States
}

// take takes events in, into a store of m.
func take(t *testing.T, s projectionstest.Store, m projections.Model, from projections.Mark, events ...domain.Recorded) projections.Mark {
	t.Helper()
	changes, err := m.Folder(s.Loader(m)).Fold(t.Context(), events)
	require.NoError(t, err)
	to := from.At(events[len(events)-1].Position)
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: from, To: to, Changes: changes}))
	if from == (projections.Mark{}) {
		require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	}
	return to
}

// What holds at present is counted once, and anew at the very millisecond at
// which somebody comes or goes.
func TestWhoIsThereNowIsKeptUntilTheNextTurn(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			m, hook, reading := projectionstest.Stays(), &counting{}, client(t, url)
			reading.AddHook(hook)
			writer, plain := redisviews.New(client(t, url), redisviews.Config{}), projectionstest.NewMemory()
			kept := redisviews.New(reading, redisviews.Config{ServedFor: time.Hour})
			facts, turns := stays(60)
			events := projectionstest.History(facts...)
			take(t, writer, m, projections.Mark{}, events...)
			take(t, plain, m, projections.Mark{}, events...)
			read := func(at time.Time) (projections.Figures, int64) {
				hook.take()
				got, err := kept.Figures(t.Context(), m, there(at))
				require.NoError(t, err)
				trips := hook.take()
				want, err := plain.Figures(t.Context(), m, there(at))
				require.NoError(t, err)
				require.Equal(t, present(want), present(got), "at %s", at)
				return got, trips
			}
			read(turns[0].Add(-time.Hour))
			read(turns[0].Add(-time.Hour))
			for i, turn := range turns {
				before, _ := read(turn.Add(-time.Millisecond))
				assert.True(t, before.Until.Equal(turn), "until %s, want %s", before.Until, turn)
				after, _ := read(turn)
				if last := i == len(turns)-1; last {
					// each comes once more in five years
					continue
				}
				assert.True(t, after.Until.Equal(turns[i+1]))
				again, trips := read(turns[i+1].Add(-time.Millisecond))
				assert.Equal(t, int64(1), trips, "one look at where it stands")
				assert.Equal(t, after.State, again.State)
			}
			read(turns[0]) // the clock was set back
		})
	}
}

// Somebody comes, and goes, at instants that lie in what was kept.
func TestWhatIsRecordedEndsWhatWasKept(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			m, now := projectionstest.Stays(), time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
			kept, plain := redisviews.New(client(t, url), redisviews.Config{}), projectionstest.NewMemory()
			facts, _ := stays(40)
			var marks [2]projections.Mark
			states := map[string]bool{}
			for _, event := range projectionstest.History(facts...) {
				for i, s := range []projectionstest.Store{kept, plain} {
					marks[i] = take(t, s, m, marks[i], event)
				}
				for range 2 {
					want, err := plain.Figures(t.Context(), m, there(now))
					require.NoError(t, err)
					got, err := kept.Figures(t.Context(), m, there(now))
					require.NoError(t, err)
					require.Equal(t, present(want), present(got))
					states[got.State] = true
				}
			}
			assert.Len(t, states, len(facts), "one for every event")
		})
	}
}

// Of many who ask the same at the same time, one works it out, and the others
// make sure that it is true for them, too.
func TestManyWhoAskTheSame(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			m, hook, reading := projectionstest.Stays(), &counting{}, client(t, url)
			reading.AddHook(hook)
			kept := redisviews.New(reading, redisviews.Config{ServedFor: time.Hour})
			facts, turns := stays(40)
			take(t, redisviews.New(client(t, url), redisviews.Config{}), m, projections.Mark{}, projectionstest.History(facts...)...)
			other := there(turns[20])
			other.States[0].At[0] = turns[1]
			_, err := kept.Figures(t.Context(), m, other)
			require.NoError(t, err, "which build is served is known then, and whether scripts are taken")
			hook.take()
			var callers sync.WaitGroup
			for range 8 {
				callers.Go(func() {
					_, err := kept.Figures(t.Context(), m, there(turns[20]))
					assert.NoError(t, err)
				})
			}
			callers.Wait()
			assert.LessOrEqual(t, hook.take(), int64(2+7))
		})
	}
}
