package ticket

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// decision collects events and what they make of the ticket, for commands that
// record more than one.
type decision struct {
	ticket Ticket
	events []Event
}

func (x *decision) record(e Event) {
	x.ticket = Evolve(x.ticket, e)
	x.events = append(x.events, e)
}

// Breach records that a clock ran out, at the time it did; a sweep sends it.
// Too early, too late or twice it changes nothing. It fails with ErrNotFound.
func (t Ticket) Breach(target string, now time.Time) ([]Event, error) {
	if t.ID == "" {
		return nil, ErrNotFound
	}
	x := decision{ticket: t}
	x.breach(target, domain.Instant(now))
	return x.events, nil
}

// Warn records that pct per cent of a target are used up (TK-14); a sweep sends
// it. Too early, or after the same or a higher warning, it changes nothing. It
// fails with ErrNotFound.
func (t Ticket) Warn(target string, pct int, now time.Time) ([]Event, error) {
	if t.ID == "" {
		return nil, ErrNotFound
	}
	now = domain.Instant(now)
	c, _ := t.clock(target)
	ran := c.ran(t.Pauses, now)
	whole := time.Duration(c.Seconds) * time.Second
	if c.State != Running || pct <= c.WarnedPct || pct <= 0 || ran >= whole || ran*100 < whole*time.Duration(pct) {
		return nil, nil
	}
	return []Event{SLAWarned{
		Of: t.of(), Target: target, Pct: pct, DueAt: c.DueAt, WarnedAt: now, RemainingSeconds: seconds(whole - ran),
	}}, nil
}

// overdue records every breach that has come about by at without being noticed.
// Commands that stop, pause or retarget clocks call it first.
func (x *decision) overdue(at time.Time) {
	for _, c := range x.ticket.Clocks {
		x.breach(c.Target, at)
	}
}

func (x *decision) breach(target string, now time.Time) {
	c, _ := x.ticket.clock(target)
	if c.State != Running || now.Before(c.DueAt) {
		return
	}
	x.record(SLABreached{
		Of: x.ticket.of(), Target: c.Target, StartedAt: c.StartedAt,
		DueAt: c.DueAt, EffectiveAt: c.DueAt, DetectedAt: now, TargetSeconds: c.Seconds,
	})
}

// apply starts the clocks of a new ticket.
func (x *decision) apply(p policy.Version) {
	t := x.ticket
	sla := p.Pack.Tickets.SLAFor(t.Class.condition())
	applied := SLAApplied{Of: t.of(), PolicyVersion: p.Number, SLA: sla.Name, Calendar: sla.Calendar}
	for _, target := range sla.Targets {
		if target.Seconds == 0 {
			continue
		}
		c := Clock{Target: target.Name, Seconds: target.Seconds, StartedAt: t.OpenedAt}
		applied.Targets = append(applied.Targets, Applied{
			Target: target.Name, Seconds: target.Seconds, PausedBy: target.PausedBy, StartedAt: c.StartedAt, DueAt: c.due(nil),
		})
	}
	if len(applied.Targets) > 0 {
		x.record(applied)
	}
}

// stop records that what a clock waits for happened at a time.
func (x *decision) stop(target string, at time.Time) {
	t := x.ticket
	c, ok := t.clock(target)
	if !ok || !c.StoppedAt.IsZero() {
		return
	}
	ran := c.ran(t.Pauses, at)
	switch c.State {
	case Running, Paused:
		due := c.DueAt
		if c.State == Paused { // had it run on from here
			due = at.Add(time.Duration(c.Seconds)*time.Second - ran)
		}
		x.record(SLATargetMet{
			Of: t.of(), Target: target, StartedAt: c.StartedAt, MetAt: at, DueAt: due,
			Seconds: seconds(ran), TargetSeconds: c.Seconds,
		})
	case Breached:
		if at.Before(c.BreachedAt) {
			x.record(SLATargetMet{
				Of: t.of(), Target: target, StartedAt: c.StartedAt, MetAt: at, DueAt: c.DueAt,
				Seconds: seconds(ran), TargetSeconds: c.Seconds, CorrectsBreach: true,
			})
			return
		}
		x.record(SLAOverrunEnded{
			Of: t.of(), Target: target, DueAt: c.DueAt, StoppedAt: at,
			Seconds: seconds(ran), OverrunSeconds: max(seconds(ran)-c.Seconds, 0),
		})
	}
}

