package ticket_test

import (
	"testing"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/ticket"
)

func resolve(hours float64) when {
	return func(x ticket.Ticket) (events, error) {
		return x.Resolve(ticket.Resolution{Cause: "worn seal", Solution: "new seal"}, after(hours))
	}
}

func closeAt(hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.Close(after(hours)) }
}

func propose(hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.ProposeSolution("new seal", after(hours)) }
}

func reopen(hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.Reopen("leaks again", std, after(hours)) }
}

func resolvedAt(hours float64, waited, resolved int64, replies, reopened int) ticket.Resolved {
	return ticket.Resolved{
		TicketID: "t1", CustomerID: "c1", Assignee: "bob", Class: general, Cause: "worn seal", Solution: "new seal",
		OpenedAt: start, ResolvedAt: after(hours), Seconds: int64(hours * 3600), WaitingSeconds: waited, ResolvedSeconds: resolved,
		PublicReplies: replies, Reopened: reopened, FirstContact: replies == 1 && reopened == 0,
	}
}

func TestProposeSolution(t *testing.T) {
	proposed := func(hours float64, n int) ticket.SolutionProposed {
		return ticket.SolutionProposed{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Solution: "new seal", Number: n, ProposedAt: after(hours)}
	}
	answered := fold(t, given(), replied)
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "TK-02 stops the clock", Given: answered, When: propose(2),
			Then: events{proposed(2, 1), met("first_solution", after(2), after(24), 2*hour, 24*hour)},
		},
		{
			Name: "while it waits, the pause is left out", Given: fold(t, answered, wait("customer", 2)), When: propose(10),
			Then: events{proposed(10, 1), met("first_solution", after(10), after(32), 2*hour, 24*hour)},
		},
		{
			Name: "before it began to wait, but recorded later", Given: fold(t, answered, wait("customer", 2)), When: propose(1),
			Then: events{proposed(1, 1), met("first_solution", after(1), after(24), hour, 24*hour)},
		},
		{Name: "a second one stops nothing", Given: fold(t, answered, propose(2)), When: propose(3), Then: events{proposed(3, 2)}},
		{
			Name: "too late", Given: answered, When: propose(30),
			Then: events{breached("first_solution", 24, after(30)), proposed(30, 1), ticket.SLAOverrunEnded{
				Of: of, Target: "first_solution", DueAt: after(24), StoppedAt: after(30), Seconds: 30 * hour, OverrunSeconds: 6 * hour,
			}},
		},
		{Name: "none", Given: answered, Err: input.ErrInvalid.In("solution"), When: func(x ticket.Ticket) (events, error) {
			return x.ProposeSolution("", after(2))
		}},
		{Name: "resolved", Given: fold(t, answered, resolve(2)), When: propose(3), Err: ticket.ErrResolved},
		{Name: "never opened", When: propose(1), Err: ticket.ErrNotFound},
	})
}

func TestResolve(t *testing.T) {
	answered := fold(t, given(), replied)
	firstSolution := met("first_solution", after(4), after(24), 4*hour, 24*hour)
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "TK-03 TK-08 TK-18 stops the clocks", Given: answered, When: resolve(4),
			Then: events{resolvedAt(4, 0, 0, 1, 0), firstSolution, met("resolution", after(4), after(48), 4*hour, 48*hour)},
		},
		{
			Name: "5.1.5 without a word it is no response", Given: given(), When: resolve(0.5),
			Then: events{
				resolvedAt(0.5, 0, 0, 0, 0),
				met("first_solution", after(0.5), after(24), hour/2, 24*hour), met("resolution", after(0.5), after(48), hour/2, 48*hour),
			},
		},
		{
			Name: "while it waits", Given: fold(t, answered, propose(1), wait("customer", 2)), When: resolve(12),
			Then: events{
				endedAfter("customer", 2, 12), resolvedAt(12, 10*hour, 0, 1, 0), met("resolution", after(12), after(58), 2*hour, 48*hour),
			},
		},
		{
			Name: "TK-05 too late", Given: fold(t, answered, propose(1)), When: resolve(50),
			Then: events{breached("resolution", 48, after(50)), resolvedAt(50, 0, 0, 1, 0), ticket.SLAOverrunEnded{
				Of: of, Target: "resolution", DueAt: after(48), StoppedAt: after(50), Seconds: 50 * hour, OverrunSeconds: 2 * hour,
			}},
		},
		{Name: "again", Given: fold(t, answered, resolve(4)), When: resolve(5), Then: nil},
		{Name: "closed", Given: fold(t, answered, resolve(4), closeAt(5)), When: resolve(6), Err: ticket.ErrClosed},
		{Name: "before its last change", Given: fold(t, answered, wait("customer", 2)), When: resolve(1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: resolve(1), Err: ticket.ErrNotFound},
		{Name: "control character", Given: answered, Err: input.ErrInvalid.In("cause"), When: func(x ticket.Ticket) (events, error) {
			return x.Resolve(ticket.Resolution{Cause: "a\x00b"}, after(2))
		}},
	})
}

