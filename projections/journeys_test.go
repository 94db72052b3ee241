package projections_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// joins registers a customer.
func joins(id string, on string) projectionstest.Fact {
	return with(id, customer.Registered{CustomerID: id, Stage: policy.Potential, RegisteredAt: day(on)})
}

func spoken(id string, at time.Time) projectionstest.Fact {
	return with(id, customer.InteractionLogged{CustomerID: id, TwoWay: true, At: at})
}

func won(id, customerID string, on domain.Date) projectionstest.Fact {
	return of(id, deal.Won{DealID: id, CustomerID: customerID, Amount: domain.Money{Minor: 6_000_000, Currency: "CNY"}, ClosedOn: on})
}

// reign publishes the standard pack, changed.
func reign(version int, from time.Time, change func(*policy.Customers)) projectionstest.Fact {
	pack := policy.Standard()
	change(&pack.Customers)
	return projectionstest.Fact{Stream: "policy-standard", Event: policy.Published{Version: version, Pack: pack, EffectiveFrom: from}}
}

// countedAt are the parts of a metric of an instant.
func countedAt(t *testing.T, metric string, at time.Time, facts ...projectionstest.Fact) map[string]int64 {
	t.Helper()
	events := projectionstest.History(facts...)
	projectionstest.Equivalent(t, projections.JourneyModel, events...)
	today := domain.DateOf(at, shanghai(t))
	counts := map[string]int64{}
	for _, row := range read(t, metricsAfter(t, at, events), metric, projections.MetricFilter{Period: "day", From: today, To: today, At: at}).Rows {
		if deref(row.Numerator) != 0 {
			counts[row.Part] = *row.Numerator
		}
	}
	return counts
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return instant
}

// Every state begins at the very millisecond, in the zone of the organisation.
func TestStatesChangeAtTheInstant(t *testing.T) {
	last := at(t, "2024-01-31T15:59:59.999Z") // still the 31st in Shanghai
	for _, c := range []struct {
		metric, at, before, then string
		facts                    []projectionstest.Fact
	}{
		{"engagement_states", "2024-01-05T00:00:00Z", "", "never_touched", nil},
		{"engagement_states", "2024-01-31T15:59:59.999Z", "never_touched", "active", []projectionstest.Fact{spoken("a", last)}},
		{"engagement_states", "2024-04-30T15:59:59.999Z", "active", "cooling", []projectionstest.Fact{spoken("a", last)}},
		{"engagement_states", "2024-07-31T15:59:59.999Z", "cooling", "dormant", []projectionstest.Fact{spoken("a", last)}},
		{"engagement_states", "2024-08-09T00:00:00Z", "dormant", "active", []projectionstest.Fact{spoken("a", last), spoken("a", day("2024-08-09"))}},
		{"engagement_states", "2024-04-30T15:59:59.999Z", "active", "active", []projectionstest.Fact{spoken("a", last), spoken("a", last.AddDate(0, 0, 90))}},
		{"value_tiers", "2024-02-29T16:00:00Z", "low", "medium", []projectionstest.Fact{won("d", "a", "2024-03-01")}},
		{"value_tiers", "2025-02-28T16:00:00Z", "medium", "low", []projectionstest.Fact{won("d", "a", "2024-03-01")}},
		{"repurchase_rate", "2024-05-05T16:00:00Z", "", "", []projectionstest.Fact{won("d", "a", "2024-05-06")}},
	} {
		then := at(t, c.at)
		facts := append([]projectionstest.Fact{joins("a", "2024-01-05")}, c.facts...)
		for instant, want := range map[time.Time]string{then.Add(-time.Millisecond): c.before, then: c.then} {
			counts := map[string]int64{}
			if want != "" {
				counts[want] = 1
			}
			assert.Equal(t, counts, countedAt(t, c.metric, instant, facts...), "%s at %s", c.metric, instant)
		}
	}
}

func TestOrdersCountTwelveMonthsForRepurchase(t *testing.T) {
	facts := []projectionstest.Fact{joins("a", "2023-01-01"), won("d", "a", "2024-02-29"), won("e", "a", "2024-06-01")}
	events := projectionstest.History(facts...)
	for instant, want := range map[string][2]int64{
		"2024-05-31T15:59:59.999Z": {0, 1}, "2024-05-31T16:00:00Z": {1, 1}, "2025-02-27T15:59:59.999Z": {1, 1}, "2025-02-27T16:00:00Z": {0, 1},
		"2025-05-31T15:59:59.999Z": {0, 1}, "2025-05-31T16:00:00Z": {0, 0},
	} {
		row := read(t, metricsAfter(t, at(t, instant), events), "repurchase_rate", projections.MetricFilter{Period: "year"}).Rows
		last := row[len(row)-1]
		assert.Equal(t, want, [2]int64{*last.Numerator, *last.Denominator}, instant)
	}
}

