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
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// analysed is the report on a log that was taken in pages of some size.
func analysed(t *testing.T, q analysis.Started, events []domain.Recorded, size int) projections.Report {
	t.Helper()
	if q.Period == "" {
		q.Period, q.From, q.To = "month", "2024-01-01", "2024-12-31"
	}
	a, err := projections.NewAnalysis(q, nil)
	require.NoError(t, err)
	types, wanted := a.Types(), []domain.Recorded{}
	for _, r := range events {
		if slices.Contains(types, r.Event.EventType()) {
			wanted = append(wanted, r)
		}
	}
	for page := range slices.Chunk(wanted, size) {
		a.Take(page)
	}
	report, err := a.Report(events[len(events)-1].Position, endOfDeals)
	require.NoError(t, err)
	return report
}

// metricsAbout are the names of the metrics about a subject, and their dimensions.
func metricsAbout(subject string) (names, dimensions []string) {
	for _, m := range projections.AllMetrics {
		if m.Subject == subject {
			names = append(names, m.Name)
			dimensions = append(dimensions, m.Dimensions...)
		}
	}
	slices.Sort(dimensions)
	return names, slices.Compact(dimensions)
}

// asked leaves out metrics that cannot be broken down by a dimension.
func asked(names []string, by string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		i := slices.IndexFunc(projections.AllMetrics, func(m projections.Metric) bool { return m.Name == name })
		return by != "" && !slices.Contains(projections.AllMetrics[i].Dimensions, by)
	})
}

// sameAsLive compares one side of a report with what queries of the read models
// answer.
func sameAsLive(t *testing.T, live projections.Metrics, report projections.Report, by string, side func(projections.ComparedRow) *projections.MetricRow) {
	t.Helper()
	for _, m := range report.Metrics {
		answer := read(t, live, m.Metric, projections.MetricFilter{Period: m.Period, From: "2024-01-01", To: "2024-12-31", By: by})
		want := rowsBy(answer)
		for _, row := range m.Rows {
			got := side(row)
			if got == nil {
				continue
			}
			live, ok := want[[3]string{row.Period, row.Key, row.Part}]
			require.True(t, ok, "%s: no live row %s %s %s", m.Metric, row.Period, row.Key, row.Part)
			live.Policy, got.Policy = 0, 0
			require.Equal(t, live, *got, "%s %s %s %s", m.Metric, row.Period, row.Key, row.Part)
			delete(want, [3]string{row.Period, row.Key, row.Part})
		}
		assert.Empty(t, want, "%s: every live row is in the report", m.Metric)
	}
}

func ofBaseline(r projections.ComparedRow) *projections.MetricRow { return r.Baseline }
func ofVariant(r projections.ComparedRow) *projections.MetricRow  { return r.Variant }

func about(names []string, by string, variant analysis.Assumptions) analysis.Started {
	return analysis.Started{
		Question: analysis.Question{Metrics: names, Period: "month", From: "2024-01-01", To: "2024-12-31", By: by},
		Baseline: analysis.Assumptions{KnownAt: endOfDeals}, Variant: variant,
	}
}

func TestAnalysisSaysWhatLiveMetricsSay(t *testing.T) {
	deals, _ := randomDeals(t, 300, 3)
	for subject, events := range map[string][]domain.Recorded{
		"deals": deals, "tickets": projectionstest.History(randomTickets(300, 3).facts...), "customers": randomClientele(t, 60, 3).history(),
	} {
		live := metricsAfter(t, endOfDeals, events)
		names, dimensions := metricsAbout(subject)
		for _, by := range append(dimensions, "") {
			report := analysed(t, about(asked(names, by), by, analysis.Assumptions{KnownAt: endOfDeals}), events, 97)
			sameAsLive(t, live, report, by, ofBaseline)
			assert.Zero(t, report.Changed)
			assert.Zero(t, report.Records.Total)
			assert.Empty(t, report.Causes.Policy)
		}
	}
}

