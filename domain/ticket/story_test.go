package ticket_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// Whatever happens to a ticket in whatever order, the laws of its clocks hold
// (definitions 5.1.3).
func TestClocksInRandomStories(t *testing.T) {
	for seed := range uint64(300) {
		randomStory(seed, std, func(story events, now time.Time) {
			for _, c := range domaintest.Fold(ticket.Aggregate, story...).Clocks {
				checkClock(t, seed, c, story, now)
			}
		})
	}
}

// randomStory tells a ticket's story under a policy, step by step, and returns
// it whole, with the time it ends.
func randomStory(seed uint64, p policy.Version, after func(events, time.Time)) (events, time.Time) {
	complexity := []string{"general", "complex"}
	priority := []string{"urgent", "important", "general"}
	random := rand.New(rand.NewPCG(seed, 1))
	now := start
	story, _ := ticket.Ticket{}.Open(ticket.Opening{TicketID: "T-1", CustomerID: "C-1", Subject: "x"}, p, start)
	for range 25 {
		now = now.Add(time.Duration(random.IntN(20*3600)) * time.Second)
		x := domaintest.Fold(ticket.Aggregate, story...)
		var recorded events
		switch random.IntN(11) {
		case 0:
			recorded, _ = x.Wait("customer", p, now)
		case 1:
			recorded, _ = x.Wait("third_party", p, now)
		case 2:
			recorded, _ = x.Resume(now)
		case 3:
			recorded, _ = x.Reply(ticket.Reply{Visibility: "public", Body: "x"}, p, now)
		case 4:
			recorded, _ = x.ProposeSolution("x", now)
		case 5:
			recorded, _ = x.Resolve(ticket.Resolution{}, now)
		case 6:
			recorded, _ = x.Reopen("x", p, now)
		case 7:
			recorded, _ = x.Triage(ticket.Sorting{Complexity: &complexity[random.IntN(2)], Priority: &priority[random.IntN(3)]}, p, now)
		case 8:
			recorded, _ = x.Receive(ticket.Message{Body: "x"}, p, now)
		case 9:
			recorded, _ = x.Close(now)
		case 10:
			recorded, _ = x.Breach(policy.Resolution, now)
		}
		story = append(story, recorded...)
		after(story, now)
	}
	return story, now
}

// checkClock counts the pauses of a clock from the events alone.
func checkClock(t *testing.T, seed uint64, c ticket.Clock, story events, now time.Time) {
	t.Helper()
	var (
		pausedAt, resolvedAt time.Time
		paused               time.Duration
		settled              int
	)
	for _, e := range story {
		switch e := domain.Event(e).(type) { // only some facts matter here
		case ticket.SLAPaused:
			if e.Target == c.Target {
				pausedAt = e.PausedAt
			}
		case ticket.SLAResumed:
			if e.Target != c.Target {
				break
			}
			if e.Reopened {
				paused += e.ResumedAt.Sub(resolvedAt)
				settled--
			} else {
				paused += e.ResumedAt.Sub(pausedAt)
			}
			pausedAt = time.Time{}
			require.Equal(t, e.RemainingSeconds, int64(e.DueAt.Sub(e.ResumedAt)/time.Second), "story %d: what is left is what is left", seed)
		case ticket.Resolved:
			resolvedAt = e.ResolvedAt
		case ticket.SLATargetMet:
			if e.Target == c.Target {
				if !pausedAt.IsZero() { // met while it stood
					paused += e.MetAt.Sub(pausedAt)
					pausedAt = time.Time{}
				}
				settled++
				require.Less(t, e.Seconds, e.TargetSeconds, "story %d: %s met in time", seed, c.Target)
				require.Equal(t, e.Seconds, int64((e.MetAt.Sub(start)-paused)/time.Second), "story %d: %s", seed, c.Target)
			}
		case ticket.SLABreached:
			if e.Target == c.Target {
				settled++
				require.False(t, e.DueAt.After(e.EffectiveAt), "story %d: %s breached when due", seed, c.Target)
				require.False(t, e.EffectiveAt.After(e.DetectedAt), "story %d: %s noticed after it came about", seed, c.Target)
			}
		}
	}
	switch c.State {
	case ticket.Running:
		require.Equal(t, start.Add(time.Duration(c.Seconds)*time.Second+paused), c.DueAt, "story %d: %s is due", seed, c.Target)
		require.Zero(t, settled, "story %d: %s runs", seed, c.Target)
	case ticket.Paused:
		require.Zero(t, c.DueAt, "story %d: %s has no due time", seed, c.Target)
	case ticket.Met, ticket.Breached:
		require.Equal(t, 1, settled, "story %d: %s settles once", seed, c.Target)
	default:
		t.Fatalf("story %d: %s is %s at %s", seed, c.Target, c.State, now)
	}
}
