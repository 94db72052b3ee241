package projections

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
)

// Dimensions sales figures are broken down by. Every deal is in one row of each,
// so the whole is the sum of the rows of any.
const (
	ByOwner   = "owner"
	ByProduct = "product"
	ByRegion  = "region"
	ByMonth   = "month" // of closing, and of opening while open
)

// Groups of counts, and sets of samples, behind the dashboard.
const (
	salesBy     = "sales:"  // and a dimension; fields are what:currency:value
	cycleBy     = "cycles:" // and a dimension: won deals, in parts by its values
	cycleWon    = "cycle:won"
	cycleLost   = "cycle:lost"
	cycleClosed = "cycle:closed"
	wonAmount   = "won_amount" // in parts by currency
)

// salesFacts count deals by where they stand now, so a reopened deal is out of
// the closed ones again, and a deal counts for the owner it has.
func (d *Deal) salesFacts(f *Facts) {
	month := d.ClosedOn.Month()
	if d.Status == deal.Open {
		month = d.OpenedOn.Month()
	}
	rows := [4]struct{ counts, cycles, value string }{
		{salesBy + ByOwner, cycleBy + ByOwner, d.Owner},
		{salesBy + ByProduct, cycleBy + ByProduct, d.Product},
		{salesBy + ByRegion, cycleBy + ByRegion, d.Region},
		{salesBy + ByMonth, cycleBy + ByMonth, month},
	}
	status, value := d.Status+":"+d.Amount.Currency+":", "value:"+d.Amount.Currency+":"
	for _, row := range rows[:] {
		f.Count(row.counts, status+row.value, 1)
		if d.Status == deal.StatusWon {
			f.Count(row.counts, value+row.value, d.Amount.Minor)
			f.SampleBy(row.cycles, row.value, d.CycleDays)
		}
	}
	switch d.Status {
	case deal.StatusWon:
		f.Sample(cycleWon, d.CycleDays)
		f.Sample(cycleClosed, d.CycleDays)
		f.SampleBy(wonAmount, d.Amount.Currency, d.Amount.Minor)
	case deal.StatusLost:
		f.Sample(cycleLost, d.CycleDays)
		f.Sample(cycleClosed, d.CycleDays)
	}
}

// Sales answers how selling goes.
type Sales struct{ Views Views }

// SalesFilter asks for the dashboard.
type SalesFilter struct {
	By string `query:"by" enum:"owner,product,region,month" doc:"Break the figures down by this. A month is that of closing, for open deals that of opening"`
}

// SalesDashboard is won and lost deals by close date, as of one position
// (definitions 5.4).
type SalesDashboard struct {
	Position domain.Position `json:"position" doc:"Log position the figures are as of"`
	SalesFigures
	CycleDays       Spread     `json:"cycle_days" doc:"Calendar days from opening to closing of won deals"`
	LostCycleDays   Spread     `json:"lost_cycle_days" doc:"Of lost deals"`
	ClosedCycleDays Spread     `json:"closed_cycle_days" doc:"Of won and lost deals"`
	By              string     `json:"by,omitempty" doc:"What rows are broken down by"`
	Rows            []SalesRow `json:"rows,omitempty" nullable:"false" doc:"By month in time; else greatest won value first"`
}

// SalesFigures are counts and values of deals.
type SalesFigures struct {
	Open     int64      `json:"open" doc:"Open deals" example:"2089"`
	Won      int64      `json:"won" doc:"Won deals" example:"4238"`
	Lost     int64      `json:"lost" doc:"Lost deals" example:"2473"`
	Closed   int64      `json:"closed" doc:"won + lost" example:"6711"`
	WinRate  *float64   `json:"win_rate" doc:"won / closed, as a fraction; null if nothing is closed" example:"0.631501"`
	WonValue []WonValue `json:"won_value" doc:"By currency, that of most won deals first" nullable:"false"`
}

// SalesRow is the figures of one owner, product, region or month.
type SalesRow struct {
	Key string `json:"key" doc:"Owner, product, region or month; empty where deals have none" example:"2024-05"`
	SalesFigures
	CycleDays Spread `json:"cycle_days" doc:"Calendar days from opening to closing of won deals"`
}

// WonValue is what was won in one currency.
type WonValue struct {
	domain.Money
	Deals       int64    `json:"deals" doc:"Deals won" example:"4238"`
	MeanMinor   float64  `json:"mean_minor" doc:"Mean won deal, in minor units"`
	MedianMinor *float64 `json:"median_minor,omitempty" doc:"Median won deal, in minor units; only of the whole"`
}

// Dashboard returns the sales figures, by one dimension too if by names one. Who
// does not see all deals gets those of the owners within reach, by owner, and no
// medians of several; otherwise it fails with access.ErrBeyondReach.
func (q Sales) Dashboard(ctx context.Context, by string) (SalesDashboard, error) {
	if reach := reachOf(ctx); reach.Limited() {
		return q.ofOwners(ctx, by, reach)
	}
	group := salesBy + cmp.Or(by, ByMonth)
	ask := Ask{Groups: []string{group}, Samples: []string{cycleWon, cycleLost, cycleClosed}, Divided: []string{wonAmount}}
	if by != "" {
		ask.Divided = append(ask.Divided, cycleBy+by)
	}
	figures, err := q.Views.Figures(ctx, DealModel, ask)
	if err != nil {
		return SalesDashboard{}, err
	}
	whole := wholeSales(figures.Counts[group])
	for i := range whole.WonValue {
		d := figures.Divided[wonAmount][whole.WonValue[i].Currency]
		whole.WonValue[i].MedianMinor = &d.Median
	}
	dashboard := SalesDashboard{
		Position: figures.Position, SalesFigures: whole,
		CycleDays: spread(figures.Samples[cycleWon]), LostCycleDays: spread(figures.Samples[cycleLost]),
		ClosedCycleDays: spread(figures.Samples[cycleClosed]),
	}
	if by != "" {
		dashboard.By, dashboard.Rows = by, inSalesOrder(salesRows(figures.Counts[group], figures.Divided[cycleBy+by]), by, whole.WonValue)
	}
	return dashboard, nil
}

// wholeSales adds up counts, fields being what:currency:value of a dimension.
func wholeSales(counts map[string]int64) SalesFigures {
	var whole salesSums
	for field, n := range counts {
		what, rest, _ := strings.Cut(field, ":")
		currency, _, _ := strings.Cut(rest, ":")
		whole.add(what, currency, n)
	}
	return whole.figures()
}

func salesRows(counts map[string]int64, cycles map[string]Distribution) []SalesRow {
	rows := map[string]*salesSums{}
	for field, n := range counts {
		what, rest, _ := strings.Cut(field, ":")
		currency, key, _ := strings.Cut(rest, ":")
		if rows[key] == nil {
			rows[key] = &salesSums{}
		}
		rows[key].add(what, currency, n)
	}
	list := make([]SalesRow, 0, len(rows))
	for key, sums := range rows {
		list = append(list, SalesRow{Key: key, SalesFigures: sums.figures(), CycleDays: spread(cycles[key])})
	}
	return list
}

// inSalesOrder sorts months in time, other rows by what was won in the currency
// most deals were won in.
func inSalesOrder(rows []SalesRow, by string, won []WonValue) []SalesRow {
	value := func(r SalesRow) int64 {
		for _, v := range r.WonValue {
			if v.Currency == won[0].Currency {
				return v.Minor
			}
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b SalesRow) int {
		if by == ByMonth || len(won) == 0 {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(a.Key, b.Key))
	})
	return rows
}
