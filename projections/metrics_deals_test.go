package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// visit to a stage; still lasting if to is zero.
type stay struct {
	stage    string
	from, to time.Time
}

// soldDeal is a deal as the test remembers it.
type soldDeal struct {
	owner, product, status, stage string
	amount                        domain.Money
	probability                   int
	opened, closed, expected      domain.Date
	stays                         []stay
}

// randomDeals is a year of selling, with every kind of correction, as events and
// as the test remembers it.
func randomDeals(t *testing.T, n int, seed uint64) ([]domain.Recorded, map[string]*soldDeal) {
	t.Helper()
	random, zone, stages := seeded(seed), shanghai(t), policy.Standard().Sales.StageNames()
	all := map[string]*soldDeal{}
	var facts []projectionstest.Fact
	for i := range n {
		id := fmt.Sprintf("%d", i)
		at := time.Date(2023, 11, 1, 0, 0, random.IntN(400*86400), 0, time.UTC)
		next := func() domain.Date {
			at = at.Add(time.Duration(random.IntN(30*86400)) * time.Second)
			return domain.DateOf(at, zone)
		}
		d := &soldDeal{
			owner: pick(random, "ann", "bob", ""), product: pick(random, "GTX", "MG"), status: deal.Open, stage: stages[0], probability: 10,
			amount: domain.Money{Minor: int64(random.IntN(100_000)), Currency: pick(random, "CNY", "CNY", "EUR")}, opened: domain.DateOf(at, zone),
		}
		if random.IntN(3) > 0 {
			d.expected = domain.DateOf(at.AddDate(0, random.IntN(12), 0), zone)
		}
		all[id] = d
		add := func(e domain.Event) {
			facts = append(facts, projectionstest.Fact{Stream: "deal-" + id, Event: e, At: at})
		}
		add(deal.Opened{
			DealID: id, Owner: d.owner, Product: d.product, Region: "east", Amount: d.amount, Stage: d.stage, Probability: 10,
			ExpectedClose: d.expected, OpenedAt: at, OpenedOn: d.opened,
		})
		d.stays = []stay{{stage: d.stage, from: at}}
		last := func() *stay { return &d.stays[len(d.stays)-1] }
		for range random.IntN(8) {
			on := next()
			switch what := random.IntN(10); {
			case d.status != deal.Open:
				if what > 3 {
					continue
				}
				add(deal.Reopened{DealID: id, From: d.status, Stage: d.stage, Probability: d.probability, ReopenedAt: at, ReopenedOn: on})
				d.status, d.closed = deal.Open, ""
				d.stays = append(d.stays, stay{stage: d.stage, from: at})
			case what < 5:
				to := stages[random.IntN(len(stages))]
				if to == d.stage {
					continue
				}
				since := last().from
				d.probability = 10 * (slices.Index(stages, to) + 1)
				add(deal.StageMoved{DealID: id, From: d.stage, To: to, Probability: d.probability, EnteredAt: since, MovedAt: at, MovedOn: on})
				last().to, d.stage = at, to
				d.stays = append(d.stays, stay{stage: to, from: at})
			case what < 7:
				last().to, d.status, d.closed = at, deal.StatusWon, on
				add(deal.Won{DealID: id, Amount: d.amount, OpenedOn: d.opened, ClosedOn: on, CycleDays: d.opened.DaysUntil(on), ClosedAt: at})
			case what < 8:
				last().to, d.status, d.closed = at, deal.StatusLost, on
				add(deal.Lost{DealID: id, OpenedOn: d.opened, ClosedOn: on, CycleDays: d.opened.DaysUntil(on), ClosedAt: at})
			case what < 9:
				add(deal.OwnerAssigned{DealID: id, From: d.owner, To: "eve"})
				d.owner = "eve"
			default:
				d.amount.Minor += 500
				add(deal.AmountChanged{DealID: id, To: d.amount})
			}
		}
	}
	slices.SortStableFunc(facts, func(a, b projectionstest.Fact) int { return a.At.Compare(b.At) })
	return projectionstest.History(facts...), all
}

