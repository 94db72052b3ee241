package projections

import (
	"time"

	"github.com/annals-crm/annals/domain/ticket"
)

// Clock measures one SLA target of a ticket (definitions 5.1.3).
type Clock struct {
	Target         string    `json:"target" enum:"first_response,first_solution,resolution" doc:"What is promised"`
	State          string    `json:"state" enum:"running,paused,met,breached,cancelled" doc:"How it stands"`
	Seconds        int64     `json:"seconds" doc:"Time allowed"`
	StartedAt      time.Time `json:"started_at" doc:"When it started"`
	DueAt          time.Time `json:"due_at,omitzero" doc:"None while paused"`
	LeftSeconds    int64     `json:"left_seconds,omitempty" doc:"While paused: what is left"`
	BreachedAt     time.Time `json:"breached_at,omitzero" doc:"When it ran out, however late that was noticed"`
	StoppedAt      time.Time `json:"stopped_at,omitzero" doc:"When it was met, or what it waited for happened too late"`
	RanSeconds     int64     `json:"ran_seconds,omitempty" doc:"What it showed when it was stopped, pauses left out"`
	CancelledAt    time.Time `json:"cancelled_at,omitzero" doc:"When it was taken away"`
	OverrunSeconds int64     `json:"overrun_seconds,omitempty" doc:"Of a breached one that was stopped"`
	WarnedPct      int       `json:"warned_pct,omitempty" doc:"Highest warning so far, in per cent of the time allowed"`
}

func (t *Ticket) apply(e ticket.SLAApplied) {
	t.SLA, t.Clocks = e.SLA, make([]Clock, len(e.Targets))
	for i, a := range e.Targets {
		t.Clocks[i] = Clock{Target: a.Target, State: ticket.Running, Seconds: a.Seconds, StartedAt: a.StartedAt, DueAt: a.DueAt}
	}
	t.next()
}

// retarget starts the clock if the ticket had none for the target.
func (t *Ticket) retarget(e ticket.SLARetargeted) {
	t.SLA = e.SLA
	change := func(c *Clock) {
		c.State, c.Seconds, c.StartedAt, c.DueAt, c.WarnedPct, c.CancelledAt = ticket.Running, e.ToSeconds, e.StartedAt, e.DueAt, 0, time.Time{}
		if e.DueAt.IsZero() {
			c.State = ticket.Paused
			if e.FromSeconds > 0 { // of a clock taken up again while paused, what is left shows when it runs
				c.LeftSeconds += e.ToSeconds - e.FromSeconds
			}
		}
	}
	if !t.clock(e.Target, change) {
		t.Clocks = append(t.Clocks, Clock{Target: e.Target})
		t.clock(e.Target, change)
	}
}

// clock changes the clock of a target; false if there is none.
func (t *Ticket) clock(target string, change func(*Clock)) bool {
	for i := range t.Clocks {
		if t.Clocks[i].Target == target {
			change(&t.Clocks[i])
			t.next()
			return true
		}
	}
	return false
}

// next works out what is due first. A breached target that is still owed stays
// in its place at the head of the queue; it must not drop to the end when the
// breach is noticed.
func (t *Ticket) next() {
	t.DueAt, t.DueTarget = time.Time{}, ""
	for _, c := range t.Clocks {
		if c.owed() && (t.DueTarget == "" || c.DueAt.Before(t.DueAt)) {
			t.DueAt, t.DueTarget = c.DueAt, c.Target
		}
	}
}

func (c Clock) owed() bool {
	return c.State == ticket.Running || c.State == ticket.Breached && c.StoppedAt.IsZero()
}
