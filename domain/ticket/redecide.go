package ticket

import (
	"time"

	"github.com/annals-crm/annals/domain/policy"
)

// Redecide is a fact and what it does to the SLA clocks under a policy, whatever
// policy applied when it was recorded (ES-05). Facts about clocks come of the
// others, so they are left out. Evolving the ticket by what is returned, fact
// after fact and RunOut at the end, gives the ticket as it would be had that
// policy been in force all the time.
func (t Ticket) Redecide(e Event, p policy.Version) []Event {
	x := decision{ticket: t}
	switch e := e.(type) {
	case Opened:
		x.record(e)
		x.apply(p)
	case Triaged:
		x.overdue(e.TriagedAt)
		x.record(e)
		x.retarget(p, e.TriagedAt)
	case Replied:
		x.overdue(e.RepliedAt)
		x.record(e)
		if e.Visibility == Public && e.Author == Human {
			x.stop(policy.FirstResponse, e.RepliedAt)
		}
	case WaitingStarted:
		x.overdue(e.StartedAt)
		x.record(e)
		x.pause(e.Reason, e.StartedAt)
	case WaitingEnded:
		x.overdue(e.EndedAt)
		x.record(e)
		x.resume(e.EndedAt)
	case SolutionProposed:
		x.overdue(e.ProposedAt)
		x.record(e)
		x.stop(policy.FirstSolution, e.ProposedAt)
	case Resolved:
		x.overdue(e.ResolvedAt)
		x.record(e)
		x.stop(policy.FirstSolution, e.ResolvedAt)
		x.stop(policy.Resolution, e.ResolvedAt)
	case Reopened:
		x.record(e)
		if c, _ := x.ticket.clock(policy.Resolution); c.State == Met {
			x.resumeClock(c, e.ReopenedAt, true)
		}
		x.retarget(p, e.ReopenedAt)
	case Assigned, CustomerMessaged, ActivityLogged, Closed:
		x.record(e)
	case SLAApplied, SLATargetMet, SLABreached, SLAOverrunEnded, SLAPaused, SLAResumed, SLARetargeted, SLACancelled, SLAWarned:
	}
	return x.events
}

// RunOut is every breach that has come about by at and was not noticed.
func (t Ticket) RunOut(at time.Time) []Event {
	x := decision{ticket: t}
	x.overdue(at)
	return x.events
}
