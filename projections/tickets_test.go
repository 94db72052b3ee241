package projections_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// monday is when the tickets of tests begin.
func monday() time.Time { return time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC) }

// desk makes histories of tickets by having the domain decide.
type desk struct {
	t       *testing.T
	policy  policy.Version
	tickets map[string]ticket.Ticket
	facts   []projectionstest.Fact
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{t: t, policy: policy.Version{Pack: policy.Standard()}, tickets: map[string]ticket.Ticket{}}
}

// at does something with a ticket so many minutes after monday.
func (d *desk) at(minute int, id string, decide func(ticket.Ticket, time.Time) ([]ticket.Event, error)) {
	d.t.Helper()
	at := monday().Add(time.Duration(minute) * time.Minute)
	events, err := decide(d.tickets[id], at)
	require.NoError(d.t, err)
	for _, e := range events {
		d.tickets[id] = ticket.Evolve(d.tickets[id], e)
		d.facts = append(d.facts, projectionstest.Fact{Stream: "ticket-" + id, Event: e, At: at, By: "sue"})
	}
}

func (d *desk) open(minute int, id, assignee, priority string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Open(ticket.Opening{
			TicketID: id, CustomerID: "c-" + assignee, Subject: "ticket " + id, Assignee: assignee,
			Class: ticket.Class{Priority: priority, Category: "other"},
		}, d.policy, at)
	})
}

func (d *desk) reply(minute int, id string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Reply(ticket.Reply{Visibility: ticket.Public, Body: "received"}, d.policy, at)
	})
}

func (d *desk) wait(minute int, id string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Wait(policy.WaitingForCustomer, d.policy, at)
	})
}

func (d *desk) resume(minute int, id string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Resume(at) })
}

func (d *desk) log(minute int, id string, activities ...string) {
	d.t.Helper()
	for _, activity := range activities {
		d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.LogActivity(activity, "", at) })
	}
}

func (d *desk) resolve(minute int, id string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Resolve(ticket.Resolution{Cause: "dust", Solution: "cleaned"}, at)
	})
}

func (d *desk) reopen(minute int, id string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Reopen("again", d.policy, at) })
}

func (d *desk) breach(minute int, id, target string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Breach(target, at) })
}

func (d *desk) triage(minute int, id, priority string) {
	d.t.Helper()
	d.at(minute, id, func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Triage(ticket.Sorting{Priority: &priority}, d.policy, at)
	})
}

func (d *desk) history() []domain.Recorded { return projectionstest.History(d.facts...) }

// busyDesk has tickets in every state: a answered, b waiting, c urgent and
// overdue, d resolved, e closed, f reopened.
func busyDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.open(0, "a", "alice", "general")
	d.open(1, "b", "bob", "general")
	d.open(2, "c", "alice", "urgent")
	d.open(3, "d", "bob", "general")
	d.open(4, "e", "bob", "important")
	d.open(5, "f", "", "general")
	for _, id := range []string{"a", "b", "d", "f"} {
		d.reply(30, id)
	}
	d.wait(40, "b")
	d.resolve(50, "e")
	d.at(55, "e", func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Close(at) })
	d.breach(60, "c", policy.FirstResponse)
	d.log(70, "d", "1", "8", "6")
	d.resolve(100, "d")
	d.resolve(130, "f")
	d.reopen(190, "f")
	return d
}

func TestTicketModelDoesNotDependOnPages(t *testing.T) {
	d := busyDesk(t)
	d.triage(200, "a", "urgent")
	d.triage(201, "b", "urgent")
	d.reply(210, "c")
	d.resume(220, "b")
	d.at(230, "a", func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Assign("bob", at) })
	d.at(231, "a", func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.ProposeSolution("dust it", at) })
	d.at(232, "a", func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) {
		return t.Receive(ticket.Message{Body: "thanks"}, d.policy, at)
	})
	d.at(2500, "a", func(t ticket.Ticket, at time.Time) ([]ticket.Event, error) { return t.Warn(policy.Resolution, 75, at) })
	d.resolve(2600, "f")
	projectionstest.Equivalent(t, projections.TicketModel, d.history()...)
}

func TestTicketsGet(t *testing.T) {
	d := newDesk(t)
	d.open(0, "a", "alice", "general")
	d.breach(60, "a", policy.FirstResponse)
	d.reply(90, "a")
	d.log(91, "a", "1", "8")
	d.wait(100, "a")
	tickets := projections.Tickets{Views: projectionstest.Folded(t, projections.TicketModel, d.history()...)}

	text, err := tickets.Get(t.Context(), "a")
	require.NoError(t, err)
	var got projections.Ticket
	require.NoError(t, json.Unmarshal(text, &got))
	at := func(minute int) time.Time { return monday().Add(time.Duration(minute) * time.Minute) }
	assert.Equal(t, projections.Ticket{
		Head:       projections.Head{ID: "a", Revision: got.Revision, UpdatedAt: at(100), UpdatedBy: "sue"},
		CustomerID: "c-alice", Subject: "ticket a", Class: ticket.Class{Priority: "general", Complexity: "general", Category: "other"},
		Assignee: "alice", Status: ticket.Waiting, StatusSince: at(100), WaitsFor: policy.WaitingForCustomer,
		OpenedAt: at(0), OpenedBy: "sue", RespondedAt: at(90), PublicReplies: 1, Activities: []string{"1", "8"}, SLA: "standard",
		Clocks: []projections.Clock{
			{
				Target: policy.FirstResponse, State: ticket.Breached, Seconds: 3600, StartedAt: at(0), DueAt: at(60),
				BreachedAt: at(60), StoppedAt: at(90), OverrunSeconds: 1800, RanSeconds: 5400,
			},
			{Target: policy.FirstSolution, State: ticket.Paused, Seconds: 24 * 3600, StartedAt: at(0), LeftSeconds: 24*3600 - 6000},
			{Target: policy.Resolution, State: ticket.Paused, Seconds: 48 * 3600, StartedAt: at(0), LeftSeconds: 48*3600 - 6000},
		},
	}, got)

	_, err = tickets.Get(t.Context(), "nobody")
	require.ErrorIs(t, err, ticket.ErrNotFound)
}

