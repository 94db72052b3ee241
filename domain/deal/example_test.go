package deal_test

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// A decision takes a state and gives events; folding them gives the next state.
func Example() {
	standard := policy.Version{Pack: policy.Standard()}
	monday := time.Date(2024, 6, 3, 1, 0, 0, 0, time.UTC)

	var d deal.Deal
	follow := func(events []deal.Event, err error) {
		if err != nil {
			fmt.Println("refused:", err)
		}
		for _, e := range events {
			fmt.Println(e.EventType())
			d = deal.Evolve(d, e)
		}
	}
	follow(d.Open(deal.Opening{DealID: "d1", Title: "Two pumps", Amount: domain.Money{Minor: 1_200_000, Currency: "CNY"}}, standard, monday))
	follow(d.Move(policy.Quote, "", standard, monday))
	follow(d.SendQuote(deal.Quoting{}, standard, monday))
	fmt.Println(d.Stage, d.Probability)
	// Output:
	// deal.opened.v1
	// refused: stage quote needs quote_sent; send-quote records it
	// deal.quote_sent.v1
	// deal.stage_moved.v1
	// quote 50
}