// pause and resume follow the last entry of the ticket's pauses, which the
// event recorded before them has just begun or ended.
func (x *decision) pause(reason string, at time.Time) {
	for _, c := range x.ticket.Clocks {
		if c.State == Running && c.stopsFor(reason) {
			left := time.Duration(c.Seconds)*time.Second - c.ran(x.ticket.Pauses, at)
			x.record(SLAPaused{Of: x.ticket.of(), Target: c.Target, PausedAt: at, DueAt: c.DueAt, RemainingSeconds: seconds(left)})
		}
	}
}

func (x *decision) resume(at time.Time) {
	for _, c := range x.ticket.Clocks {
		if c.State == Paused {
			x.resumeClock(c, at, false)
		}
	}
}

func (x *decision) resumeClock(c Clock, at time.Time, reopened bool) {
	pauses := x.ticket.Pauses
	left := time.Duration(c.Seconds)*time.Second - c.ran(pauses, at)
	x.record(SLAResumed{
		Of: x.ticket.of(), Target: c.Target, ResumedAt: at, DueAt: c.due(pauses), RemainingSeconds: seconds(left), Reopened: reopened,
	})
}

// retarget holds the clocks against the SLA that fits the ticket now, from their
// original start (definitions 5.1.6). A clock that has settled stays settled.
func (x *decision) retarget(p policy.Version, at time.Time) {
	sla := p.Pack.Tickets.SLAFor(x.ticket.Class.condition())
	for _, name := range []string{policy.FirstResponse, policy.FirstSolution, policy.Resolution} {
		target := sla.Target(name)
		c, ok := x.ticket.clock(name)
		switch {
		case ok && c.State != Running && c.State != Paused && c.State != Cancelled:
		case (!ok || c.State == Cancelled) && (target.Seconds == 0 || x.ticket.reached(name)):
		case ok && c.State != Cancelled && target.Seconds == 0:
			x.record(SLACancelled{Of: x.ticket.of(), Target: name, StartedAt: c.StartedAt, CancelledAt: at})
		case c.State == Cancelled || c.Seconds != target.Seconds || !slices.Equal(c.PausedBy, target.PausedBy):
			x.retargetClock(c, target, sla, p, at)
		}
	}
}

func (x *decision) retargetClock(from Clock, target policy.Target, sla policy.SLA, p policy.Version, at time.Time) {
	t := x.ticket
	to := from
	to.Seconds, to.PausedBy, to.StartedAt = target.Seconds, target.PausedBy, t.OpenedAt
	due := to.due(t.Pauses)
	if from.State == Cancelled {
		from.Seconds = 0
	}
	x.record(SLARetargeted{
		Of: t.of(), Target: target.Name, PolicyVersion: p.Number, SLA: sla.Name, Calendar: sla.Calendar,
		FromSeconds: from.Seconds, ToSeconds: to.Seconds, PausedBy: to.PausedBy, StartedAt: to.StartedAt,
		FromDueAt: from.DueAt, DueAt: due, RetargetedAt: at,
	})
	if due.IsZero() || at.Before(due) {
		return
	}
	x.record(SLABreached{
		Of: x.ticket.of(), Target: target.Name, StartedAt: to.StartedAt, DueAt: due,
		EffectiveAt: at, DetectedAt: at, TargetSeconds: to.Seconds, ByRetarget: true,
	})
}

// reached says whether what a clock waits for has happened.
func (t Ticket) reached(target string) bool {
	switch target {
	case policy.FirstResponse:
		return t.PublicReplies > 0
	case policy.FirstSolution:
		return t.Solutions > 0 || t.Status == StatusResolved || t.Status == StatusClosed
	}
	return t.Status == StatusResolved || t.Status == StatusClosed
}

func (t Ticket) of() Of {
	return Of{
		TicketID: t.ID, CustomerID: t.CustomerID, Assignee: t.Assignee,
		Priority: t.Class.Priority, Complexity: t.Class.Complexity,
	}
}

func (c Class) condition() policy.Condition {
	return policy.Condition{Priority: c.Priority, Complexity: c.Complexity, Type: c.Type, Category: c.Category, Scene: c.Scene}
}
