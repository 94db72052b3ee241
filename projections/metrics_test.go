package projections_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// fixedPolicy is a policy that does not change any more.
type fixedPolicy policy.Policy

func (p fixedPolicy) State() policy.Policy { return policy.Policy(p) }

// metricsAfter answers questions after events, at a time.
func metricsAfter(t *testing.T, now time.Time, events []domain.Recorded) projections.Metrics {
	t.Helper()
	var published policy.Policy
	for _, r := range events {
		if e, ok := r.Event.(policy.Published); ok {
			published = policy.Evolve(published, e)
		}
	}
	return projections.Metrics{
		Views: projectionstest.Given(t, projections.All, events...), Policy: fixedPolicy(published), Now: func() time.Time { return now },
	}
}

func read(t *testing.T, m projections.Metrics, name string, f projections.MetricFilter) projections.MetricAnswer {
	t.Helper()
	answer, err := m.Read(t.Context(), name, f)
	require.NoError(t, err)
	return answer
}

// rowsBy finds rows by period, key and part.
func rowsBy(a projections.MetricAnswer) map[[3]string]projections.MetricRow {
	rows := map[[3]string]projections.MetricRow{}
	for _, r := range a.Rows {
		rows[[3]string{r.Period, r.Key, r.Part}] = r
	}
	return rows
}

// cell collects the cases of one row as a test counts them.
type cell struct {
	num, den, pending int64
	values            []int64
}

func (c *cell) sum() (sum int64) {
	for _, v := range c.values {
		sum += v
	}
	return sum
}

// cells are by period, key and part.
type cells map[[3]string]*cell

func (c cells) at(p, key, part string) *cell {
	k := [3]string{p, key, part}
	if c[k] == nil {
		c[k] = &cell{}
	}
	return c[k]
}

// sameRatios compares what has cases, and that the rest has none.
func sameRatios(t *testing.T, want cells, got projections.MetricAnswer) {
	t.Helper()
	rows := rowsBy(got)
	for k, w := range want {
		row, ok := rows[k]
		if !assert.True(t, ok || w.den == 0, "no row %q", k) || !ok {
			continue
		}
		assert.Equal(t, w.num, *row.Numerator, "numerator of %q", k)
		assert.Equal(t, w.den, *row.Denominator, "denominator of %q", k)
		if w.den == 0 {
			assert.Nil(t, row.Value, k)
		} else {
			assert.InDelta(t, float64(w.num)/float64(w.den), *row.Value, 1e-12, k)
		}
	}
	for k, row := range rows {
		if want[k] == nil {
			assert.Zero(t, deref(row.Denominator), "row %q", k)
			assert.Nil(t, row.Value, k)
		}
	}
}

// sameSpreads compares means, medians and percentiles.
func sameSpreads(t *testing.T, want cells, got projections.MetricAnswer) {
	t.Helper()
	rows := rowsBy(got)
	for k, w := range want {
		slices.Sort(w.values)
		row, n := rows[k], int64(len(w.values))
		require.Equal(t, n, row.Samples, k)
		assert.InDelta(t, float64(w.sum())/float64(n), *row.Value, 1e-9, k)
		assert.InDelta(t, median(w.values), *row.Median, 0, k)
		assert.Equal(t, w.values[(9*n+9)/10-1], *row.P90, k)
		assert.Equal(t, w.values[n-1], *row.Max, k)
	}
	for k, row := range rows {
		if want[k] == nil {
			assert.Zero(t, row.Samples, k)
			assert.Nil(t, row.Value, k)
		}
	}
}

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// shanghai is the zone of the standard pack.
func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	return zone
}

func seeded(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 99)) //nolint:gosec // a test wants the same numbers again
}

func pick(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }

// eachKind runs a check for every kind of period.
func eachKind(t *testing.T, check func(*testing.T, period.Kind)) {
	t.Helper()
	for _, kind := range period.Kinds() {
		t.Run(string(kind), func(t *testing.T) { check(t, kind) })
	}
}

// year asks for the year of the random histories by a kind of period.
func year(kind period.Kind, by string) projections.MetricFilter {
	return projections.MetricFilter{Period: string(kind), From: "2024-01-01", To: "2024-12-31", By: by}
}

// nameOf is the period of a kind that a day of that year lies in.
func nameOf(kind period.Kind, day domain.Date) (string, bool) {
	return period.Of(kind, day).Name(), day >= period.Of(kind, "2024-01-01").From && day < period.Of(kind, "2024-12-31").To
}
