package ticket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, ticket.Types) }

type (
	events = []ticket.Event
	cases  = []domaintest.Case[ticket.Ticket, ticket.Event]
	when   = func(ticket.Ticket) (events, error)
)

const hour = int64(3600)

var (
	std     = policy.Version{Number: 3, Pack: policy.Standard()}
	general = ticket.Class{Priority: "general", Complexity: "general"}
	start   = time.Date(2026, 1, 16, 9, 30, 0, 0, time.UTC) // Friday 17:30 in Shanghai
	of      = ticket.Of{TicketID: "t1", CustomerID: "c1", Assignee: "bob", Priority: "general", Complexity: "general"}

	opened = ticket.Opened{TicketID: "t1", CustomerID: "c1", Subject: "pump leaks", Class: general, Assignee: "bob", OpenedAt: start}
	sla    = applied("standard", general, hour, 48*hour)
)

func after(hours float64) time.Time { return start.Add(time.Duration(hours * float64(time.Hour))) }

func applied(name string, class ticket.Class, response, resolution int64) ticket.SLAApplied {
	who := of
	who.Priority, who.Complexity = class.Priority, class.Complexity
	target := func(name string, seconds int64, pausedBy ...string) ticket.Applied {
		return ticket.Applied{
			Target: name, Seconds: seconds, PausedBy: pausedBy, StartedAt: start, DueAt: start.Add(time.Duration(seconds) * time.Second),
		}
	}
	return ticket.SLAApplied{Of: who, PolicyVersion: 3, SLA: name, Calendar: "24x7", Targets: []ticket.Applied{
		target("first_response", response),
		target("first_solution", 24*hour, "customer"),
		target("resolution", resolution, "customer", "third_party"),
	}}
}

func given(more ...ticket.Event) events { return append(events{opened, sla}, more...) }

// fold adds what a command records to given events, for stories of several steps.
func fold(t *testing.T, before events, steps ...when) events {
	t.Helper()
	for _, step := range steps {
		recorded, err := step(domaintest.Fold(ticket.Aggregate, before...))
		if err != nil {
			t.Fatal(err)
		}
		before = append(slices.Clip(before), recorded...)
	}
	return before
}

func met(target string, at, due time.Time, seconds, promised int64) ticket.SLATargetMet {
	return ticket.SLATargetMet{Of: of, Target: target, StartedAt: start, MetAt: at, DueAt: due, Seconds: seconds, TargetSeconds: promised}
}

func breached(target string, targetHours float64, detected time.Time) ticket.SLABreached {
	due := after(targetHours)
	return ticket.SLABreached{
		Of: of, Target: target, StartedAt: start, DueAt: due, EffectiveAt: due, DetectedAt: detected, TargetSeconds: int64(targetHours * 3600),
	}
}

func TestOpen(t *testing.T) {
	open := func(in ticket.Opening) when {
		return func(x ticket.Ticket) (events, error) { return x.Open(in, std, start) }
	}
	opening := func(change func(*ticket.Opening)) ticket.Opening {
		in := ticket.Opening{TicketID: "t1", CustomerID: "c1", Subject: "pump leaks", Assignee: "bob"}
		change(&in)
		return in
	}
	openedAs := func(class ticket.Class) ticket.Opened {
		e := opened
		e.Class = class
		return e
	}
	as := func(class ticket.Class) when {
		return open(opening(func(in *ticket.Opening) { in.Class = class }))
	}
	urgent, complicated := ticket.Class{Priority: "urgent", Complexity: "general"}, ticket.Class{Priority: "general", Complexity: "complex"}
	both := ticket.Class{Priority: "urgent", Complexity: "complex", Type: "complaint", Attribute: "product", Category: "product_quality", Scene: "after_sale"}
	bare := std
	bare.Pack.Tickets.SLA = []policy.SLA{{Name: "none", Calendar: "24x7", Targets: []policy.Target{{Name: policy.Resolution}}}}
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "TK-01 TK-02 TK-03 the defaults", When: as(ticket.Class{}), Then: events{opened, sla}},
		{Name: "X2 urgent", When: as(urgent), Then: events{openedAs(urgent), applied("urgent", urgent, hour/2, 48*hour)}},
		{Name: "TK-04 complex", When: as(complicated), Then: events{openedAs(complicated), applied("complex", complicated, hour, 72*hour)}},
		{Name: "urgent and complex", When: as(both), Then: events{openedAs(both), applied("urgent and complex", both, hour/2, 72*hour)}},
		{
			Name: "a target of zero is no clock", Then: events{opened},
			When: func(x ticket.Ticket) (events, error) { return x.Open(opening(func(*ticket.Opening) {}), bare, start) },
		},
		{Name: "twice", Given: given(), When: as(ticket.Class{}), Err: ticket.ErrExists},
		{Name: "no subject", When: open(opening(func(in *ticket.Opening) { in.Subject = "" })), Err: input.ErrInvalid.In("subject")},
		{Name: "TK-10 unknown priority", When: as(ticket.Class{Priority: "P0"}), Err: input.ErrInvalid.In("priority"), Says: "urgent, important, general"},
		{Name: "TK-12 unknown category", When: as(ticket.Class{Category: "x"}), Err: input.ErrInvalid.In("category")},
		{Name: "unknown channel", When: open(opening(func(in *ticket.Opening) { in.Channel = "fax" })), Err: input.ErrInvalid.In("channel")},
	})
}

