package projections_test

import (
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// sample is a small year of sales: id, owner, product, region, status, opened, closed, yuan.
const sample = `1,alice,GTX,east,won,2024-01-02,2024-02-01,1054
2,alice,GTX,east,lost,2024-01-05,2024-01-19,0
3,bob,MG,west,won,2024-01-05,2024-03-09,4514
4,bob,MG,west,won,2024-02-28,2024-03-01,50
5,bob,GTX,west,lost,2024-02-10,2024-03-31,0
6,carol,GTX,,open,2024-03-01,,800
7,,MG,east,open,2024-02-15,,100
8,alice,GTX,east,won,2023-12-31,2024-01-01,1117
9,carol,MG,,lost,2023-11-01,2024-01-15,0
10,bob,GTX,west,won,2024-03-03,2024-03-03,26768`

type sale struct {
	id, owner, product, region, status string
	opened, closed                     domain.Date
	yuan                               int64
}

func sales(t *testing.T) []sale {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(sample)).ReadAll()
	require.NoError(t, err)
	var all []sale
	for _, r := range rows {
		yuan, err := strconv.ParseInt(r[7], 10, 64)
		require.NoError(t, err)
		all = append(all, sale{r[0], r[1], r[2], r[3], r[4], domain.Date(r[5]), domain.Date(r[6]), yuan})
	}
	return all
}

func salesHistory(all []sale) []domain.Recorded {
	var facts []projectionstest.Fact
	for _, s := range all {
		facts = append(facts, of(s.id, deal.Opened{
			DealID: s.id, Owner: s.owner, Product: s.product, Region: s.region, Amount: cny(s.yuan), Stage: "lead", OpenedOn: s.opened,
		}))
	}
	for _, s := range all {
		cycle := s.opened.DaysUntil(s.closed)
		switch s.status {
		case "won":
			facts = append(facts, of(s.id, deal.Won{DealID: s.id, Amount: cny(s.yuan), ClosedOn: s.closed, CycleDays: cycle}))
		case "lost":
			facts = append(facts, of(s.id, deal.Lost{DealID: s.id, Amount: cny(0), ClosedOn: s.closed, CycleDays: cycle}))
		}
	}
	return projectionstest.History(facts...)
}

// figures works the figures out again, straight from the rows.
type figures struct {
	open, won, lost, value int64
	cycles                 map[string][]int64
	wonYuan                []int64
}

func compute(all []sale, in func(sale) bool) figures {
	f := figures{cycles: map[string][]int64{}}
	for _, s := range all {
		if !in(s) {
			continue
		}
		switch s.status {
		case "open":
			f.open++
			continue
		case "won":
			f.won++
			f.value += s.yuan
			f.wonYuan = append(f.wonYuan, s.yuan)
		case "lost":
			f.lost++
		}
		days := int64(day(string(s.closed)).Sub(day(string(s.opened))).Hours() / 24)
		f.cycles[s.status] = append(f.cycles[s.status], days)
		f.cycles["closed"] = append(f.cycles["closed"], days)
	}
	return f
}

func mean(values []int64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

func median(values []int64) float64 {
	slices.Sort(values)
	n := len(values)
	return float64(values[(n-1)/2]+values[n/2]) / 2
}

func TestSalesDashboard(t *testing.T) {
	all := sales(t)
	dashboards := projections.Sales{Views: projectionstest.Folded(t, projections.DealModel, salesHistory(all)...)}
	got, err := dashboards.Dashboard(t.Context(), "")
	require.NoError(t, err)

	want := compute(all, func(sale) bool { return true })
	assert.Equal(t, []int64{want.open, want.won, want.lost, want.won + want.lost}, []int64{got.Open, got.Won, got.Lost, got.Closed})
	assert.InDelta(t, float64(want.won)/float64(want.won+want.lost), *got.WinRate, 0)
	require.Len(t, got.WonValue, 1)
	assert.Equal(t, cny(want.value), got.WonValue[0].Money)
	assert.Equal(t, want.won, got.WonValue[0].Deals)
	assert.InDelta(t, mean(want.wonYuan)*100, got.WonValue[0].MeanMinor, 1e-9)
	assert.InDelta(t, median(want.wonYuan)*100, *got.WonValue[0].MedianMinor, 0)
	for status, spread := range map[string]projections.Spread{
		"won": got.CycleDays, "lost": got.LostCycleDays, "closed": got.ClosedCycleDays,
	} {
		assert.Equal(t, int64(len(want.cycles[status])), spread.Count, status)
		assert.InDelta(t, mean(want.cycles[status]), *spread.Mean, 1e-9, status)
		assert.InDelta(t, median(want.cycles[status]), *spread.Median, 0, status)
	}
	assert.Empty(t, got.Rows)
}

func TestSalesDashboardByDimension(t *testing.T) {
	all := sales(t)
	history := salesHistory(all)
	projectionstest.Equivalent(t, projections.DealModel, history...)
	dashboards := projections.Sales{Views: projectionstest.Folded(t, projections.DealModel, history...)}
	for by, key := range map[string]func(sale) string{
		projections.ByOwner:   func(s sale) string { return s.owner },
		projections.ByProduct: func(s sale) string { return s.product },
		projections.ByRegion:  func(s sale) string { return s.region },
		projections.ByMonth:   func(s sale) string { return cmp.Or(s.closed, s.opened).Month() },
	} {
		t.Run(by, func(t *testing.T) {
			got, err := dashboards.Dashboard(t.Context(), by)
			require.NoError(t, err)
			assert.Equal(t, by, got.By)
			assert.Equal(t, int64(5), got.Won, "the whole is there too")
			seen := map[string]bool{}
			for i, row := range got.Rows {
				seen[row.Key] = true
				want := compute(all, func(s sale) bool { return key(s) == row.Key })
				assert.Equal(t, []int64{want.open, want.won, want.lost}, []int64{row.Open, row.Won, row.Lost}, row.Key)
				if i > 0 && by == projections.ByMonth {
					assert.Less(t, got.Rows[i-1].Key, row.Key)
				}
				if want.won+want.lost == 0 {
					assert.Nil(t, row.WinRate, "no rate without closed deals")
				} else {
					assert.InDelta(t, float64(want.won)/float64(want.won+want.lost), *row.WinRate, 0)
				}
				if want.won == 0 {
					assert.Empty(t, row.WonValue)
					assert.Equal(t, projections.Spread{}, row.CycleDays)
					continue
				}
				assert.Equal(t, cny(want.value), row.WonValue[0].Money)
				assert.InDelta(t, mean(want.wonYuan)*100, row.WonValue[0].MeanMinor, 1e-9)
				assert.Equal(t, want.won, row.CycleDays.Count)
				assert.InDelta(t, mean(want.cycles["won"]), *row.CycleDays.Mean, 1e-9)
				assert.InDelta(t, median(want.cycles["won"]), *row.CycleDays.Median, 0)
			}
			for _, s := range all {
				assert.True(t, seen[key(s)], "row %q", key(s))
			}
			if by == projections.ByOwner {
				assert.Equal(t, []string{"bob", "alice", "", "carol"}, keys(got.Rows), "greatest won value first")
			}
		})
	}
}

func keys(rows []projections.SalesRow) []string {
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.Key)
	}
	return keys
}

