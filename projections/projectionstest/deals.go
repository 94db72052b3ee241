package projectionstest

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// Deals is a history of n deals as the real read models see them: opened, moved
// twice and won. Apart says how many deals are under way at a time.
func Deals(n, apart int) []domain.Recorded {
	var facts []Fact
	for first := 0; first < n; first += apart {
		for phase := range 4 {
			for i := first; i < min(first+apart, n); i++ {
				id, owner := JobID(i), fmt.Sprintf("owner%d", i%20)
				amount := domain.Money{Minor: int64(i%1000+1) * 1000, Currency: "CNY"}
				opened := time.Date(2024, 1, 1+i*365/n, 9, 0, 0, 0, time.UTC)
				at := opened.AddDate(0, 0, 10*phase)
				on := func(t time.Time) domain.Date { return domain.DateOf(t, time.UTC) }
				var e domain.Event
				switch phase {
				case 0:
					e = deal.Opened{
						DealID: id, Title: "40 pumps for plant " + id, Owner: owner, Amount: amount, CustomerID: JobID(i / 3), Product: "GTX", Region: "east",
						Stage: policy.Lead, Probability: 10, OpenedAt: at, OpenedOn: on(opened),
					}
				case 1:
					e = deal.StageMoved{DealID: id, From: policy.Lead, To: policy.Quote, Probability: 50, MovedAt: at, MovedOn: on(at)}
				case 2:
					e = deal.StageMoved{DealID: id, From: policy.Quote, To: policy.Deal, Probability: 80, MovedAt: at, MovedOn: on(at)}
				case 3:
					e = deal.Won{DealID: id, Owner: owner, Stage: policy.Deal, Amount: amount, OpenedOn: on(opened), ClosedOn: on(at), CycleDays: 30, ClosedAt: at}
				}
				facts = append(facts, Fact{Stream: "deal-" + id, Event: e})
			}
		}
	}
	return History(facts...)
}