// However short the time of the policy: contacts just that far apart are told
// apart.
func TestContactsAWeekApart(t *testing.T) {
	weekly := reign(1, time.Time{}, func(c *policy.Customers) { c.CoolingAfter, c.DormantAfter = policy.LeastCooling, "P8D" })
	facts := []projectionstest.Fact{weekly, joins("a", "2024-01-05")}
	for i := range 5 {
		facts = append(facts, spoken("a", monday().AddDate(0, 0, 7*i).Add(time.Duration(i)*time.Millisecond)))
	}
	second := monday().AddDate(0, 0, 7)
	assert.Equal(t, map[string]int64{"active": 1}, countedAt(t, "engagement_states", second.Add(-time.Millisecond), facts...))
	assert.Equal(t, map[string]int64{"cooling": 1}, countedAt(t, "engagement_states", second, facts...), "a millisecond before the next contact")
	assert.Equal(t, map[string]int64{"active": 1}, countedAt(t, "engagement_states", second.Add(time.Millisecond), facts...))
}

// A threshold holds from the day it is in force, and not before.
func TestStatesUnderAChangedPolicy(t *testing.T) {
	change := day("2024-06-01")
	facts := []projectionstest.Fact{
		joins("a", "2024-01-05"), joins("b", "2024-01-05"), spoken("a", day("2024-03-25")), won("d", "b", "2024-03-25"),
		reign(1, time.Time{}, func(*policy.Customers) {}),
		reign(2, change, func(c *policy.Customers) { c.CoolingAfter, c.DormantAfter, c.ChurnAfter = "P20D", "P60D", "P2M" }),
		reign(3, day("2024-07-01"), func(c *policy.Customers) { c.ChurnAfter = "P1Y" }),
	}
	for instant, want := range map[time.Time]string{
		change.Add(-time.Millisecond): "active", change: "dormant", day("2024-06-30"): "dormant", day("2024-07-01"): "cooling",
	} {
		assert.Equal(t, int64(1), countedAt(t, "engagement_states", instant, facts...)[want], instant)
	}
	metrics := metricsAfter(t, day("2024-09-01"), projectionstest.History(facts...))
	var lost []string
	for _, row := range read(t, metrics, "churn_rate", projections.MetricFilter{Period: "day", From: "2024-04-01", To: "2024-08-31"}).Rows {
		if deref(row.Numerator) > 0 {
			lost = append(lost, row.Period)
		}
	}
	assert.Equal(t, []string{"2024-06-01"}, lost, "two months had passed when two months were enough")
}

// lostIn are the months in which customers churned.
func lostIn(t *testing.T, now string, facts ...projectionstest.Fact) map[string][2]int64 {
	t.Helper()
	events := projectionstest.History(facts...)
	projectionstest.Equivalent(t, projections.JourneyModel, events...)
	months := map[string][2]int64{}
	for _, row := range read(t, metricsAfter(t, at(t, now), events), "churn_rate", projections.MetricFilter{From: "2024-01-01"}).Rows {
		if *row.Denominator > 0 {
			months[row.Period] = [2]int64{*row.Numerator, *row.Denominator}
		}
	}
	return months
}

func TestChurnAtTheInstant(t *testing.T) {
	facts := []projectionstest.Fact{joins("a", "2024-01-05"), contract("d", "a", "2024-01-31"), won("d", "a", "2024-03-31")}
	stays := map[string][2]int64{"2024-02": {0, 1}, "2024-03": {0, 1}, "2024-04": {0, 1}, "2024-05": {0, 1}, "2024-06": {0, 1}}
	assert.Equal(t, stays, lostIn(t, "2024-06-29T15:59:59.999Z", facts...), "the contract was active until 31 March")
	stays["2024-06"] = [2]int64{1, 1}
	assert.Equal(t, stays, lostIn(t, "2024-06-29T16:00:00Z", facts...))
	assert.Equal(t, stays, lostIn(t, "2024-08-01T00:00:00Z", facts...), "and counts once")

	open := []projectionstest.Fact{joins("a", "2024-01-05"), contract("d", "a", "2024-01-31")}
	assert.Equal(t, [2]int64{0, 1}, lostIn(t, "2024-12-31T00:00:00Z", open...)["2024-12"], "an open contract keeps the customer")

	first := []projectionstest.Fact{joins("a", "2024-01-05"), won("d", "a", "2024-02-01")}
	want := map[string][2]int64{"2024-03": {0, 1}, "2024-04": {0, 1}, "2024-05": {1, 1}}
	assert.Equal(t, want, lostIn(t, "2024-12-31T00:00:00Z", first...), "who is won and lost with the first instant of a month")
}

