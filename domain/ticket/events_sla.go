package ticket

import "time"

// Of is what every fact about an SLA clock says of the ticket it belongs to.
type Of struct {
	TicketID   string `json:"ticket_id"`
	CustomerID string `json:"customer_id,omitempty"`
	Assignee   string `json:"assignee,omitempty"`
	Priority   string `json:"priority"`
	Complexity string `json:"complexity"`
}

// SLAApplied starts the clocks of a ticket. It keeps what was promised, so a
// later policy does not change what this ticket is held against.
type SLAApplied struct {
	Of
	PolicyVersion int       `json:"policy_version"`
	SLA           string    `json:"sla"` // name in the policy
	Calendar      string    `json:"calendar"`
	Targets       []Applied `json:"targets"`
}

// Applied is one clock that was started.
type Applied struct {
	Target    string    `json:"target"` // first_response, first_solution, resolution
	Seconds   int64     `json:"seconds"`
	PausedBy  []string  `json:"paused_by,omitempty"`
	StartedAt time.Time `json:"started_at"`
	DueAt     time.Time `json:"due_at"`
}

// SLATargetMet stops a clock in time. Seconds is what the clock showed, pauses
// left out. CorrectsBreach marks a fact that was recorded late: by the time it
// was, the clock had been found in breach.
type SLATargetMet struct {
	Of
	Target         string    `json:"target"`
	StartedAt      time.Time `json:"started_at"`
	MetAt          time.Time `json:"met_at"`
	DueAt          time.Time `json:"due_at"`
	Seconds        int64     `json:"seconds"`
	TargetSeconds  int64     `json:"target_seconds"`
	CorrectsBreach bool      `json:"corrects_breach,omitempty"`
}

// SLABreached says a clock ran out. EffectiveAt is when it did: the due time,
// however late it was noticed; or the time of the change that moved the due
// time into the past (ByRetarget).
type SLABreached struct {
	Of
	Target        string    `json:"target"`
	StartedAt     time.Time `json:"started_at"`
	DueAt         time.Time `json:"due_at"`
	EffectiveAt   time.Time `json:"effective_at"`
	DetectedAt    time.Time `json:"detected_at"`
	TargetSeconds int64     `json:"target_seconds"`
	ByRetarget    bool      `json:"by_retarget,omitempty"`
}

// HappenedAt is EffectiveAt: a breach happens when a clock runs out, not when
// a command notices (ES-19).
func (e SLABreached) HappenedAt() time.Time { return e.EffectiveAt }

// SLAOverrunEnded says what a breached clock waited for has happened after all.
type SLAOverrunEnded struct {
	Of
	Target         string    `json:"target"`
	DueAt          time.Time `json:"due_at"`
	StoppedAt      time.Time `json:"stopped_at"`
	Seconds        int64     `json:"seconds"` // what the clock showed
	OverrunSeconds int64     `json:"overrun_seconds"`
}

// SLAPaused stops a clock for a while; until it runs again it has no due time.
type SLAPaused struct {
	Of
	Target           string    `json:"target"`
	PausedAt         time.Time `json:"paused_at"`
	DueAt            time.Time `json:"due_at"` // until now
	RemainingSeconds int64     `json:"remaining_seconds"`
}

// SLAResumed lets a clock run on with what was left.
type SLAResumed struct {
	Of
	Target           string    `json:"target"`
	ResumedAt        time.Time `json:"resumed_at"`
	DueAt            time.Time `json:"due_at"`
	RemainingSeconds int64     `json:"remaining_seconds"`
	Reopened         bool      `json:"reopened,omitempty"` // the clock had been met
}

// SLARetargeted gives a clock another target from its original start
// (definitions 5.1.6). The due times are left out while it is paused.
type SLARetargeted struct {
	Of
	Target        string    `json:"target"`
	PolicyVersion int       `json:"policy_version"`
	SLA           string    `json:"sla"`
	Calendar      string    `json:"calendar"`
	FromSeconds   int64     `json:"from_seconds"` // 0 if there was no such clock
	ToSeconds     int64     `json:"to_seconds"`
	PausedBy      []string  `json:"paused_by,omitempty"`
	StartedAt     time.Time `json:"started_at"`
	FromDueAt     time.Time `json:"from_due_at,omitzero"`
	DueAt         time.Time `json:"due_at,omitzero"`
	RetargetedAt  time.Time `json:"retargeted_at"`
}

// SLACancelled takes a clock away that the ticket's SLA no longer has.
type SLACancelled struct {
	Of
	Target      string    `json:"target"`
	StartedAt   time.Time `json:"started_at"`
	CancelledAt time.Time `json:"cancelled_at"`
}

// SLAWarned says that a share of a target is used up (TK-14).
type SLAWarned struct {
	Of
	Target           string    `json:"target"`
	Pct              int       `json:"pct"`
	DueAt            time.Time `json:"due_at"`
	WarnedAt         time.Time `json:"warned_at"`
	RemainingSeconds int64     `json:"remaining_seconds"`
}

// EventType is the wire name.
func (SLAApplied) EventType() string      { return "ticket.sla_applied.v1" }
func (SLATargetMet) EventType() string    { return "ticket.sla_target_met.v1" }
func (SLABreached) EventType() string     { return "ticket.sla_breached.v1" }
func (SLAOverrunEnded) EventType() string { return "ticket.sla_overrun_ended.v1" }
func (SLAPaused) EventType() string       { return "ticket.sla_paused.v1" }
func (SLAResumed) EventType() string      { return "ticket.sla_resumed.v1" }
func (SLARetargeted) EventType() string   { return "ticket.sla_retargeted.v1" }
func (SLACancelled) EventType() string    { return "ticket.sla_cancelled.v1" }
func (SLAWarned) EventType() string       { return "ticket.sla_warned.v1" }

func (SLAApplied) ticketEvent()      {}
func (SLATargetMet) ticketEvent()    {}
func (SLABreached) ticketEvent()     {}
func (SLAOverrunEnded) ticketEvent() {}
func (SLAPaused) ticketEvent()       {}
func (SLAResumed) ticketEvent()      {}
func (SLARetargeted) ticketEvent()   {}
func (SLACancelled) ticketEvent()    {}
func (SLAWarned) ticketEvent()       {}
