package projections

import (
	"maps"
	"slices"

	"github.com/annals-crm/annals/domain"
)

// amounts are minor units by currency; currencies never add up.
type amounts map[string]int64

// list is the amounts by currency, never nil.
func (a amounts) list() []domain.Money {
	money := make([]domain.Money, 0, len(a))
	for _, currency := range slices.Sorted(maps.Keys(a)) {
		money = append(money, domain.Money{Minor: a[currency], Currency: currency})
	}
	return money
}

// hundredth is list of amounts that were summed times per cent, rounded half up.
func (a amounts) hundredth() []domain.Money {
	money := a.list()
	for i := range money {
		money[i].Minor = (money[i].Minor + 50) / 100
	}
	return money
}

// sums are the figures of a stage.
type sums struct {
	deals            int64
	amount, weighted amounts
}

func (s *sums) add(what, currency string, n int64) {
	if s.amount == nil {
		s.amount, s.weighted = amounts{}, amounts{}
	}
	switch what {
	case "count":
		s.deals += n
		s.amount[currency] += 0 // a currency with deals is shown, even at 0
		s.weighted[currency] += 0
	case "amount":
		s.amount[currency] += n
	case "weighted":
		s.weighted[currency] += n
	}
}
