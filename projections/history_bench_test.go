package projections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// manyEvents is a customer with n events: half of its own, half of ten deals.
func manyEvents(n int) []projectionstest.Fact {
	facts := []projectionstest.Fact{registered("a", "1", "Acme", "alice", "retail")}
	for d := range 10 {
		facts = append(facts, of(fmt.Sprint("d", d), deal.Opened{DealID: fmt.Sprint("d", d), CustomerID: "a", Stage: "lead", Title: "pumps"}))
	}
	for i := len(facts); i < n; i++ {
		if i%2 == 0 {
			facts = append(facts, interaction(fmt.Sprint("i", i), day("2024-05-12").Add(time.Duration(i)*time.Second), true))
			continue
		}
		id := fmt.Sprint("d", i%10)
		facts = append(facts, of(id, deal.OwnerAssigned{DealID: id, CustomerID: "a", From: fmt.Sprint("p", i-10), To: fmt.Sprint("p", i)}))
	}
	return facts
}

func BenchmarkHistory(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		events := projectionstest.History(manyEvents(n)...)
		log := &projectionstest.Log{Events: events}
		store := projectionstest.NewMemory()
		for _, m := range []projections.Model{projections.CustomerModel, projections.DealModel, projections.TicketModel} {
			changes, err := m.Folder(store.Loader(m)).Fold(b.Context(), events)
			if err != nil {
				b.Fatal(err)
			}
			commit := projections.Commit{Model: m, To: projections.Mark{Position: events[len(events)-1].Position}, Changes: changes}
			if err := store.Commit(b.Context(), commit); err != nil {
				b.Fatal(err)
			}
			if err := store.Serve(b.Context(), m, projections.Mark{}); err != nil {
				b.Fatal(err)
			}
		}
		h := projections.History{
			Streams: projections.NewStreams(log, 0), Views: store,
			Policy: func() policy.Policy { return policy.Policy{} }, Now: time.Now,
		}
		run := func(name string, ask func() error) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if err := ask(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		middle := projections.Point{KnownAt: events[n/2].RecordedAt}
		run("page", func() error {
			_, err := h.Tell(b.Context(), kind("customers"), "a", projections.HistoryFilter{})
			return err
		})
		run("as_of", func() error { _, err := h.Document(b.Context(), kind("customers"), "a", middle); return err })
		run("diff", func() error {
			_, err := h.Diff(b.Context(), kind("customers"), "a", middle, projections.Point{})
			return err
		})
		run("export", func() error {
			_, all, err := h.All(b.Context(), kind("customers"), "a", projections.HistoryFilter{Order: "oldest"})
			if err != nil {
				return err
			}
			for _, err := range all {
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}
