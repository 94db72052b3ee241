package projections

import (
	"context"
	"strings"

	"github.com/annals-crm/annals/domain/access"
)

// ofOwners is the dashboard of the deals that owners within reach have.
func (q Sales) ofOwners(ctx context.Context, by string, reach access.Reach) (SalesDashboard, error) {
	if by != ByOwner {
		return SalesDashboard{}, access.ErrBeyondReach.Because("you see the figures of %s; ask with by=owner", strings.Join(reach.Owners(), ", "))
	}
	group, cycles := salesBy+ByOwner, cycleBy+ByOwner
	figures, err := q.Views.Figures(restricted(ctx), DealModel, Ask{Groups: []string{group}, Divided: []string{cycles}})
	if err != nil {
		return SalesDashboard{}, err
	}
	counts := map[string]int64{}
	for field, n := range figures.Counts[group] {
		if part := strings.SplitN(field, ":", 3); reach.Includes(part[len(part)-1]) {
			counts[field] = n
		}
	}
	whole := wholeSales(counts)
	rows := inSalesOrder(salesRows(counts, figures.Divided[cycles]), by, whole.WonValue)
	return SalesDashboard{Position: figures.Position, SalesFigures: whole, CycleDays: together(rows), By: by, Rows: rows}, nil
}

// together is the cycle of all rows. The median of several cannot be told from
// theirs.
func together(rows []SalesRow) Spread {
	var all Spread
	var days float64
	for _, row := range rows {
		if row.CycleDays.Mean == nil {
			continue
		}
		all.Count += row.CycleDays.Count
		days += *row.CycleDays.Mean * float64(row.CycleDays.Count)
		all.Median = row.CycleDays.Median
		if all.Count != row.CycleDays.Count {
			all.Median = nil
		}
	}
	if all.Count > 0 {
		mean := days / float64(all.Count)
		all.Mean = &mean
	}
	return all
}
