package ticket_test

import (
	"testing"
	"time"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/ticket"
)

func wait(reason string, hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.Wait(reason, std, after(hours)) }
}

func resume(hours float64) when {
	return func(x ticket.Ticket) (events, error) { return x.Resume(after(hours)) }
}

func started(reason string, hours float64) ticket.WaitingStarted {
	return ticket.WaitingStarted{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Reason: reason, StartedAt: after(hours)}
}

func endedAfter(reason string, from, to float64) ticket.WaitingEnded {
	return ticket.WaitingEnded{
		TicketID: "t1", CustomerID: "c1", Assignee: "bob", Reason: reason,
		StartedAt: after(from), EndedAt: after(to), Seconds: int64((to - from) * 3600),
	}
}

func paused(target string, hours float64, due time.Time, left int64) ticket.SLAPaused {
	return ticket.SLAPaused{Of: of, Target: target, PausedAt: after(hours), DueAt: due, RemainingSeconds: left}
}

func resumed(target string, hours float64, due time.Time, left int64) ticket.SLAResumed {
	return ticket.SLAResumed{Of: of, Target: target, ResumedAt: after(hours), DueAt: due, RemainingSeconds: left}
}

// replied stops the response clock, which never pauses, after half an hour.
var replied = func(x ticket.Ticket) (events, error) {
	return x.Reply(ticket.Reply{Visibility: "public", Body: "on it"}, std, after(0.5))
}

func TestWait(t *testing.T) {
	answered := fold(t, given(), replied)
	waiting := fold(t, answered, wait("customer", 2))
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "5.1.4 waiting for the customer pauses both", Given: answered, When: wait("customer", 2),
			Then: events{started("customer", 2), paused("first_solution", 2, after(24), 22*hour), paused("resolution", 2, after(48), 46*hour)},
		},
		{
			Name: "waiting for a third party pauses the resolution", Given: answered, When: wait("third_party", 2),
			Then: events{started("third_party", 2), paused("resolution", 2, after(48), 46*hour)},
		},
		{
			Name: "for someone else instead", Given: waiting, When: wait("third_party", 5),
			Then: events{
				endedAfter("customer", 2, 5), resumed("first_solution", 5, after(27), 22*hour), resumed("resolution", 5, after(51), 46*hour),
				started("third_party", 5), paused("resolution", 5, after(51), 46*hour),
			},
		},
		{
			Name: "a clock that has run out is not paused", Given: given(), When: wait("customer", 2),
			Then: events{
				breached("first_response", 1, after(2)),
				started("customer", 2), paused("first_solution", 2, after(24), 22*hour), paused("resolution", 2, after(48), 46*hour),
			},
		},
		{Name: "it does already", Given: waiting, When: wait("customer", 5), Then: nil},
		{Name: "no reason", Given: answered, When: wait("", 2), Err: input.ErrInvalid.In("reason")},
		{Name: "unknown reason", Given: answered, When: wait("weekend", 2), Err: input.ErrInvalid.In("reason"), Says: "customer, third_party"},
		{Name: "before it began to", Given: waiting, When: wait("third_party", 1), Err: input.ErrOutOfOrder},
		{Name: "resolved", Given: fold(t, answered, resolve(2)), When: wait("customer", 3), Err: ticket.ErrResolved},
		{Name: "never opened", When: wait("customer", 2), Err: ticket.ErrNotFound},
	})
}

func TestResume(t *testing.T) {
	answered := fold(t, given(), replied)
	waiting := fold(t, answered, wait("customer", 2))
	twice := fold(t, waiting, resume(12), wait("third_party", 20))
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "5.1.3 goes on with what was left", Given: waiting, When: resume(12),
			Then: events{endedAfter("customer", 2, 12), resumed("first_solution", 12, after(34), 22*hour), resumed("resolution", 12, after(58), 46*hour)},
		},
		{
			Name: "pauses add up", Given: twice, When: resume(30),
			Then: events{endedAfter("third_party", 20, 30), resumed("resolution", 30, after(68), 38*hour)},
		},
		{Name: "it does not wait", Given: answered, When: resume(2), Then: nil},
		{Name: "before it began to", Given: waiting, When: resume(1), Err: input.ErrOutOfOrder},
		{Name: "resolved", Given: fold(t, answered, resolve(2)), When: resume(3), Err: ticket.ErrResolved},
		{Name: "never opened", When: resume(2), Err: ticket.ErrNotFound},
	})
}

func TestReceive(t *testing.T) {
	receive := func(hours float64) when {
		return func(x ticket.Ticket) (events, error) {
			return x.Receive(ticket.Message{Channel: "email", Body: "here it is"}, std, after(hours))
		}
	}
	message := func(hours float64) ticket.CustomerMessaged {
		return ticket.CustomerMessaged{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Channel: "email", Body: "here it is", MessagedAt: after(hours)}
	}
	answered := fold(t, given(), replied)
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "is recorded", Given: answered, When: receive(2), Then: events{message(2)}},
		{
			Name: "ends waiting for the customer", Given: fold(t, answered, wait("customer", 2)), When: receive(12),
			Then: events{
				message(12), endedAfter("customer", 2, 12),
				resumed("first_solution", 12, after(34), 22*hour), resumed("resolution", 12, after(58), 46*hour),
			},
		},
		{Name: "not for a third party", Given: fold(t, answered, wait("third_party", 2)), When: receive(12), Then: events{message(12)}},
		{Name: "one from before the waiting does not", Given: fold(t, answered, wait("customer", 2)), When: receive(1), Then: events{message(1)}},
		{Name: "a thank-you reopens nothing", Given: fold(t, answered, resolve(2)), When: receive(3), Then: events{message(3)}},
		{Name: "no body", Given: answered, When: func(x ticket.Ticket) (events, error) {
			return x.Receive(ticket.Message{}, std, after(1))
		}, Err: input.ErrInvalid.In("body")},
		{Name: "before it was opened", Given: answered, When: receive(-1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: receive(1), Err: ticket.ErrNotFound},
	})
}

func TestLogActivity(t *testing.T) {
	log := func(activity string) when {
		return func(x ticket.Ticket) (events, error) { return x.LogActivity(activity, "level 2", after(1)) }
	}
	logged := func(n int) ticket.ActivityLogged {
		return ticket.ActivityLogged{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Activity: "escalate", Note: "level 2", Number: n, LoggedAt: after(1)}
	}
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "first", Given: given(), When: log("escalate"), Then: events{logged(1)}},
		{Name: "second", Given: given(logged(1)), When: log("escalate"), Then: events{logged(2)}},
		{Name: "without a name", Given: given(), When: log(""), Err: input.ErrInvalid.In("activity")},
		{Name: "never opened", When: log("escalate"), Err: ticket.ErrNotFound},
	})
}