func TestTicketsList(t *testing.T) {
	tickets := projections.Tickets{Views: projectionstest.Folded(t, projections.TicketModel, busyDesk(t).history()...)}
	for name, test := range map[string]struct {
		filter projections.TicketFilter
		want   []string
		total  int64
	}{
		// c is overdue and stays at the head; b waits, so nothing of it is due;
		// the first solution of f was given in time, its resolution runs again
		"queue":                    {projections.TicketFilter{}, []string{"c", "a", "f", "b"}, 4},
		"queue of an assignee":     {projections.TicketFilter{Assignee: "alice"}, []string{"c", "a"}, 2},
		"queue of a priority":      {projections.TicketFilter{Priority: "general"}, []string{"a", "f", "b"}, 3},
		"queue of a customer":      {projections.TicketFilter{CustomerID: "c-bob"}, []string{"b"}, 1},
		"queue of a category":      {projections.TicketFilter{Category: "other"}, []string{"c", "a", "f", "b"}, -1},
		"waiting":                  {projections.TicketFilter{Status: "waiting"}, []string{"b"}, -1},
		"due within the day":       {projections.TicketFilter{DueBefore: monday().Add(12 * time.Hour)}, []string{"c"}, -1},
		"assignee and priority":    {projections.TicketFilter{Assignee: "alice", Priority: "urgent"}, []string{"c"}, -1},
		"all, newest first":        {projections.TicketFilter{Sort: "opened"}, []string{"f", "e", "d", "c", "b", "a"}, 6},
		"all of a customer":        {projections.TicketFilter{Sort: "opened", CustomerID: "c-bob"}, []string{"e", "d", "b"}, 3},
		"all of an assignee":       {projections.TicketFilter{Sort: "opened", Assignee: "bob"}, []string{"e", "d", "b"}, 3},
		"all of a priority":        {projections.TicketFilter{Sort: "opened", Priority: "important"}, []string{"e"}, -1},
		"resolved":                 {projections.TicketFilter{Status: "resolved"}, []string{"d"}, 1},
		"closed of an assignee":    {projections.TicketFilter{Status: "closed", Assignee: "bob"}, []string{"e"}, -1},
		"resolved in queue: there": {projections.TicketFilter{Status: "resolved", Sort: "due"}, []string{}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := tickets.List(t.Context(), test.filter)
			require.NoError(t, err)
			assert.Equal(t, test.want, ids(t, page))
			assert.Equal(t, test.total, page.Total)
			assert.Equal(t, test.want, walk(t, func(p projections.Paging) (projections.List, error) {
				test.filter.Paging = p
				return tickets.List(t.Context(), test.filter)
			}))
		})
	}
}

func TestTimersDue(t *testing.T) {
	d := busyDesk(t)
	timers := projections.Timers{Views: projectionstest.Folded(t, projections.TicketModel, d.history()...)}
	due := func(after time.Duration, limit int) []string {
		found, err := timers.Due(t.Context(), monday().Add(after), limit)
		require.NoError(t, err)
		list := []string{}
		for _, timer := range found {
			list = append(list, fmt.Sprintf("%s %s %s", timer.TicketID, timer.Target, timer.DueAt.Sub(monday())))
		}
		return list
	}
	assert.Equal(t, []string{"e first_response 1h4m0s"}, due(24*time.Hour, 10),
		"resolving is no response; c is breached and b paused, so neither is due any more")
	assert.Empty(t, due(64*time.Minute, 10), "not yet at the very moment")
	assert.Equal(t, []string{
		"e first_response 1h4m0s", "a first_solution 24h0m0s", "c first_solution 24h2m0s", "a resolution 48h0m0s",
	}, due(48*time.Hour+time.Minute, 10))
	assert.Equal(t, []string{"e first_response 1h4m0s", "a first_solution 24h0m0s"}, due(100*time.Hour, 2))

	found, err := timers.Due(t.Context(), monday().Add(24*time.Hour), 1)
	require.NoError(t, err)
	assert.Equal(t, []projections.Timer{{
		TicketID: "e", Target: policy.FirstResponse, DueAt: monday().Add(64 * time.Minute), StartedAt: monday().Add(4 * time.Minute),
		Seconds: 3600, CustomerID: "c-bob", Assignee: "bob", Priority: "important",
	}}, found)
}
