package redisviews_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// inForce is the policy of a history.
type inForce policy.Policy

func (p inForce) State() policy.Policy { return policy.Policy(p) }

func policyOf(events []domain.Recorded) inForce {
	var p policy.Policy
	for _, r := range events {
		if e, ok := r.Event.(policy.Published); ok {
			p = policy.Evolve(p, e)
		}
	}
	return inForce(p)
}

// asking is a store that takes in a history bit by bit.
type asking struct {
	projectionstest.Store
	folders map[string]projections.Folder
	marks   map[string]projections.Mark
}

func newAsking(s projectionstest.Store) *asking {
	return &asking{s, map[string]projections.Folder{}, map[string]projections.Mark{}}
}

func (a *asking) takeIn(t *testing.T, events []domain.Recorded) {
	t.Helper()
	for _, m := range projections.All {
		if a.folders[m.Name] == nil {
			a.folders[m.Name] = m.Folder(a.Loader(m))
		}
		changes, err := a.folders[m.Name].Fold(t.Context(), events)
		require.NoError(t, err)
		from := a.marks[m.Name]
		to := from.At(events[len(events)-1].Position)
		require.NoError(t, a.Commit(t.Context(), projections.Commit{Model: m, From: from, To: to, Changes: changes}))
		if a.marks[m.Name] = to; from == (projections.Mark{}) {
			require.NoError(t, a.Serve(t.Context(), m, projections.Mark{}))
		}
	}
}

// questions are all metrics by all dimensions and some kinds of period.
func questions(t *testing.T, p policy.Version) (all []question) {
	t.Helper()
	for _, m := range projections.Catalogue(p).Items {
		for _, by := range append([]string{""}, m.Dimensions...) {
			kinds := m.PeriodsBy
			if by == "" {
				kinds = m.Periods
			}
			for _, kind := range kinds {
				all = append(all, question{m.Name, projections.MetricFilter{Period: string(kind), By: by}})
			}
		}
	}
	return all
}

type question struct {
	metric string
	filter projections.MetricFilter
}

// Two processes answer while a third takes in a random history. Time passes
// between questions, with events and without. Whoever is asked says what a store
// says that keeps nothing, as of all that was taken in.
func TestAnswersAreAsIfNothingWereKept(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Business(60, 5)
			random := rand.New(rand.NewPCG(11, 3))
			kept, plain := newAsking(redisviews.New(client(t, url), redisviews.Config{})), newAsking(projectionstest.NewMemory())
			now, published := time.Time{}, policyOf(events)
			clock := func() time.Time { return now }
			want := projections.Metrics{Views: plain, Policy: published, Now: clock}
			var processes []projections.Metrics
			for range 2 {
				processes = append(processes, projections.Metrics{
					Views: redisviews.New(client(t, url), redisviews.Config{}), Policy: published, Now: clock, Kept: projections.NewKeptMetrics(),
				})
			}
			all := questions(t, published.State().InForce(time.Now()))
			asked := all[:0:0]
			for range 40 {
				asked = append(asked, all[random.IntN(len(all))])
			}
			asked = append(asked, question{metric: "time_in_stage"}, question{"time_in_stage", projections.MetricFilter{Period: "year"}})
			for len(events) > 0 {
				some := events[:min(len(events), 1+random.IntN(len(events)/3+1))]
				events = events[len(some):]
				plain.takeIn(t, some)
				kept.takeIn(t, some)
				now = later(now, some[len(some)-1].RecordedAt)
				for range 3 { // nothing is recorded, but time passes
					for _, q := range asked {
						expected, err := want.Read(t.Context(), q.metric, q.filter)
						require.NoError(t, err)
						for i, p := range processes {
							got, err := p.Read(t.Context(), q.metric, q.filter)
							require.NoError(t, err)
							require.Equal(t, expected, got, "process %d at %s: %+v", i, now, q)
							requireText(t, t.Context(), p, q, expected)
						}
					}
					now = now.Add(time.Duration(random.IntN(40*86400_000)) * time.Millisecond)
				}
			}
		})
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// What time alone changes costs one round trip at the same moment, and a few at
// another one, however many values there are.
func TestRoundTripsOfWhatStillRuns(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			writer, reading := newAsking(redisviews.New(client(t, url), redisviews.Config{})), client(t, url)
			hook := &counting{}
			reading.AddHook(hook)
			events := projectionstest.Business(1500, 5)
			writer.takeIn(t, events)
			now := events[len(events)-1].RecordedAt
			metrics := projections.Metrics{Views: redisviews.New(reading, redisviews.Config{ServedFor: time.Hour}), Policy: policyOf(events), Now: func() time.Time { return now }}
			trips := func(metric string, filter projections.MetricFilter) int64 {
				_, err := metrics.Read(t.Context(), metric, filter)
				require.NoError(t, err)
				return hook.take()
			}
			year := projections.MetricFilter{Period: "year"}
			trips("time_in_stage", year)
			assert.Equal(t, int64(1), trips("time_in_stage", year), "at the same moment")
			for i := range 20 {
				now = now.Add(time.Duration(i*i) * time.Hour)
				assert.LessOrEqual(t, trips("time_in_stage", year), int64(6), fmt.Sprint(now))
			}
			states := projections.MetricFilter{By: "owner"}
			trips("engagement_states", states)
			now = now.Add(time.Second)
			assert.Equal(t, int64(1), trips("engagement_states", states), "only the present is counted")
		})
	}
}
