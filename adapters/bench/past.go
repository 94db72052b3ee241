package bench

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// longDeals is how many deals of one length there are: each has a first time once.
const longDeals = 5

// past asks for the history of deals, and for what they were half-way, by how
// many events there are of them: for the first time, when nothing of them is in
// the memory of the server, and then again and again.
func (b *bench) past(ctx context.Context) error {
	for _, length := range []int{100, 1_000, 10_000} {
		var record string
		var middle time.Time
		var first []time.Duration
		for n := range longDeals {
			id, half, err := b.longDeal(ctx, length, n)
			if err != nil {
				return err
			}
			record, middle = "/v1/queries/deals/"+id, half
			taken, err := b.once(ctx, b.requests.get(record+"/history"))
			if err != nil {
				return err
			}
			first = append(first, taken)
		}
		slices.Sort(first)
		b.report.section(fmt.Sprintf("The past of a deal with %s events, 1 caller", number(float64(length))), "")
		b.report.figure(fmt.Sprintf("a page of its history, for the first time, the middle one of %d", longDeals), milliseconds(first[longDeals/2]), " ms", below(50, " ms"))
		b.report.figure("– the slowest", milliseconds(first[longDeals-1]), " ms", goal{})
		for _, asked := range []struct{ what, path string }{
			{"a page of its history, again", record + "/history"},
			{"the deal as of half-way", record + "?as_of=" + url.QueryEscape(middle.Format(time.RFC3339Nano))},
		} {
			request := b.requests.get(asked.path)
			s, err := b.ask(ctx, 1, func(int, int) []byte { return request })
			if err != nil {
				return err
			}
			b.report.figure(asked.what+": half within", milliseconds(quantile(s.sorted(), 0.5)), " ms", goal{})
			b.report.figure("– 99 % within", milliseconds(quantile(s.sorted(), 0.99)), " ms", below(50, " ms"), s.costs(b.config.Processes))
		}
	}
	return nil
}

// once is how long one request takes.
func (b *bench) once(ctx context.Context, request []byte) (time.Duration, error) {
	c, err := dial(ctx, b.config.Server)
	if err != nil {
		return 0, err
	}
	defer c.close()
	start := time.Now()
	_, err = c.do(request)
	return time.Since(start), err
}

// longDeal appends a deal that moves back and forth, and returns a time half-way.
func (b *bench) longDeal(ctx context.Context, length, n int) (id string, middle time.Time, err error) {
	id = b.seed.id(fmt.Sprintf("long deal %d", n), length)
	at := domain.Instant(time.Now()).Add(-time.Duration(length+1) * time.Second)
	facts := []domain.Event{deal.Opened{
		DealID: id, Title: "long", Owner: "bench", Stage: policy.Lead, Probability: 10, OpenedAt: at, OpenedOn: domain.DateOf(at, time.UTC),
	}}
	stages := [...]string{policy.Lead, policy.Opportunity}
	for n := 1; n < length; n++ {
		before := at
		at = at.Add(time.Second)
		facts = append(facts, deal.StageMoved{
			DealID: id, Owner: "bench", From: stages[(n+1)%2], To: stages[n%2], Direction: deal.Forward, EnteredAt: before, MovedAt: at, MovedOn: domain.DateOf(at, time.UTC),
		})
		if n == length/2 {
			middle = at
		}
	}
	events := b.seed.envelop(facts)
	for i := range events {
		if moved, ok := facts[i].(deal.StageMoved); ok {
			events[i].Meta.OccurredAt = moved.MovedAt
		} else {
			events[i].Meta.OccurredAt = middle.Add(-time.Duration(length) * time.Second)
		}
	}
	revision, done := commands.NoStream, commands.Appended{}
	for len(events) > 0 {
		some := events[:min(len(events), 500)]
		if done, err = b.log.Append(ctx, deal.Aggregate.Stream(id), revision, some); err != nil {
			return id, middle, err //nolint:wrapcheck // says it best
		}
		revision, events = int64(done.Revision), events[len(some):]
	}
	return id, middle, b.reached(ctx, done.Position)
}
