package projections

import (
	"fmt"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/ticket"
)

// ticketRules say why fields of tickets are what they are.
var ticketRules = []Rule{
	{Field: "status", Explain: whyTicketStatus},
	{Field: "assignee", Explain: whyAssignee},
	{Field: "owner", Of: "assignee", Explain: whyAssignee},
	{Field: "due_at", Explain: func(x *reasoning) { x.clock(dueTarget(x)) }},
	{Field: "breach", Of: "clocks", Part: ".breached_at", Explain: whyBreach},
	{Field: "sla", Explain: func(x *reasoning) { x.promise("") }},
	{Field: "priority", Explain: whyClass},
	{Field: "complexity", Explain: whyClass},
}

func whyAssignee(x *reasoning) {
	if e, ok := x.cause.Event.(ticket.Assigned); ok {
		handedTo(x, e.From, e.To)
	}
}

func whyTicketStatus(x *reasoning) {
	switch e := x.cause.Event.(type) {
	case ticket.WaitingStarted:
		x.rule(x.cause.Meta.PolicyVersion, "tickets.waiting_reasons", x.pack(x.cause.Meta.PolicyVersion).Tickets.WaitingReasons, "a ticket waits for a reason of the policy")
		x.input("reason", e.Reason)
	case ticket.WaitingEnded:
		x.rule(0, "", nil, "what it waited for came, or somebody ended the waiting")
		x.input("waited_for", e.Reason)
		x.input("seconds", e.Seconds)
	case ticket.Resolved:
		x.rule(0, "", nil, "whoever works on it said that the problem is solved")
		x.input("solution", e.Solution)
		x.input("cause", e.Cause)
	case ticket.Reopened:
		version := x.cause.Meta.PolicyVersion
		x.rule(version, "tickets.reopen_grace_seconds", x.pack(version).Tickets.ReopenGraceSeconds, "a resolved ticket can be reopened within a time, with a reason")
		x.input("reason", e.Reason)
	case ticket.Closed:
		x.rule(0, "", nil, "a resolved ticket was closed")
	}
}

func whyClass(x *reasoning) {
	switch e := x.cause.Event.(type) {
	case ticket.Opened:
		version := x.cause.Meta.PolicyVersion
		tickets := x.pack(version).Tickets
		standard := map[string]string{"priority": tickets.DefaultPriority, "complexity": tickets.DefaultComplexity}
		x.rule(version, "tickets.default_"+x.Field, standard[x.Field], "as it was opened; the policy's default if nothing was said")
		x.input("opened_as", e.Class)
	case ticket.Triaged:
		x.rule(0, "", nil, "whoever sorted it anew chose it")
		x.input("from", e.From)
		x.input("to", e.To)
	}
}

func whyBreach(x *reasoning) {
	e, ok := x.cause.Event.(ticket.SLABreached)
	if !ok { // taken back by a fact that turned up later
		if met, ok := x.cause.Event.(ticket.SLATargetMet); ok {
			x.clock(met.Target)
			x.input("met_at", met.MetAt)
		}
		return
	}
	x.clock(e.Target)
	x.input("effective_at", e.EffectiveAt)
	x.input("detected_at", e.DetectedAt)
	if e.ByRetarget {
		x.input("by_retarget", true)
	}
}

// dueTarget is the clock that is due first; while none is, the one the cause is
// about.
func dueTarget(x *reasoning) string {
	replay := TicketModel.Replay(x.story.id)
	for _, r := range x.story.events {
		if _, err := replay.Take(r); err != nil {
			continue // as in the live fold
		}
	}
	if target, err := replay.Field("due_target"); err == nil && len(target) > 2 {
		return string(target[1 : len(target)-1])
	}
	return targetOf(x.cause.Event)
}

// targetOf is the clock an event is about; empty if about none or several.
func targetOf(e domain.Event) string {
	switch e := e.(type) {
	case ticket.SLATargetMet:
		return e.Target
	case ticket.SLABreached:
		return e.Target
	case ticket.SLAOverrunEnded:
		return e.Target
	case ticket.SLAPaused:
		return e.Target
	case ticket.SLAResumed:
		return e.Target
	case ticket.SLARetargeted:
		return e.Target
	case ticket.SLACancelled:
		return e.Target
	}
	return ""
}

// clock explains what one clock was held against: the target of the policy, its
// start, and the pauses.
func (x *reasoning) clock(target string) {
	if target == "" {
		return
	}
	x.promise(target)
	var paused time.Time
	for _, r := range x.story.events {
		switch e := r.Event.(type) {
		case ticket.SLAPaused:
			if e.Target == target {
				paused = e.PausedAt
			}
		case ticket.SLAResumed:
			if e.Target == target && !paused.IsZero() {
				x.inputOf(r, "pause", Pause{From: paused, To: e.ResumedAt, Seconds: int64(e.ResumedAt.Sub(paused) / time.Second)})
				x.inputOf(r, "due_at", e.DueAt)
				paused = time.Time{}
			}
		}
	}
	if !paused.IsZero() {
		x.input("paused_since", paused)
	}
}

// Pause is a time in which a clock stood still.
type Pause struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds int64     `json:"seconds"`
}

// promise explains what a ticket was promised last, for one target or for all.
func (x *reasoning) promise(target string) {
	for _, r := range slices.Backward(x.story.events) {
		switch e := r.Event.(type) {
		case ticket.SLARetargeted:
			if target == "" || e.Target == target {
				x.target(e.PolicyVersion, e.SLA, e.Target, e.ToSeconds)
				x.inputOf(r, "started_at", e.StartedAt)
				if !e.DueAt.IsZero() {
					x.inputOf(r, "due_at", e.DueAt)
				}
				return
			}
		case ticket.SLAApplied:
			if target == "" {
				x.rule(e.PolicyVersion, fmt.Sprintf("tickets.sla[%q]", e.SLA), e.Targets, "the first promise of the policy that fits the ticket applies")
				x.inputOf(r, "priority", e.Priority)
				x.inputOf(r, "complexity", e.Complexity)
				return
			}
			for _, a := range e.Targets {
				if a.Target == target {
					x.target(e.PolicyVersion, e.SLA, target, a.Seconds)
					x.inputOf(r, "started_at", a.StartedAt)
					x.inputOf(r, "due_at", a.DueAt)
					return
				}
			}
		}
	}
}

func (x *reasoning) target(version int, sla, target string, seconds int64) {
	x.rule(version, fmt.Sprintf("tickets.sla[%q].targets[%s]", sla, target), seconds, "a clock is due when it has run for its target, pauses left out")
}