func TestClose(t *testing.T) {
	resolved := fold(t, given(), replied, resolve(4))
	closed := ticket.Closed{TicketID: "t1", CustomerID: "c1", Assignee: "bob", ResolvedAt: after(4), ClosedAt: after(5)}
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "a resolved one", Given: resolved, When: closeAt(5), Then: events{closed}},
		{Name: "again", Given: append(resolved[:len(resolved):len(resolved)], closed), When: closeAt(6), Then: nil},
		{Name: "an open one", Given: given(), When: closeAt(5), Err: ticket.ErrNotResolved},
		{Name: "before it was resolved", Given: resolved, When: closeAt(1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: closeAt(5), Err: ticket.ErrNotFound},
	})
}

func TestReopen(t *testing.T) {
	resolved := fold(t, given(), replied, resolve(4))
	reopened := func(from string, hours float64, n int, first bool) ticket.Reopened {
		return ticket.Reopened{
			TicketID: "t1", CustomerID: "c1", Assignee: "bob", Class: general, From: from, Reason: "leaks again", OpenedAt: start,
			ResolvedAt: after(4), ReopenedAt: after(hours), Seconds: int64((hours - 4) * 3600), Reopened: n, FirstContact: first,
		}
	}
	goesOn := resumed("resolution", 24, after(68), 44*hour)
	goesOn.Reopened = true
	complexity := "complex"
	triagedComplex := func(x ticket.Ticket) (events, error) {
		return x.Triage(ticket.Sorting{Complexity: &complexity}, std, after(5))
	}
	complexReopened, complexGoesOn := reopened("resolved", 24, 1, true), goesOn
	complexReopened.Complexity, complexGoesOn.Complexity = complexity, complexity
	late := fold(t, given(), replied, propose(1), resolve(50))
	lateAgain := reopened("resolved", 60, 1, true)
	lateAgain.ResolvedAt, lateAgain.Seconds = after(50), 10*hour
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "5.1.6 the clock goes on with what was left", Given: resolved, When: reopen(24),
			Then: events{reopened("resolved", 24, 1, true), goesOn},
		},
		{
			Name: "a closed one", Given: fold(t, resolved, closeAt(5)), When: reopen(24),
			Then: events{reopened("closed", 24, 1, true), goesOn},
		},
		{
			Name: "TK-18 resolved again, it was no first-time fix", Given: fold(t, resolved, reopen(24)), When: resolve(30),
			Then: events{resolvedAt(30, 0, 20*hour, 1, 1), met("resolution", after(30), after(68), 10*hour, 48*hour)},
		},
		{Name: "a breach stays one", Given: late, When: reopen(60), Then: events{lateAgain}},
		{
			Name: "and its overrun leaves the time out that it was resolved", Given: fold(t, late, reopen(60)), When: resolve(61),
			Then: events{resolvedAt(61, 0, 10*hour, 1, 1), ticket.SLAOverrunEnded{
				Of: of, Target: "resolution", DueAt: after(48), StoppedAt: after(61), Seconds: 51 * hour, OverrunSeconds: 3 * hour,
			}},
		},
		{
			Name: "X10 found complex while it was resolved", Given: fold(t, resolved, triagedComplex), When: reopen(24),
			Then: events{complexReopened, complexGoesOn, ticket.SLARetargeted{
				Of: complexGoesOn.Of, Target: "resolution", PolicyVersion: 3, SLA: "complex", Calendar: "24x7", FromSeconds: 48 * hour, ToSeconds: 72 * hour,
				PausedBy: []string{"customer", "third_party"}, StartedAt: start, FromDueAt: after(68), DueAt: after(92), RetargetedAt: after(24),
			}},
		},
		{Name: "just within the grace", Given: resolved, When: reopen(4 + 7*24 - 0.001), Then: events{
			reopened("resolved", 4+7*24-0.001, 1, true), func() ticket.SLAResumed {
				e := resumed("resolution", 4+7*24-0.001, after(48+7*24-0.001), 44*hour)
				e.Reopened = true
				return e
			}(),
		}},
		{Name: "after the grace", Given: resolved, When: reopen(4 + 7*24), Err: ticket.ErrGraceOver, Says: "linked_to"},
		{Name: "no reason", Given: resolved, Err: input.ErrInvalid.In("reason"), When: func(x ticket.Ticket) (events, error) {
			return x.Reopen("", std, after(5))
		}},
		{Name: "an open one", Given: given(), When: reopen(5), Err: ticket.ErrNotResolved},
		{Name: "before it was resolved", Given: resolved, When: reopen(1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: reopen(5), Err: ticket.ErrNotFound},
	})
}