func TestAssign(t *testing.T) {
	assign := func(to string) when {
		return func(x ticket.Ticket) (events, error) { return x.Assign(to, after(1)) }
	}
	toAnn := ticket.Assigned{TicketID: "t1", CustomerID: "c1", From: "bob", To: "ann", Status: "open", Priority: "general", AssignedAt: after(1)}
	resolved := fold(t, given(), resolve(1))
	domaintest.Run(t, ticket.Aggregate, cases{
		{Name: "names both", Given: given(), When: assign("ann"), Then: events{toAnn}},
		{Name: "to its holder", Given: given(toAnn), When: assign("ann"), Then: nil},
		{Name: "to nobody", Given: given(), When: assign(""), Err: input.ErrInvalid.In("assignee")},
		{Name: "to the program", Given: given(), When: assign("timer"), Err: input.ErrInvalid.In("assignee"), Says: "no records"},
		{Name: "resolved", Given: resolved, When: assign("ann"), Err: ticket.ErrResolved},
		{Name: "closed", Given: fold(t, resolved, closeAt(2)), When: assign("ann"), Err: ticket.ErrClosed},
		{Name: "never opened", When: assign("ann"), Err: ticket.ErrNotFound},
		{
			Name: "before it was opened", Given: given(), Err: input.ErrOutOfOrder.In("occurred_at"),
			When: func(x ticket.Ticket) (events, error) { return x.Assign("ann", after(-1)) },
		},
	})
}

func TestReply(t *testing.T) {
	reply := func(visibility, author string, hours float64) when {
		return func(x ticket.Ticket) (events, error) {
			return x.Reply(ticket.Reply{Visibility: visibility, Author: author, Body: " on it "}, std, after(hours))
		}
	}
	replied := func(hours float64, first bool, n int) ticket.Replied {
		return ticket.Replied{
			TicketID: "t1", CustomerID: "c1", Assignee: "bob", Visibility: "public", Author: "human", Body: "on it",
			First: first, PublicReplies: n, OpenedAt: start, RepliedAt: after(hours),
		}
	}
	note, bot := replied(0.5, false, 0), replied(0.5, false, 0)
	note.Visibility, bot.Author = "internal", "bot"
	inTime := given(replied(0.5, true, 1), met("first_response", after(0.5), after(1), hour/2, hour))
	late := ticket.SLAOverrunEnded{Of: of, Target: "first_response", DueAt: after(1), StoppedAt: after(3), Seconds: 3 * hour, OverrunSeconds: 2 * hour}
	corrected := met("first_response", after(0.5), after(1), hour/2, hour)
	corrected.CorrectsBreach = true
	domaintest.Run(t, ticket.Aggregate, cases{
		{
			Name: "TK-01 the first public reply of a human stops the clock", Given: given(), When: reply("public", "", 0.5),
			Then: events{replied(0.5, true, 1), met("first_response", after(0.5), after(1), hour/2, hour)},
		},
		{Name: "the second does not", Given: inTime, When: reply("public", "human", 2), Then: events{replied(2, false, 2)}},
		{Name: "5.1.5 an internal note is no response", Given: given(), When: reply("internal", "human", 0.5), Then: events{note}},
		{Name: "5.1.5 a bot's answer is no response", Given: given(), When: reply("public", "bot", 0.5), Then: events{bot}},
		{
			Name: "too late, and nobody noticed", Given: given(), When: reply("public", "human", 3),
			Then: events{breached("first_response", 1, after(3)), replied(3, true, 1), late},
		},
		{
			Name: "too late, and swept", Given: given(breached("first_response", 1, after(1.2))), When: reply("public", "human", 3),
			Then: events{replied(3, true, 1), late},
		},
		{
			Name: "at the due time is too late", Given: given(), When: reply("public", "human", 1),
			Then: events{
				breached("first_response", 1, after(1)), replied(1, true, 1),
				ticket.SLAOverrunEnded{Of: of, Target: "first_response", DueAt: after(1), StoppedAt: after(1), Seconds: hour},
			},
		},
		{
			Name: "in time, but recorded after the sweep", Given: given(breached("first_response", 1, after(1.2))), When: reply("public", "human", 0.5),
			Then: events{replied(0.5, true, 1), corrected},
		},
		{Name: "no body", Given: given(), When: func(x ticket.Ticket) (events, error) {
			return x.Reply(ticket.Reply{Visibility: "public"}, std, after(1))
		}, Err: input.ErrInvalid.In("body")},
		{Name: "neither public nor internal", Given: given(), When: reply("", "", 1), Err: input.ErrInvalid.In("visibility")},
		{Name: "unknown author", Given: given(), When: reply("public", "dog", 1), Err: input.ErrInvalid.In("author")},
		{Name: "before it was opened", Given: given(), When: reply("public", "", -2), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: reply("public", "", 1), Err: ticket.ErrNotFound},
	})
}
