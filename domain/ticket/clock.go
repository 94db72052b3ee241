package ticket

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/policy"
)

// What the state of a clock can be (definitions 5.1.3). Breached is final,
// unless a fact turns up that had happened in time.
const (
	Running   = "running"
	Paused    = "paused"
	Met       = "met"
	Breached  = "breached"
	Cancelled = "cancelled"
)

// whileResolved is the pause between resolving a ticket and reopening it.
const whileResolved = "resolved"

// Clock measures one target of a ticket.
type Clock struct {
	Target     string    `json:"target"`
	State      string    `json:"state"`
	Seconds    int64     `json:"seconds"`
	PausedBy   []string  `json:"paused_by,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	DueAt      time.Time `json:"due_at,omitzero"` // none while paused
	BreachedAt time.Time `json:"breached_at,omitzero"`
	StoppedAt  time.Time `json:"stopped_at,omitzero"`
	WarnedPct  int       `json:"warned_pct,omitempty"`
}

// Pause is a time in which the ticket waited, or was thought solved. To is zero
// while it lasts.
type Pause struct {
	Reason string    `json:"reason"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
}

// due is when a clock will have run for its target: the one place where a
// calendar comes in, of which there is only clock time so far. It is zero if a
// pause that still lasts comes first.
func (c Clock) due(pauses []Pause) time.Time {
	at, left := c.StartedAt, time.Duration(c.Seconds)*time.Second
	for _, p := range pauses {
		if !c.stopsFor(p.Reason) {
			continue
		}
		if run := p.From.Sub(at); run < left {
			left -= run
		} else {
			break
		}
		if p.To.IsZero() {
			return time.Time{}
		}
		at = p.To
	}
	return at.Add(left)
}

// ran is how long a clock has run at a time, pauses left out.
func (c Clock) ran(pauses []Pause, at time.Time) time.Duration {
	ran := at.Sub(c.StartedAt)
	for _, p := range pauses {
		if !c.stopsFor(p.Reason) || !p.From.Before(at) {
			continue
		}
		to := p.To
		if to.IsZero() || to.After(at) {
			to = at
		}
		ran -= to.Sub(p.From)
	}
	return max(ran, 0)
}

func (c Clock) stopsFor(reason string) bool {
	if reason == whileResolved {
		return c.Target == policy.Resolution
	}
	return slices.Contains(c.PausedBy, reason)
}

// ended is the pauses after the last one ended.
func ended(pauses []Pause, at time.Time) []Pause {
	pauses = slices.Clone(pauses)
	if n := len(pauses); n > 0 {
		pauses[n-1].To = at
	}
	return pauses
}

func (t Ticket) clock(target string) (Clock, bool) {
	if i := slices.IndexFunc(t.Clocks, func(c Clock) bool { return c.Target == target }); i >= 0 {
		return t.Clocks[i], true
	}
	return Clock{Target: target}, false
}

// withClock is the ticket with one clock changed, if it has that clock.
func (t Ticket) withClock(target string, change func(*Clock)) Ticket {
	t.Clocks = slices.Clone(t.Clocks)
	for i := range t.Clocks {
		if t.Clocks[i].Target == target {
			change(&t.Clocks[i])
		}
	}
	return t
}

// waited is how long the ticket was paused for reasons of one sort.
func (t Ticket) waited(resolved bool) int64 {
	var sum time.Duration
	for _, p := range t.Pauses {
		if (p.Reason == whileResolved) == resolved && !p.To.IsZero() {
			sum += p.To.Sub(p.From)
		}
	}
	return seconds(sum)
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
