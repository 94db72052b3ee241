package redisviews_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// requireText asks for an answer in JSON and compares it with what it must say.
func requireText(t *testing.T, ctx context.Context, m projections.Metrics, q question, want projections.MetricAnswer) { //nolint:revive // t comes first in a test
	t.Helper()
	text, err := m.Text(ctx, q.metric, q.filter)
	require.NoError(t, err)
	expected, err := json.Marshal(want)
	require.NoError(t, err)
	var got strings.Builder
	n, err := text.WriteTo(&got)
	require.NoError(t, err)
	require.Equal(t, string(expected), got.String(), "%+v at %s", q, want.At)
	require.Equal(t, int64(text.Len()), n)
	require.Equal(t, want.Position, text.Position)
}

// twoServers are enough where it matters what is kept, and not what Redis answers.
func twoServers(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"embedded": embeddedURL(t), "redis": redistest.Start(t)}
}

// noting notes until when figures hold.
type noting struct {
	projections.Views
	until []time.Time
}

func (n *noting) Figures(ctx context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	figures, err := n.Views.Figures(ctx, m, ask)
	n.until = append(n.until, figures.Until)
	return figures, err
}

// passing are questions whose answers become others by themselves, and some that
// do so only when a period ends.
func passing() []question {
	return []question{
		{"engagement_states", projections.MetricFilter{Period: "day", By: "owner"}},
		{"engagement_states", projections.MetricFilter{}},
		{"value_tiers", projections.MetricFilter{By: "owner"}},
		{"repurchase_rate", projections.MetricFilter{Period: "week"}},
		{"churn_rate", projections.MetricFilter{By: "owner"}},
		{"churn_rate", projections.MetricFilter{Period: "year", By: "tier"}},
		{"conversion", projections.MetricFilter{By: "owner"}},
		{"time_in_stage", projections.MetricFilter{}},
		{"win_rate", projections.MetricFilter{Period: "week"}},
		{"funnel_cohort", projections.MetricFilter{By: "owner"}},
		{"sla_compliance", projections.MetricFilter{By: "assignee", Period: "quarter"}},
	}
}

// Nothing is recorded, and time goes from one instant at which something passes,
// a day ends, or a policy comes into force, to the next.
func TestKeptAnswersEndWhenTheyPass(t *testing.T) {
	for name, url := range twoServers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Business(40, 7)
			published := policyOf(events)
			now := published.State().Versions[1].EffectiveFrom.Add(-30 * time.Hour)
			clock := func() time.Time { return now }
			kept, plain := newAsking(redisviews.New(client(t, url), redisviews.Config{})), newAsking(projectionstest.NewMemory())
			kept.takeIn(t, events)
			plain.takeIn(t, events)
			noted := &noting{Views: projections.Guarded(kept)}
			got := projections.Metrics{Views: noted, Policy: published, Now: clock, Kept: projections.NewKeptMetrics()}
			want := projections.Metrics{Views: projections.Guarded(plain), Policy: published, Now: clock}
			check := func(ctx context.Context, questions []question) {
				for _, q := range questions {
					expected, err := want.Read(ctx, q.metric, q.filter)
					require.NoError(t, err)
					requireText(t, ctx, got, q, expected)
				}
			}
			some := projections.Within(t.Context(), access.Only("ann", "bob"))
			for step := range 30 {
				noted.until = nil
				check(t.Context(), passing())
				next := period.AddDays(domain.DateOf(now, published.State().InForce(now).Pack.Location()), 1)
				turn := period.Midnight(next, published.State().InForce(now).Pack.Location())
				for _, until := range append(noted.until, published.State().Versions[1].EffectiveFrom) {
					if until.After(now) && until.Before(turn) && until.Sub(now) > time.Second {
						turn = until
					}
				}
				for _, now = range []time.Time{turn.Add(-time.Millisecond), turn, turn.Add(time.Millisecond)} {
					check(t.Context(), passing())
					check(some, passing()[:1])
				}
				if step%3 == 2 {
					now = now.Add(time.Duration(step+1) * 67 * time.Hour)
				}
			}
		})
	}
}

// Two builds as of the same position, one of which lacks much, take each other's
// place, and each answer is of the one that is served.
func TestKeptAnswersAreOfTheBuildThatIsServed(t *testing.T) {
	for name, url := range twoServers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Business(30, 9)
			published := policyOf(events)
			clock := func() time.Time { return events[len(events)-1].RecordedAt }
			s := redisviews.New(client(t, url), redisviews.Config{ServedFor: time.Microsecond})
			got := projections.Metrics{Views: s, Policy: published, Now: clock, Kept: projections.NewKeptMetrics()}
			var builds []projections.Model
			var wants []projections.Metrics
			for i, some := range [][]domain.Recorded{events, slices.Concat(events[:len(events)*2/3], events[len(events)-1:])} {
				m, plain := projections.DealModel, projectionstest.NewMemory()
				m.Build = i
				take(t, s, m, projections.Mark{}, some...)
				take(t, plain, projections.DealModel, projections.Mark{}, some...)
				builds, wants = append(builds, m), append(wants, projections.Metrics{Views: plain, Policy: published, Now: clock})
			}
			q := question{"funnel_cohort", projections.MetricFilter{By: "owner"}}
			for i := range 6 {
				require.NoError(t, s.Serve(t.Context(), builds[i%2], projections.Mark{}))
				expected, err := wants[i%2].Read(t.Context(), q.metric, q.filter)
				require.NoError(t, err)
				requireText(t, t.Context(), got, q, expected)
				requireText(t, t.Context(), got, q, expected)
			}
			require.NoError(t, s.Drop(t.Context(), builds[0]))
			_, err := got.Text(projections.Steady(t.Context()), q.metric, q.filter)
			require.NoError(t, err, "the other one is served")
		})
	}
}

// Whoever is told a position finds what was recorded up to there, while others ask
// all the time.
func TestKeptAnswersHoldWhatWasRecorded(t *testing.T) {
	for name, url := range twoServers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Business(12, 4)
			published := policyOf(events)
			clock := func() time.Time { return events[len(events)-1].RecordedAt }
			s, plain := newAsking(redisviews.New(client(t, url), redisviews.Config{})), newAsking(projectionstest.NewMemory())
			got := projections.Metrics{Views: s, Policy: published, Now: clock, Kept: projections.NewKeptMetrics()}
			want := projections.Metrics{Views: plain, Policy: published, Now: clock}
			q := question{"funnel_throughput", projections.MetricFilter{By: "owner"}}
			s.takeIn(t, events[:1])
			plain.takeIn(t, events[:1])
			done := make(chan struct{})
			var others sync.WaitGroup
			for range 3 {
				others.Go(func() {
					for {
						select {
						case <-done:
							return
						default:
							_, err := got.Text(t.Context(), q.metric, q.filter)
							assert.NoError(t, err)
						}
					}
				})
			}
			for _, event := range events[1:min(len(events), 80)] {
				s.takeIn(t, []domain.Recorded{event})
				plain.takeIn(t, []domain.Recorded{event})
				expected, err := want.Read(t.Context(), q.metric, q.filter)
				require.NoError(t, err)
				requireText(t, t.Context(), got, q, expected)
			}
			close(done)
			others.Wait()
		})
	}
}
