package projections_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// A pack of then, and not only the one of now, is why a figure of then differs.
func TestAnalysisComparesThePacksOfEveryTime(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2024, month, n, 4, 0, 0, 0, time.UTC) }
	generous, now := policy.Standard(), policy.Standard()
	generous.Customers.ValueTiers[0].From = 3000
	events := projectionstest.History(
		projectionstest.Fact{Stream: "policy-standard", At: day(1, 1), Event: policy.Published{Version: 1, EffectiveFrom: day(1, 1), Pack: generous}},
		projectionstest.Fact{Stream: "policy-standard", At: day(6, 1), Event: policy.Published{Version: 2, EffectiveFrom: day(6, 1), Pack: now}},
	)
	q := about([]string{"value_tiers"}, "", analysis.Assumptions{KnownAt: endOfDeals, Pack: &now, PolicyVersion: 2})
	differs := analysed(t, q, events, 10).Causes.Policy
	require.Len(t, differs, 1)
	assert.Equal(t, "customers.value_tiers[high].from", differs[0].Path)
}

// Records are listed for what they do to the figures that are shown, whatever
// happens to them at other times, and also if it is but time that has passed.
func TestAnalysisListsRecordsOfThePeriodsShown(t *testing.T) {
	at := time.Date(2024, 1, 10, 4, 0, 0, 0, time.UTC)
	events := projectionstest.History(
		projectionstest.Fact{Stream: "customer-1", At: at, Event: customer.Registered{CustomerID: "1", Stage: policy.Potential, RegisteredAt: at}},
		projectionstest.Fact{Stream: "customer-1", At: at, Event: customer.InteractionLogged{CustomerID: "1", TwoWay: true, At: at}},
	)
	pack, err := policy.Standard().With(map[string]any{"customers.cooling_after": "P30D"})
	require.NoError(t, err)
	ask := func(from, to domain.Date, variant analysis.Assumptions) projections.Report {
		q := about([]string{"engagement_states"}, "", variant)
		q.From, q.To, q.Baseline = from, to, analysis.Assumptions{KnownAt: endOfDeals}
		return analysed(t, q, events, 10)
	}
	shorter := analysis.Assumptions{KnownAt: endOfDeals, Pack: &pack}
	for _, month := range []domain.Date{"2024-01-15", "2024-05-15"} {
		report := ask(month, month, shorter)
		assert.Zero(t, report.Changed, "active in January, cooling in May, in any case")
		assert.Zero(t, report.Records.Total)
	}
	assert.Equal(t, int64(1), ask("2024-02-15", "2024-02-15", shorter).Records.Total)
	earlier := ask("2024-04-01", "2024-04-30", analysis.Assumptions{KnownAt: endOfDeals, AsOf: at.AddDate(0, 0, 85)})
	assert.Equal(t, 2, earlier.Changed, "active and cooling")
	assert.Equal(t, int64(1), earlier.Records.Total)
}

// Wherever a figure differs there is a record that makes it differ.
func TestAnalysisFindsARecordBehindEveryFigureThatDiffers(t *testing.T) {
	c := randomClientele(t, 60, 6)
	pack, err := c.policy.InForce(c.now).Pack.With(map[string]any{"customers.dormant_after": "P70D", "customers.cooling_after": "P20D", "customers.churn_after": "P40D", "customers.value_window_days": 200})
	require.NoError(t, err)
	names, dimensions := metricsAbout("customers")
	for _, variant := range []analysis.Assumptions{
		{KnownAt: c.now, Pack: &pack},
		{KnownAt: c.now, AsOf: c.now.AddDate(0, -5, 0)},
	} {
		for _, by := range append(dimensions, "") {
			q := about(asked(names, by), by, variant)
			q.Baseline.KnownAt = c.now
			report := analysed(t, q, c.history(), 100)
			for _, m := range report.Metrics {
				differs := slices.ContainsFunc(m.Rows, func(r projections.ComparedRow) bool {
					return r.Changed && r.Baseline != nil && r.Variant != nil && !assert.ObjectsAreEqual(r.Baseline.Numerator, r.Variant.Numerator)
				})
				listed := slices.ContainsFunc(report.Records.Items, func(r projections.ChangedRecord) bool { return slices.Contains(r.Metrics, m.Metric) })
				assert.True(t, !differs || listed, "%s by %q", m.Metric, by)
			}
		}
	}
}

// Who was lost long before the periods shown is no part of their figures.
func TestAnalysisLeavesOutWhoWasLostBefore(t *testing.T) {
	at := time.Date(2023, 1, 10, 4, 0, 0, 0, time.UTC)
	events := projectionstest.History(
		projectionstest.Fact{Stream: "customer-1", At: at, Event: customer.Registered{CustomerID: "1", Stage: policy.Potential, RegisteredAt: at}},
		projectionstest.Fact{Stream: "deal-1", At: at, Event: deal.Won{DealID: "1", CustomerID: "1", ClosedOn: "2023-01-10", Amount: domain.Money{Minor: 1, Currency: "CNY"}}},
	)
	q := about([]string{"churn_rate"}, "", analysis.Assumptions{KnownAt: at.Add(-time.Hour)})
	assert.Zero(t, analysed(t, q, events, 1).Records.Total)
	q.From = "2023-04-01"
	assert.Equal(t, int64(1), analysed(t, q, events, 1).Records.Total, "lost in April of 2023")
}

// A row that says nothing differs from no row as little as from one that may
// still come to say something.
func TestAnalysisCountsOnlyFiguresAsDifferent(t *testing.T) {
	at := time.Date(2024, 3, 20, 4, 0, 0, 0, time.UTC)
	won := deal.Won{DealID: "1", Amount: domain.Money{Minor: 5000, Currency: "CNY"}, OpenedOn: "2024-03-01", ClosedOn: "2024-03-20", ClosedAt: at}
	q := about([]string{"win_rate", "won_value"}, "", analysis.Assumptions{KnownAt: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)})
	report := analysed(t, q, projectionstest.History(projectionstest.Fact{Stream: "deal-1", At: at, Event: won}), 10)
	assert.Equal(t, 2, report.Changed, "win rate and value of March")
}

// What a customer ordered is told by its deals, so their events are why it counts
// differently.
func TestAnalysisNamesTheEventsOfRecordsThatTell(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2024, month, n, 4, 0, 0, 0, time.UTC) }
	events := projectionstest.History(
		projectionstest.Fact{Stream: "customer-1", At: day(1, 5), Event: customer.Registered{CustomerID: "1", Stage: policy.Potential, RegisteredAt: day(1, 5)}},
		projectionstest.Fact{Stream: "deal-7", At: day(2, 1), Event: deal.ContractSigned{
			DealID: "7", CustomerID: "1", Amount: domain.Money{Minor: 20_000_000, Currency: "CNY"}, SignedOn: "2024-02-01",
		}},
	)
	events[1].RecordedAt = day(4, 8)
	q := about([]string{"value_tiers"}, "", analysis.Assumptions{KnownAt: day(3, 31)})
	q.From, q.To = "2024-02-01", "2024-02-29"
	report := analysed(t, q, events, 10)
	require.Len(t, report.Records.Items, 1)
	because := report.Records.Items[0].Because
	require.NotNil(t, because)
	assert.Equal(t, 1, because.Total)
	assert.Equal(t, "deal-7", because.Events[0].Stream)
}