// Whatever is corrected later, figures of the past are as if it had been known.
func TestCorrectedJourneys(t *testing.T) {
	start := []projectionstest.Fact{joins("a", "2024-01-05"), joins("b", "2024-01-05"), won("d", "a", "2024-01-10")}
	lost := map[string][2]int64{"2024-02": {0, 1}, "2024-03": {0, 1}, "2024-04": {1, 1}}
	handed := deal.DetailsChanged{DealID: "d", CustomerID: "b", Changes: []deal.Change{{Field: "customer_id", From: "a", To: "b"}}}
	for name, c := range map[string]struct {
		facts     []projectionstest.Fact
		lost      map[string][2]int64
		converted int64
	}{
		"as it was":                {nil, lost, 1},
		"of another customer":      {[]projectionstest.Fact{of("d", handed)}, lost, 1},
		"signed long before":       {[]projectionstest.Fact{contract("d", "a", "2024-01-08")}, lost, 1},
		"lost after it was signed": {[]projectionstest.Fact{contract("d", "a", "2024-01-08"), of("d", deal.Reopened{DealID: "d", CustomerID: "a"}), of("d", deal.Lost{DealID: "d", CustomerID: "a", ClosedOn: "2024-02-01"})}, map[string][2]int64{}, 0},
		"reopened":                 {[]projectionstest.Fact{of("d", deal.Reopened{DealID: "d", CustomerID: "a"})}, map[string][2]int64{}, 0},
		"reopened and won later": {
			[]projectionstest.Fact{of("d", deal.Reopened{DealID: "d", CustomerID: "a"}), won("d", "a", "2024-02-10")},
			map[string][2]int64{"2024-03": {0, 1}, "2024-04": {0, 1}, "2024-05": {1, 1}},
			1,
		},
		"another order":          {[]projectionstest.Fact{won("e", "a", "2024-02-20")}, map[string][2]int64{"2024-02": {0, 1}, "2024-03": {0, 1}, "2024-04": {0, 1}, "2024-05": {1, 1}}, 1},
		"put back by hand":       {[]projectionstest.Fact{put("a", policy.Potential, day("2024-03-03"))}, map[string][2]int64{"2024-02": {0, 1}, "2024-03": {0, 1}}, 1},
		"given up by hand":       {[]projectionstest.Fact{put("a", policy.Churned, day("2024-03-03"))}, map[string][2]int64{"2024-02": {0, 1}, "2024-03": {1, 1}}, 1},
		"given up that very day": {[]projectionstest.Fact{put("a", policy.Churned, day("2024-01-10"))}, map[string][2]int64{}, 1},
		"came back by hand":      {[]projectionstest.Fact{put("a", policy.Existing, day("2024-04-03"))}, map[string][2]int64{"2024-02": {0, 1}, "2024-03": {0, 1}, "2024-04": {0, 1}, "2024-05": {0, 1}, "2024-06": {0, 1}, "2024-07": {1, 1}}, 1},
	} {
		facts := append(start[:3:3], c.facts...)
		assert.Equal(t, c.lost, lostIn(t, "2024-12-31T00:00:00Z", facts...), name)
		row := read(t, metricsAfter(t, day("2024-12-31"), projectionstest.History(facts...)), "conversion", projections.MetricFilter{Period: "year"}).Rows[11]
		assert.Equal(t, [2]int64{c.converted, 2}, [2]int64{*row.Numerator, *row.Denominator}, name)
		assert.True(t, row.Provisional, name)
	}
	late := []projectionstest.Fact{joins("a", "2024-01-05"), spoken("a", day("2024-01-10")), spoken("a", day("2024-09-10"))}
	assert.Equal(t, map[string]int64{"dormant": 1}, countedAt(t, "engagement_states", day("2024-08-01"), late...))
	late = append(late, spoken("a", day("2024-07-10")))
	assert.Equal(t, map[string]int64{"active": 1}, countedAt(t, "engagement_states", day("2024-08-01"), late...), "told two months later")
}

// The day after the last one that counts is one too late.
func TestConversionInTime(t *testing.T) {
	for days, converted := range map[int]int64{0: 1, 180: 1, 181: 0} {
		facts := []projectionstest.Fact{joins("a", "2024-01-05"), won("d", "a", period.AddDays("2024-01-05", days))}
		metrics := metricsAfter(t, day("2024-12-31"), projectionstest.History(facts...))
		row := read(t, metrics, "conversion", projections.MetricFilter{From: "2024-01-01", To: "2024-01-31"}).Rows[0]
		assert.Equal(t, [2]int64{converted, 1}, [2]int64{*row.Numerator, *row.Denominator}, days)
		assert.False(t, row.Provisional, "everyone's time is over")
	}
}

// A customer that only deals know of is in no figure.
func TestUnknownCustomersAreInNoFigure(t *testing.T) {
	events := projectionstest.History(contract("d", "ghost", "2024-01-31"), spoken("ghost", day("2024-01-31")))
	metrics := metricsAfter(t, day("2024-12-31"), events)
	for _, name := range []string{"conversion", "repurchase_rate", "value_tiers", "engagement_states", "churn_rate"} {
		for _, row := range read(t, metrics, name, projections.MetricFilter{}).Rows {
			assert.Zero(t, deref(row.Numerator)+deref(row.Denominator), name)
		}
	}
}