func TestSalesCorrections(t *testing.T) {
	won := of("1", deal.Won{DealID: "1", Amount: cny(10), OpenedOn: "2024-05-01", ClosedOn: "2024-05-11", CycleDays: 10})
	for name, test := range map[string]struct {
		then             []projectionstest.Fact
		open, won, value int64
		owner            string
	}{
		"won":                {nil, 0, 1, 1000, "alice"},
		"reopened":           {[]projectionstest.Fact{of("1", deal.Reopened{DealID: "1", From: "won"})}, 1, 0, 0, "alice"},
		"worth more":         {[]projectionstest.Fact{of("1", deal.AmountChanged{DealID: "1", To: cny(25)})}, 0, 1, 2500, "alice"},
		"given away":         {[]projectionstest.Fact{of("1", deal.OwnerAssigned{DealID: "1", To: "bob"})}, 0, 1, 1000, "bob"},
		"reopened, won back": {[]projectionstest.Fact{of("1", deal.Reopened{DealID: "1", From: "won"}), won}, 0, 1, 1000, "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.History(append([]projectionstest.Fact{opened("1", "alice", "2024-05-01", cny(10)), won}, test.then...)...)
			projectionstest.Equivalent(t, projections.DealModel, events...)
			got, err := projections.Sales{Views: projectionstest.Folded(t, projections.DealModel, events...)}.Dashboard(t.Context(), projections.ByOwner)
			require.NoError(t, err)
			require.Len(t, got.Rows, 1)
			row := got.Rows[0]
			assert.Equal(t, test.owner, row.Key)
			assert.Equal(t, []int64{test.open, test.won}, []int64{row.Open, row.Won})
			assert.Equal(t, test.won, got.CycleDays.Count)
			if test.won == 0 {
				assert.Empty(t, row.WonValue)
				assert.Nil(t, got.CycleDays.Median)
				return
			}
			assert.Equal(t, test.value, row.WonValue[0].Minor)
			assert.InDelta(t, 10, *row.CycleDays.Median, 0)
		})
	}
}

// Every currency has its own median, and a row holds them all.
func TestSalesInTwoCurrencies(t *testing.T) {
	var facts []projectionstest.Fact
	for i, won := range []domain.Money{cny(10), {Minor: 700, Currency: "EUR"}, cny(30), {Minor: 100, Currency: "EUR"}, cny(200)} {
		id := strconv.Itoa(i)
		facts = append(facts, opened(id, "alice", "2024-05-01", won),
			of(id, deal.Won{DealID: id, Amount: won, OpenedOn: "2024-05-01", ClosedOn: "2024-05-11", CycleDays: int64(10 * i)}))
	}
	events := projectionstest.History(facts...)
	projectionstest.Equivalent(t, projections.DealModel, events...)
	got, err := projections.Sales{Views: projectionstest.Folded(t, projections.DealModel, events...)}.Dashboard(t.Context(), projections.ByOwner)
	require.NoError(t, err)
	require.Len(t, got.WonValue, 2)
	assert.Equal(t, cny(240), got.WonValue[0].Money)
	assert.InDelta(t, 3000, *got.WonValue[0].MedianMinor, 0)
	assert.Equal(t, domain.Money{Minor: 800, Currency: "EUR"}, got.WonValue[1].Money)
	assert.InDelta(t, 400, *got.WonValue[1].MedianMinor, 0)
	require.Len(t, got.Rows, 1)
	assert.InDelta(t, 20, *got.Rows[0].CycleDays.Median, 0, "days know no currency")
	assert.Equal(t, int64(5), got.Rows[0].CycleDays.Count)
}