// endOfDeals lies after all of the random histories.
var endOfDeals = time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)

func TestClosingMetrics(t *testing.T) {
	events, all := randomDeals(t, 400, 1)
	metrics := metricsAfter(t, endOfDeals, events)
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		for by, key := range map[string]func(*soldDeal) string{
			"":                    func(*soldDeal) string { return "" },
			projections.ByOwner:   func(d *soldDeal) string { return d.owner },
			projections.ByProduct: func(d *soldDeal) string { return d.product },
		} {
			rate, value, cycle := cells{}, cells{}, cells{}
			for _, d := range all {
				name, in := nameOf(kind, d.closed)
				if d.status == deal.Open || !in {
					continue
				}
				rate.at(name, key(d), "").den++
				if d.status == deal.StatusWon {
					rate.at(name, key(d), "").num++
					c := value.at(name, key(d), d.amount.Currency)
					c.values = append(c.values, d.amount.Minor)
					c = cycle.at(name, key(d), "")
					c.values = append(c.values, d.opened.DaysUntil(d.closed))
				}
			}
			sameRatios(t, rate, read(t, metrics, "win_rate", year(kind, by)))
			if by == "" || kind != period.Day && kind != period.Week {
				sameSpreads(t, cycle, read(t, metrics, "sales_cycle", year(kind, by)))
			}
			rows := rowsBy(read(t, metrics, "won_value", year(kind, by)))
			for k, c := range value {
				assert.Equal(t, c.sum(), *rows[k].Numerator, k)
			}
		}
	})
}

// TestSalesMetricsAgreeWithTheDashboard also covers the whole of all time.
func TestSalesMetricsAgreeWithTheDashboard(t *testing.T) {
	events, _ := randomDeals(t, 200, 2)
	metrics := metricsAfter(t, endOfDeals, events)
	for _, by := range []string{"", projections.ByOwner, projections.ByProduct} {
		dashboard, err := projections.Sales{Views: metrics.Views}.Dashboard(t.Context(), by)
		require.NoError(t, err)
		keys := map[string]projections.SalesRow{"": {SalesFigures: dashboard.SalesFigures, CycleDays: dashboard.CycleDays}}
		if by != "" {
			clear(keys)
			for _, row := range dashboard.Rows {
				keys[row.Key] = row
			}
		}
		whole := projections.MetricFilter{Period: "whole", By: by}
		for _, row := range read(t, metrics, "win_rate", whole).Rows {
			assert.Equal(t, keys[row.Key].WinRate, row.Value)
		}
		for _, row := range read(t, metrics, "sales_cycle", whole).Rows {
			assert.Equal(t, keys[row.Key].CycleDays.Mean, row.Value)
			assert.Equal(t, keys[row.Key].CycleDays.Median, row.Median)
		}
		for _, row := range read(t, metrics, "won_value", whole).Rows {
			for _, won := range keys[row.Key].WonValue {
				if won.Currency == row.Part {
					assert.Equal(t, won.Minor, *row.Numerator)
				}
			}
		}
	}
}

func TestForecast(t *testing.T) {
	events, all := randomDeals(t, 300, 3)
	metrics := metricsAfter(t, endOfDeals, events)
	want, undated := cells{}, int64(0)
	for _, d := range all {
		name, in := nameOf(period.Quarter, d.expected)
		switch {
		case d.status != deal.Open:
		case d.expected == "":
			undated++
		case in:
			c := want.at(name, d.owner, d.amount.Currency)
			c.values = append(c.values, d.amount.Minor*int64(d.probability))
		}
	}
	got := read(t, metrics, "weighted_forecast", year(period.Quarter, projections.ByOwner))
	rows := rowsBy(got)
	assert.Len(t, rows, len(want))
	for k, c := range want {
		assert.Equal(t, (c.sum()+50)/100, *rows[k].Numerator, k)
	}
	assert.Equal(t, map[string]int64{"no_expected_close": undated}, got.Excluded)

	ahead := read(t, metrics, "weighted_forecast", projections.MetricFilter{})
	assert.Equal(t, domain.Date("2025-12-01"), ahead.Rows[0].From, "a forecast looks ahead")
	assert.Len(t, ahead.Rows, 12)
}

