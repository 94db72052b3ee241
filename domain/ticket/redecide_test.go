package ticket_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// again is what a story comes to when its facts are decided again under a policy.
func again(story events, p policy.Version, end time.Time) ticket.Ticket {
	var x ticket.Ticket
	for _, fact := range story {
		for _, e := range x.Redecide(fact, p) {
			x = ticket.Evolve(x, e)
		}
	}
	for _, e := range x.RunOut(end) {
		x = ticket.Evolve(x, e)
	}
	return x
}

// Under the policy that applied, a story comes out as it did; under another one,
// as it would have, had that applied.
func TestRedecidedStories(t *testing.T) {
	strict := policy.Version{Number: 7, Pack: policy.Standard()}
	for i := range strict.Pack.Tickets.SLA {
		for j := range strict.Pack.Tickets.SLA[i].Targets {
			target := &strict.Pack.Tickets.SLA[i].Targets[j]
			target.Seconds /= int64(2 + j)
			target.PausedBy = target.PausedBy[:min(1, len(target.PausedBy))]
		}
	}
	differs := 0
	for seed := range uint64(300) {
		lived, end := randomStory(seed, std, func(events, time.Time) {})
		want := domaintest.Fold(ticket.Aggregate, lived...)
		want = domaintest.Fold(ticket.Aggregate, append(lived, want.RunOut(end)...)...)
		got := again(lived, std, end)
		require.Equal(t, settled(want), settled(got), "story %d", seed)

		would, end := randomStory(seed, strict, func(events, time.Time) {})
		want = domaintest.Fold(ticket.Aggregate, would...)
		want = domaintest.Fold(ticket.Aggregate, append(would, want.RunOut(end)...)...)
		got = again(lived, strict, end)
		require.Equal(t, settled(want), settled(got), "story %d", seed)
		for i, c := range got.Clocks {
			if c.State == ticket.Breached && domaintest.Fold(ticket.Aggregate, lived...).Clocks[i].State == ticket.Met {
				differs++
			}
		}
	}
	assert.Positive(t, differs, "what was met under the one policy is missed under the other")
}

// settled leaves out when a clock would have been due that was met: resolving a
// ticket that waits stops its clocks where they stand, decided again they run on
// for no time.
func settled(t ticket.Ticket) ticket.Ticket {
	clocks := t.Clocks
	t.Clocks = nil
	for _, c := range clocks {
		if c.State == ticket.Met {
			c.DueAt = time.Time{}
		}
		t.Clocks = append(t.Clocks, c)
	}
	return t
}