// What would have been under another policy is what the read models say of a
// log that came about under it.
func TestAnalysisUnderAnotherPolicy(t *testing.T) {
	strict := policy.Standard()
	for i := range strict.Tickets.SLA {
		for j := range strict.Tickets.SLA[i].Targets {
			strict.Tickets.SLA[i].Targets[j].Seconds /= 2
		}
	}
	strict.Tickets.FirstFixSeconds, strict.Zone = 2*86400, "Europe/Berlin"
	under := func(p policy.Pack) []domain.Recorded {
		h := &helpdesk{policy: policy.Always(policy.Version{Number: 1, Pack: p})}
		h.facts = []projectionstest.Fact{{Stream: "policy-standard", Event: policy.Published{Version: 1, Pack: p}, At: time.Date(2023, 10, 1, 0, 0, 0, 0, time.UTC)}}
		random := seeded(5)
		for i := range 300 {
			at := time.Date(2023, 12, 1, 0, 0, random.IntN(390*86400), 0, time.UTC)
			h.live(string(rune('a'+i%26))+string(rune('a'+i/26)), pick(random, "c1", "c2", "c3", ""), "product_quality", at, random.IntN)
		}
		slices.SortStableFunc(h.facts, func(a, b projectionstest.Fact) int { return a.At.Compare(b.At) })
		return projectionstest.History(h.swept(endOfDeals)...)
	}
	lived, would := under(policy.Standard()), under(strict)
	names, _ := metricsAbout("tickets")
	report := analysed(t, about(names, "", analysis.Assumptions{KnownAt: endOfDeals, Pack: &strict, PolicyVersion: 1}), lived, 1000)
	sameAsLive(t, metricsAfter(t, endOfDeals, lived), report, "", ofBaseline)
	sameAsLive(t, metricsAfter(t, endOfDeals, would), report, "", ofVariant)
	assert.Positive(t, report.Changed)
	assert.Positive(t, report.Records.Total)
	require.NotEmpty(t, report.Causes.Policy)
	assert.Equal(t, "tickets.first_fix_seconds", report.Causes.Policy[0].Path)
	first := report.Records.Items[0]
	assert.NotEmpty(t, append(first.Baseline, first.Variant...))
	assert.Nil(t, first.Because, "the same events count on both sides")
}

// swept lets the sweeper come by once, at the end.
func (h *helpdesk) swept(end time.Time) []projectionstest.Fact {
	tickets := map[string]ticket.Ticket{}
	var streams []string
	for _, f := range h.facts {
		if e, ok := f.Event.(ticket.Event); ok {
			if _, known := tickets[f.Stream]; !known {
				streams = append(streams, f.Stream)
			}
			tickets[f.Stream] = ticket.Evolve(tickets[f.Stream], e)
		}
	}
	facts := slices.Clone(h.facts)
	for _, stream := range streams {
		for _, e := range tickets[stream].RunOut(end) {
			facts = append(facts, projectionstest.Fact{Stream: stream, Event: e, At: end})
		}
	}
	return facts
}

// Dormant at 60 days against 6 months: what is asked differs, what is not stays.
func TestAnalysisUnderOtherSpans(t *testing.T) {
	c := randomClientele(t, 60, 4)
	later := c.policy.InForce(c.now)
	pack, err := later.Pack.With(map[string]any{"customers.dormant_after": "P60D", "customers.cooling_after": "P30D"})
	require.NoError(t, err)
	q := analysis.Started{
		Question: analysis.Question{Metrics: []string{"engagement_states", "repurchase_rate"}, Period: "month", From: "2024-10-01", To: "2024-11-30"},
		Baseline: analysis.Assumptions{KnownAt: c.now, Pack: &later.Pack}, Variant: analysis.Assumptions{KnownAt: c.now, Pack: &pack},
	}
	report := analysed(t, q, c.history(), 100)
	sums := map[string]map[string]float64{"baseline": {}, "variant": {}}
	for _, m := range report.Metrics {
		for _, r := range m.Rows {
			if m.Metric == "repurchase_rate" {
				assert.False(t, r.Changed, "it depends on neither span")
				continue
			}
			sums["baseline"][r.Period] += *r.Baseline.Value
			sums["variant"][r.Period] += *r.Variant.Value
		}
	}
	assert.Equal(t, sums["baseline"], sums["variant"], "everybody is in one state")
	assert.Positive(t, report.Changed)
	require.NotEmpty(t, report.Records.Items)
	assert.Equal(t, "customers", report.Records.Items[0].Subject)
	first := report.Records.Items[0]
	assert.False(t, append(first.Baseline, first.Variant...)[0].From.IsZero(), "a state has an instant from which on it counts")
}

