package projector_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// stuttering is a log that delivers every event at least three times, in pages
// cut at random that overlap at random.
type stuttering struct {
	*memoryLog
	seed uint64
}

func (l stuttering) Pages(ctx context.Context, from domain.Position) <-chan domain.Page {
	random := rand.New(rand.NewPCG(l.seed, from.Commit)) //nolint:gosec // a test wants the same numbers again
	out := make(chan domain.Page)
	before := func(i int) domain.Position {
		if i == 0 {
			return domain.StartOfLog
		}
		return l.events[i-1].Position
	}
	go func() {
		defer close(out)
		first := 0
		for first < len(l.events) && l.events[first].Position.Compare(from) <= 0 {
			first++
		}
		at := first
		for at < len(l.events) {
			middle := min(at+1+random.IntN(9), len(l.events))
			end := min(middle+random.IntN(9), len(l.events))
			back := first + random.IntN(at-first+1)
			for _, cut := range [][2]int{{at, middle}, {back, end}, {at, end}, {back + random.IntN(at-back+1), end}} {
				page := domain.Page{Events: l.events[cut[0]:cut[1]], From: before(cut[0]), To: before(cut[1]), CaughtUp: cut[1] == len(l.events)}
				select {
				case out <- page:
				case <-ctx.Done():
					return
				}
			}
			at = end
		}
		<-ctx.Done()
	}()
	return out
}

// ES-08: events delivered three times, in random duplicates, change nothing.
func TestEveryEventThreeTimes(t *testing.T) {
	histories := map[string]struct {
		models []projections.Model
		events []domain.Recorded
	}{
		"samples":     {samples(), projectionstest.Busy(60, 41)},
		"real models": {projections.All, projectionstest.Business(25, 7)},
	}
	for name, h := range histories {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				store := projectionstest.NewMemory()
				_, stop := start(t, config(t, stuttering{newLog(1, h.events...), seed}, store, h.models...))
				reaches(t, store, last(h.events), h.models...)
				stop()
				for _, m := range h.models {
					assert.Equal(t, projectionstest.Folded(t, m, h.events...).Contents(m), store.Contents(m), "%s, seed %d", m.Name, seed)
				}
			}
		})
	}
}
