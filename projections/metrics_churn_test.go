package projections_test

import (
	"fmt"
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

func TestChurn(t *testing.T) {
	c := randomClientele(t, 150, 1)
	metrics := metricsAfter(t, c.now, c.history())
	stints := map[string][]stint{}
	for id := range c.customers {
		stints[id] = c.stints(id)
	}
	seen := map[string]int{}
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		want, newly, withdrawn := broken{}, map[[2]string]int64{}, map[[2]string]int64{}
		tiers := cells{}
		for _, p := range period.Between(kind, "2024-01-01", "2024-12-31") {
			begin, end := c.before(p.From), c.last(p)
			for id, x := range c.customers {
				for _, s := range stints[id] {
					there := !s.from.After(begin) && (s.to.IsZero() || s.to.After(begin))
					ended := !s.to.IsZero() && s.to.After(begin) && !s.to.After(end)
					switch {
					case ended && s.withdrawn:
						withdrawn[[2]string{p.Name(), x.owner}]++
						seen["withdrawn"]++
					case ended && !there:
						newly[[2]string{p.Name(), x.owner}]++
						seen["newly won"]++
					}
					if !there {
						continue
					}
					lost := func(cell *cell) {
						cell.den++
						if ended && !s.withdrawn {
							cell.num++
						}
					}
					want.each(x, p.Name(), "", lost)
					lost(tiers.at(p.Name(), c.tier(id, begin), ""))
					if ended && c.tier(id, begin) != c.tier(id, s.to.Add(-time.Millisecond)) {
						seen["moved"]++
					}
				}
			}
		}
		want[projections.ByTier] = tiers
		for by, cells := range want {
			got := read(t, metrics, "churn_rate", year(kind, by))
			sameRatios(t, cells, got)
			for _, row := range got.Rows {
				if by == projections.ByOwner {
					assert.Equal(t, newly[[2]string{row.Period, row.Key}], row.Excluded["newly_won"])
					assert.Equal(t, withdrawn[[2]string{row.Period, row.Key}], row.Excluded["withdrawn"])
				}
			}
		}
	})
	for _, what := range []string{"withdrawn", "newly won", "moved"} {
		assert.Positive(t, seen[what], what)
	}
	_, err := metrics.Read(t.Context(), "churn_rate", projections.MetricFilter{Period: "whole"})
	require.ErrorIs(t, err, projections.ErrWhole)
}

// put puts a customer into a stage by hand.
func put(id, stage string, at time.Time) projectionstest.Fact {
	return projectionstest.Fact{Stream: "customer-" + id, At: at, Event: customer.LifecycleStageChanged{CustomerID: id, To: stage, EffectiveAt: at}}
}

// A year in which hardly anyone is lost, and then many at once.
func TestSuddenChurnIsAnAnomaly(t *testing.T) {
	for lost, flag := range map[int]bool{4: false, 5: true} { // fewer than five are none
		var facts []projectionstest.Fact
		for i := range 30 {
			id := fmt.Sprintf("c%d", i)
			facts = append(facts, projectionstest.Fact{Stream: "customer-" + id, Event: customer.Registered{
				CustomerID: id, Owner: []string{"ann", "bob"}[i%2], Stage: policy.Potential, RegisteredAt: day("2023-01-01"),
			}})
			facts = append(facts, contract("d"+id, id, "2023-01-05"))
		}
		facts = append(facts, put("c28", policy.Churned, day("2023-07-07")), put("c29", policy.Churned, day("2023-10-10")))
		for i := range lost {
			facts = append(facts, put(fmt.Sprintf("c%d", i), policy.Churned, day("2024-05-20")))
		}
		metrics := metricsAfter(t, day("2024-06-15"), projectionstest.History(facts...))
		rows := rowsBy(read(t, metrics, "churn_rate", projections.MetricFilter{From: "2024-01-01", To: "2024-06-01"}))
		require.Len(t, rows, 6, "the periods that are only compared with are not shown")
		row := rows[[3]string{"2024-05", "", ""}]
		require.NotNil(t, row.Anomaly)
		assert.Equal(t, flag, row.Anomaly.Flag)
		assert.InDelta(t, (1.0/30+1.0/29)/12, row.Anomaly.Mean, 1e-12)
		assert.Less(t, row.Anomaly.Limit, *row.Value)
		assert.Nil(t, rows[[3]string{"2024-01", "", ""}].Anomaly, "in January 2023 there were no customers to lose")
		calm := rows[[3]string{"2024-04", "", ""}]
		require.NotNil(t, calm.Anomaly)
		assert.False(t, calm.Anomaly.Flag)
		assert.True(t, rows[[3]string{"2024-06", "", ""}].Provisional)
	}
}

// contract is an order of a customer; it is active until its deal is closed.
func contract(id, customerID string, on domain.Date) projectionstest.Fact {
	return of(id, deal.ContractSigned{DealID: id, CustomerID: customerID, Amount: domain.Money{Minor: 6_000_000, Currency: "CNY"}, SignedOn: on})
}
