package ticket_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

func breach(target string, hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.Breach(target, after(hours)) }
}

// ES-19: a breach carries its true time, however late the sweep comes.
func TestBreach(t *testing.T) {
	answered := fold(t, given(), replied)
	waiting := fold(t, answered, wait("customer", 2))
	afterPause := breached("first_solution", 34, after(40))
	afterPause.TargetSeconds = 24 * hour
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "on time", Given: given(), When: breach("first_response", 1), Then: events{breached("first_response", 1, after(1))}},
		{Name: "two hours late", Given: given(), When: breach("first_response", 3), Then: events{breached("first_response", 1, after(3))}},
		{Name: "too early", Given: given(), When: breach("first_response", 0.99), Then: nil},
		{Name: "twice", Given: given(breached("first_response", 1, after(1))), When: breach("first_response", 3), Then: nil},
		{Name: "met meanwhile", Given: answered, When: breach("first_response", 3), Then: nil},
		{Name: "paused", Given: waiting, When: breach("first_solution", 100), Then: nil},
		{Name: "after a pause", Given: fold(t, waiting, resume(12)), When: breach("first_solution", 40), Then: events{afterPause}},
		{Name: "no such clock", Given: given(), When: breach("next_response", 100), Then: nil},
		{Name: "never opened", When: breach("resolution", 100), Err: ticket.ErrNotFound},
	})
}

func TestWarn(t *testing.T) {
	warn := func(pct int, hours float64) when {
		return func(x ticket.Ticket) (events, error) { return x.Warn("resolution", pct, after(hours)) }
	}
	warned := func(pct int, hours float64, left int64) ticket.SLAWarned {
		return ticket.SLAWarned{Of: of, Target: "resolution", Pct: pct, DueAt: after(48), WarnedAt: after(hours), RemainingSeconds: left}
	}
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "TK-14 three quarters used up", Given: given(), When: warn(75, 36), Then: events{warned(75, 36, 12*hour)}},
		{Name: "too early", Given: given(), When: warn(75, 35.9), Then: nil},
		{Name: "twice", Given: given(warned(75, 36, 12*hour)), When: warn(75, 40), Then: nil},
		{Name: "the next share", Given: given(warned(75, 36, 12*hour)), When: warn(90, 44), Then: events{warned(90, 44, 4*hour)}},
		{Name: "after the breach", Given: given(breached("resolution", 48, after(48))), When: warn(90, 49), Then: nil},
		{Name: "breached unnoticed", Given: given(), When: warn(90, 49), Then: nil},
		{Name: "resolved", Given: fold(t, given(), resolve(1)), When: warn(75, 40), Then: nil},
		{Name: "never opened", When: warn(75, 40), Err: ticket.ErrNotFound},
	})
}