func TestFunnels(t *testing.T) {
	events, all := randomDeals(t, 300, 4)
	metrics := metricsAfter(t, endOfDeals, events)
	stages := append(policy.Standard().Sales.StageNames(), deal.StatusWon)
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		by, owner := projections.ByOwner, func(d *soldDeal) string { return d.owner }
		if kind == period.Day || kind == period.Week {
			_, err := metrics.Read(t.Context(), "funnel_cohort", year(kind, by))
			require.ErrorIs(t, err, projections.ErrCoarse)
			by, owner = "", func(*soldDeal) string { return "" }
		}
		cohort, through := cells{}, cells{}
		for _, d := range all {
			first := map[string]time.Time{}
			for _, s := range d.stays {
				if _, known := first[s.stage]; !known {
					first[s.stage] = s.from
				}
			}
			for i, stage := range stages {
				reached := d.status == deal.StatusWon
				for _, later := range stages[i:] {
					_, entered := first[later]
					reached = reached || entered
				}
				if name, in := nameOf(kind, d.opened); in {
					c := cohort.at(name, owner(d), stage)
					c.den++
					if reached {
						c.num++
					}
					if d.status == deal.Open {
						c.pending++
					}
				}
				on := domain.DateOf(first[stage], shanghai(t))
				if stage == deal.StatusWon {
					on = d.closed
				}
				if name, in := nameOf(kind, on); in && (!first[stage].IsZero() || stage == d.status) {
					through.at(name, owner(d), stage).num++
				}
			}
		}
		got := read(t, metrics, "funnel_cohort", year(kind, by))
		sameRatios(t, cohort, got)
		for i, row := range got.Rows {
			assert.Equal(t, cohort.at(row.Period, row.Key, row.Part).pending, *row.Pending)
			if i%len(stages) == 0 {
				assert.Nil(t, row.Step)
				continue
			}
			if before := *got.Rows[i-1].Numerator; before > 0 {
				assert.InDelta(t, float64(*row.Numerator)/float64(before), *row.Step, 1e-12)
			}
		}
		for _, row := range read(t, metrics, "funnel_throughput", year(kind, by)).Rows {
			assert.Equal(t, through.at(row.Period, row.Key, row.Part).num, *row.Numerator, "%s %s %s", row.Period, row.Key, row.Part)
		}
	})
}

func TestTimeInStage(t *testing.T) {
	events, all := randomDeals(t, 300, 5)
	now := time.Date(2024, 12, 31, 15, 59, 59, 0, time.UTC) // the last second of the year in Shanghai
	events = slices.DeleteFunc(events, func(r domain.Recorded) bool { return r.OccurredAt().After(now) })
	metrics := metricsAfter(t, now, events)
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		if kind == period.Day || kind == period.Week {
			_, err := metrics.Read(t.Context(), "time_in_stage", year(kind, ""))
			require.ErrorIs(t, err, projections.ErrCoarse)
			return
		}
		want := cells{}
		for _, d := range all {
			spent, left := map[string]int64{}, map[string]time.Time{}
			for _, s := range d.stays {
				if s.from.After(now) {
					continue
				}
				to := s.to
				if to.IsZero() || to.After(now) {
					to = now
				}
				spent[s.stage] += int64(to.Sub(s.from) / time.Second)
				left[s.stage] = to
			}
			for stage, seconds := range spent {
				if name, in := nameOf(kind, domain.DateOf(left[stage], shanghai(t))); in {
					c := want.at(name, "", stage)
					c.values = append(c.values, seconds)
				}
			}
		}
		sameSpreads(t, want, read(t, metrics, "time_in_stage", year(kind, "")))
	})
}

func TestRandomDealsDoNotDependOnPages(t *testing.T) {
	events, _ := randomDeals(t, 25, 6)
	projectionstest.Equivalent(t, projections.DealModel, events...)
}
