package projections

import (
	"cmp"
	"slices"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
)

// salesSums add up the counts of deals.
type salesSums struct {
	open, won, lost int64
	deals, value    amounts // won, by currency
}

func (s *salesSums) add(what, currency string, n int64) {
	if s.deals == nil {
		s.deals, s.value = amounts{}, amounts{}
	}
	switch what {
	case deal.Open:
		s.open += n
	case deal.StatusLost:
		s.lost += n
	case deal.StatusWon:
		s.won += n
		s.deals[currency] += n
	case "value":
		s.value[currency] += n
	}
}

func (s *salesSums) figures() SalesFigures {
	f := SalesFigures{Open: s.open, Won: s.won, Lost: s.lost, Closed: s.won + s.lost, WonValue: []WonValue{}}
	f.WinRate = ratio(f.Won, f.Closed)
	for currency, deals := range s.deals {
		value := domain.Money{Minor: s.value[currency], Currency: currency}
		f.WonValue = append(f.WonValue, WonValue{Money: value, Deals: deals, MeanMinor: float64(value.Minor) / float64(deals)})
	}
	slices.SortFunc(f.WonValue, func(a, b WonValue) int {
		return cmp.Or(cmp.Compare(b.Deals, a.Deals), cmp.Compare(a.Currency, b.Currency))
	})
	return f
}

// ratio is null when its denominator is 0.
func ratio(numerator, denominator int64) *float64 {
	if denominator == 0 {
		return nil
	}
	r := float64(numerator) / float64(denominator)
	return &r
}

// Spread describes how a figure is distributed; null without values.
type Spread struct {
	Count  int64    `json:"count" doc:"How many values" example:"4238"`
	Mean   *float64 `json:"mean" doc:"Mean" example:"51.782"`
	Median *float64 `json:"median" doc:"Middle value, or halfway between the two middle ones"`
}

func spread(d Distribution) Spread {
	if d.Count == 0 {
		return Spread{}
	}
	return Spread{Count: d.Count, Mean: ratio(d.Sum, d.Count), Median: &d.Median}
}