func TestAnalysisUnderOtherProbabilities(t *testing.T) {
	events, _ := randomDeals(t, 200, 8)
	pack, err := policy.Standard().With(map[string]any{"sales.stages[lead].probability": 15})
	require.NoError(t, err)
	report := analysed(t, about([]string{"weighted_forecast", "win_rate"}, "", analysis.Assumptions{KnownAt: endOfDeals, Pack: &pack}), events, 50)
	for _, m := range report.Metrics {
		changed := slices.ContainsFunc(m.Rows, func(r projections.ComparedRow) bool { return r.Changed })
		assert.Equal(t, m.Metric == "weighted_forecast", changed, m.Metric)
	}
}

// A payment of March that is entered in April changes what is known now of
// March, and not what was known on 31 March (ES-02).
func TestAnalysisOfTwoTimes(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2024, month, n, 4, 0, 0, 0, time.UTC) }
	won := deal.Won{DealID: "1", Amount: domain.Money{Minor: 5000, Currency: "CNY"}, OpenedOn: "2024-03-01", ClosedOn: "2024-03-20", CycleDays: 19, ClosedAt: day(3, 20)}
	events := projectionstest.History(
		projectionstest.Fact{Stream: "deal-1", At: day(3, 1), Event: deal.Opened{DealID: "1", Owner: "ann", Stage: policy.Lead, OpenedAt: day(3, 1), OpenedOn: "2024-03-01", Amount: won.Amount}},
		projectionstest.Fact{Stream: "deal-1", At: day(3, 20), Event: won},
	)
	events[1].RecordedAt = day(4, 8)
	march := day(3, 31)
	q := analysis.Started{
		Question: analysis.Question{Metrics: []string{"win_rate", "won_value", "weighted_forecast"}, Period: "month", From: "2024-03-01", To: "2024-03-31"},
		Baseline: analysis.Assumptions{KnownAt: day(4, 30)}, Variant: analysis.Assumptions{KnownAt: march},
	}
	report := analysed(t, q, events, 1)
	assert.Equal(t, march, report.Variant.At)
	assert.Equal(t, 1, report.Variant.Records)
	value := report.Metrics[1].Rows
	require.Len(t, value, 2, "CNY, and no row of any currency")
	assert.Equal(t, int64(1), report.Causes.OnlyBaseline)
	require.Equal(t, int64(1), report.Records.Total)
	record := report.Records.Items[0]
	assert.Equal(t, "1", record.ID)
	assert.Equal(t, []string{"win_rate", "won_value", "weighted_forecast"}, record.Metrics, "it was open, and nobody had said until when")
	require.NotNil(t, record.Because)
	assert.Equal(t, "deal.won.v1", record.Because.Events[0].Type)
	assert.Equal(t, day(4, 8), record.Because.Events[0].RecordedAt)
	assert.Equal(t, "baseline", record.Because.Events[0].Side)

	q.Variant = analysis.Assumptions{KnownAt: day(4, 30), AsOf: march}
	assert.Zero(t, analysed(t, q, events, 1).Records.Total, "by then it had happened, and by now it is known")
}

