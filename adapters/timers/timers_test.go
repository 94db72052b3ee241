package timers_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/timers"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

var opened = time.Date(2026, 1, 19, 2, 0, 0, 0, time.UTC)

// desk is a help desk with a clock that the test turns.
type desk struct {
	log     *commandstest.Memory
	tickets commands.Tickets
	now     time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{log: new(commandstest.Memory), now: opened}
	d.log.Now = func() time.Time { return d.now }
	state, err := commands.NewLive(t.Context(), d.log, silent{}, policy.Aggregate, policy.StandardID, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	loop, err := commands.NewLoop(commands.LoopConfig{
		Store: d.log, Policy: state, States: 100, Now: d.log.Now, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	d.tickets = commands.Tickets{Loop: loop}
	return d
}

type silent struct{}

func (silent) Follow(ctx context.Context, _ string, _ uint64) iter.Seq2[domain.Recorded, error] {
	return func(func(domain.Recorded, error) bool) { <-ctx.Done() }
}

// sweep is one of a sweeper that has just started and knows only the log.
func (d *desk) sweep(t *testing.T) {
	t.Helper()
	views := projectionstest.Given(t, []projections.Model{projections.TicketModel}, d.log.Log()...)
	sweeper := timers.New(timers.Config{
		Timers: projections.Timers{Views: views}, Views: visible{}, Tickets: d.tickets,
		Every: time.Second, Now: d.log.Now, Logger: slog.New(slog.DiscardHandler),
	})
	_, err := sweeper.Sweep(t.Context())
	require.NoError(t, err)
}

// visible does not wait: the views of the test are made from the log.
type visible struct{}

func (visible) Wait(context.Context, projections.Model, domain.Position) error { return nil }

func (d *desk) open(t *testing.T) string {
	t.Helper()
	result, err := d.tickets.Open(t.Context(), commands.Envelope{
		Command: "open-ticket", CommandID: commands.CommandID("sue", "1"), Actor: domain.Actor{ID: "sue", Role: "service"},
	}, commands.OpenTicket{Subject: "Fan makes noise"})
	require.NoError(t, err)
	return result.ID
}

func (d *desk) breaches() (breaches []ticket.SLABreached, at []time.Time) {
	for _, r := range d.log.Log() {
		if e, ok := r.Event.(ticket.SLABreached); ok && e.Target == policy.FirstResponse {
			breaches, at = append(breaches, e), append(at, r.OccurredAt())
		}
	}
	return breaches, at
}

// ES-19, TK-01: the service was down for two hours after the hour had passed.
func TestBreachCarriesItsTrueTime(t *testing.T) {
	d := newDesk(t)
	d.open(t)
	d.now = opened.Add(3 * time.Hour)
	d.sweep(t)
	breaches, at := d.breaches()
	require.Len(t, breaches, 1)
	assert.Equal(t, opened.Add(time.Hour), breaches[0].EffectiveAt)
	assert.Equal(t, opened.Add(time.Hour), at[0])
	assert.Equal(t, d.now, breaches[0].DetectedAt)
}

func TestSweepsThatComeEarlyTwiceOrLateChangeNothing(t *testing.T) {
	d := newDesk(t)
	d.open(t)
	d.now = opened.Add(time.Hour - time.Millisecond)
	d.sweep(t)
	breaches, _ := d.breaches()
	require.Empty(t, breaches, "not due yet")

	d.now = opened.Add(time.Hour)
	d.sweep(t)
	d.sweep(t) // of another process, which found the same
	d.now = d.now.Add(time.Hour)
	d.sweep(t)
	breaches, _ = d.breaches()
	require.Len(t, breaches, 1, "due to the instant, and once")
}

func TestAnsweredTicketIsNotInBreach(t *testing.T) {
	d := newDesk(t)
	id := d.open(t)
	stale := projectionstest.Given(t, []projections.Model{projections.TicketModel}, d.log.Log()...)
	d.now = opened.Add(30 * time.Minute)
	_, err := d.tickets.Reply(t.Context(), commands.Envelope{
		Command: "reply-to-ticket", CommandID: commands.CommandID("sue", "2"), Actor: domain.Actor{ID: "sue", Role: "service"},
	}, commands.ReplyToTicket{TicketRef: commands.TicketRef{TicketID: id}, Visibility: ticket.Public, Body: "Received."})
	require.NoError(t, err)
	d.now = opened.Add(2 * time.Hour)
	sweeper := timers.New(timers.Config{
		Timers: projections.Timers{Views: stale}, Views: visible{}, Tickets: d.tickets,
		Every: time.Second, Now: d.log.Now, Logger: slog.New(slog.DiscardHandler),
	})
	_, err = sweeper.Sweep(t.Context())
	require.NoError(t, err)
	breaches, _ := d.breaches()
	require.Empty(t, breaches, "the timer was stale; the stream was asked")
}

// broken is a help desk with one ticket whose stream cannot be folded.
type broken struct {
	commands.Tickets
	ticket string
}

var errFold = errors.New("holds a foreign event")

func (b broken) Breach(ctx context.Context, env commands.Envelope, c commands.BreachTicket) (commands.Result, error) {
	if c.TicketID == b.ticket {
		return commands.Result{}, errFold
	}
	return b.Tickets.Breach(ctx, env, c)
}

func TestBrokenTicketDoesNotHoldUpTheOthers(t *testing.T) {
	d := newDesk(t)
	first := d.open(t)
	d.now = opened.Add(time.Minute)
	_, err := d.tickets.Open(t.Context(), commands.Envelope{
		Command: "open-ticket", CommandID: commands.CommandID("sue", "other"), Actor: domain.Actor{ID: "sue", Role: "service"},
	}, commands.OpenTicket{Subject: "Fan stands still"})
	require.NoError(t, err)
	d.now = opened.Add(2 * time.Hour)
	views := projectionstest.Given(t, []projections.Model{projections.TicketModel}, d.log.Log()...)
	sweeper := timers.New(timers.Config{
		Timers: projections.Timers{Views: views}, Views: visible{}, Tickets: broken{d.tickets, first},
		Every: time.Second, Now: d.log.Now, Logger: slog.New(slog.DiscardHandler),
	})
	_, err = sweeper.Sweep(t.Context())
	require.NoError(t, err)
	breaches, _ := d.breaches()
	require.Len(t, breaches, 1)
	assert.NotEqual(t, first, breaches[0].TicketID)
}