func TestTriage(t *testing.T) {
	text := func(s string) *string { return &s }
	triage := func(in ticket.Sorting, p policy.Version, hours float64) when {
		return func(x ticket.Ticket) (events, error) { return x.Triage(in, p, after(hours)) }
	}
	urgent := ticket.Class{Priority: "urgent", Complexity: "general"}
	complicated := ticket.Class{Priority: "general", Complexity: "complex"}
	sorted := func(from, to ticket.Class, hours float64) ticket.Triaged {
		return ticket.Triaged{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Status: "open", From: from, To: to, TriagedAt: after(hours)}
	}
	as := func(class ticket.Class) ticket.Of {
		who := of
		who.Priority, who.Complexity = class.Priority, class.Complexity
		return who
	}
	retargeted := func(class ticket.Class, name, target string, from, to int64, hours float64, pausedBy ...string) ticket.SLARetargeted {
		due := func(s int64) time.Time { return start.Add(time.Duration(s) * time.Second) }
		return ticket.SLARetargeted{
			Of: as(class), Target: target, PolicyVersion: 3, SLA: name, Calendar: "24x7", FromSeconds: from, ToSeconds: to,
			PausedBy: pausedBy, StartedAt: start, FromDueAt: due(from), DueAt: due(to), RetargetedAt: after(hours),
		}
	}
	both := []string{"customer", "third_party"}
	faster := retargeted(urgent, "urgent", "first_response", hour, hour/2, 0.75)
	byRetarget := ticket.SLABreached{
		Of: as(urgent), Target: "first_response", StartedAt: start, DueAt: after(0.5), EffectiveAt: after(0.75), DetectedAt: after(0.75),
		TargetSeconds: hour / 2, ByRetarget: true,
	}
	longer := retargeted(complicated, "complex", "resolution", 48*hour, 72*hour, 2, both...)

	waiting := fold(t, given(), replied, wait("third_party", 2))
	whileWaiting := longer
	whileWaiting.FromDueAt, whileWaiting.DueAt, whileWaiting.RetargetedAt = time.Time{}, time.Time{}, after(5)
	sortedWaiting := sorted(general, complicated, 5)
	sortedWaiting.Status = "waiting"

	answered := fold(t, given(), replied)
	noSolution := std
	noSolution.Pack.Tickets.SLA = []policy.SLA{{Name: "lean", Calendar: "24x7", Targets: []policy.Target{
		{Name: policy.Resolution, Seconds: 48 * hour, PausedBy: both},
	}}}
	cancelled := ticket.SLACancelled{Of: as(urgent), Target: "first_solution", StartedAt: start, CancelledAt: after(2)}
	again := retargeted(general, "standard", "first_solution", 0, 24*hour, 3, "customer")
	again.FromDueAt = time.Time{}
	category := general
	category.Category, category.Type = "product_quality", "complaint"

	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "X10 complex has more time, from the original start", Given: answered, When: triage(ticket.Sorting{Complexity: text("complex")}, std, 2),
			Then: events{sorted(general, complicated, 2), longer},
		},
		{
			Name: "5.1.6 already past after the change", Given: given(), When: triage(ticket.Sorting{Priority: text("urgent")}, std, 0.75),
			Then: events{sorted(general, urgent, 0.75), faster, byRetarget},
		},
		{
			Name: "already past before the change", Given: given(), When: triage(ticket.Sorting{Priority: text("urgent")}, std, 2),
			Then: events{breached("first_response", 1, after(2)), sorted(general, urgent, 2)},
		},
		{
			Name: "a paused clock stays paused", Given: waiting, When: triage(ticket.Sorting{Complexity: text("complex")}, std, 5),
			Then: events{sortedWaiting, whileWaiting},
		},
		{
			Name: "a clock the new promise lacks is cancelled", Given: answered, When: triage(ticket.Sorting{Priority: text("urgent")}, noSolution, 2),
			Then: events{sorted(general, urgent, 2), cancelled},
		},
		{
			Name: "and comes back from the original start", Given: fold(t, answered, triage(ticket.Sorting{Priority: text("urgent")}, noSolution, 2)),
			When: triage(ticket.Sorting{Priority: text("general")}, std, 3), Then: events{sorted(urgent, general, 3), again},
		},
		{
			Name: "TK-12 what promises nothing else", Given: answered, When: triage(ticket.Sorting{Category: text("product_quality"), Type: text("complaint")}, std, 2),
			Then: events{sorted(general, category, 2)},
		},
		{Name: "nothing new", Given: answered, When: triage(ticket.Sorting{Priority: text("general")}, std, 2), Then: nil},
		{Name: "unknown", Given: answered, When: triage(ticket.Sorting{Scene: text("x")}, std, 2), Err: input.ErrInvalid.In("scene")},
		{Name: "without a priority", Given: answered, When: triage(ticket.Sorting{Priority: text("")}, std, 2), Err: input.ErrInvalid.In("priority")},
		{Name: "before it was opened", Given: answered, When: triage(ticket.Sorting{}, std, -1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: triage(ticket.Sorting{}, std, 1), Err: ticket.ErrNotFound},
	})
}

// A breach by retarget ends at the moment of the change, also when the ticket
// waits and the clock would have run out before it began to.
func TestRetargetWhileWaiting(t *testing.T) {
	text := "urgent"
	for _, hours := range []int64{1, 2} { // before it began to wait, and at that moment
		tight := std
		tight.Pack.Tickets.SLA = []policy.SLA{{Name: "tight", Calendar: "24x7", Targets: []policy.Target{
			{Name: policy.Resolution, Seconds: hours * hour, PausedBy: []string{"customer"}},
		}}}
		recorded := fold(t, given(), replied, wait("customer", 2), func(x ticket.Ticket) (events, error) {
			return x.Triage(ticket.Sorting{Priority: &text}, tight, after(5))
		})
		last, ok := recorded[len(recorded)-1].(ticket.SLABreached)
		require.True(t, ok)
		assert.True(t, last.ByRetarget)
		assert.Equal(t, after(float64(hours)), last.DueAt)
		assert.Equal(t, after(5), last.EffectiveAt)
	}
}

// Definitions 5.1.10, vector 11: 72 hours around the clock.
func TestVector11(t *testing.T) {
	recorded, err := ticket.Ticket{}.Open(ticket.Opening{TicketID: "t1", Subject: "x", Class: ticket.Class{Complexity: "complex"}}, std, start)
	require.NoError(t, err)
	promise, ok := recorded[1].(ticket.SLAApplied)
	require.True(t, ok)
	assert.Equal(t, time.Date(2026, 1, 19, 9, 30, 0, 0, time.UTC), promise.Targets[2].DueAt)
}