// An organisation that brings its past along publishes its policy after it: the
// policy applies to the past all the same, also as of then.
func TestAnalysisAsOfATimeBeforeThePolicyWasPublished(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2024, month, n, 4, 0, 0, 0, time.UTC) }
	first, second := policy.Standard(), policy.Standard()
	first.Customers.ValueTiers[0].From = 3000
	second.Customers.ValueTiers[0].From = 9000
	order := deal.ContractSigned{DealID: "1", CustomerID: "1", Amount: domain.Money{Minor: 5000, Currency: "CNY"}, SignedOn: "2024-02-01"}
	events := projectionstest.History(
		projectionstest.Fact{Stream: "customer-1", At: day(1, 5), Event: customer.Registered{CustomerID: "1", Stage: policy.Potential, RegisteredAt: day(1, 5)}},
		projectionstest.Fact{Stream: "deal-1", At: day(2, 1), Event: order},
		projectionstest.Fact{Stream: "policy-standard", At: day(6, 1), Event: policy.Published{Version: 1, EffectiveFrom: day(6, 1), Pack: first}},
		projectionstest.Fact{Stream: "policy-standard", At: day(6, 2), Event: policy.Published{Version: 2, EffectiveFrom: day(3, 1), Pack: second}},
	)
	q := analysis.Started{
		Question: analysis.Question{Metrics: []string{"value_tiers"}, Period: "month", From: "2024-02-01", To: "2024-03-31"},
		Baseline: analysis.Assumptions{KnownAt: day(6, 30)}, Variant: analysis.Assumptions{KnownAt: day(6, 30), AsOf: day(4, 15)},
	}
	report := analysed(t, q, events, 10)
	assert.Equal(t, []int{1, 2}, report.Variant.PolicyVersions)
	assert.Zero(t, report.Changed)
	assert.Zero(t, report.Causes.OnlyBaseline)
	high := report.Metrics[0].Rows[0]
	assert.Equal(t, "high", high.Part)
	assert.InDelta(t, 1, *high.Variant.Value, 0, "in February, under the first version")

	q.Variant = analysis.Assumptions{KnownAt: day(6, 1)}
	assert.Equal(t, []int{1}, analysed(t, q, events, 10).Variant.PolicyVersions, "the other was not known yet")
}

// Instants count in whole milliseconds, as in every other query.
func TestAnalysisKnowsWhatItsReadersWereShown(t *testing.T) {
	at := time.Date(2024, 3, 1, 4, 0, 0, 500_700, time.UTC)
	events := projectionstest.History(projectionstest.Fact{
		Stream: "customer-1", At: at, Event: customer.Registered{CustomerID: "1", Stage: policy.Potential, RegisteredAt: at},
	})
	shown := analysis.Assumptions{KnownAt: domain.Instant(at), AsOf: domain.Instant(at)}
	report := analysed(t, about([]string{"conversion"}, "", shown), events, 1)
	assert.Zero(t, report.Causes.OnlyBaseline)

	q := about([]string{"conversion"}, "", analysis.Assumptions{KnownAt: at.Add(-time.Second)})
	q.From = "2024-03-01"
	because := analysed(t, q, events, 1).Records.Items[0].Because
	require.NotNil(t, because)
	assert.Equal(t, domain.Instant(at), because.Events[0].RecordedAt)
}

func TestAnalysisOfAnotherDefinition(t *testing.T) {
	events := projectionstest.History(randomTickets(300, 9).facts...)
	q := about([]string{"first_contact_resolution"}, "", analysis.Assumptions{KnownAt: endOfDeals, Definitions: map[string]int{"first_contact_resolution": 1}})
	report := analysed(t, q, events, 500)
	assert.Equal(t, 2, report.Metrics[0].BaselineDefinition)
	assert.Equal(t, 1, report.Metrics[0].VariantDefinition)
	assert.Positive(t, report.Changed)
	assert.Len(t, report.Causes.Definitions, 1)

	for _, q := range []analysis.Started{
		about([]string{"no_such"}, "", analysis.Assumptions{}),
		about([]string{"win_rate"}, "colour", analysis.Assumptions{}),
		about([]string{"win_rate"}, "", analysis.Assumptions{Definitions: map[string]int{"win_rate": 7}}),
	} {
		require.Error(t, projections.CheckAnalysis(q))
	}
}
