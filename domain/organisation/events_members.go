package organisation

import "time"

// MemberJoined says that somebody belongs to the organisation from now on.
type MemberJoined struct {
	MemberID     string    `json:"member_id"` // the id they act under
	Name         string    `json:"name"`
	DepartmentID string    `json:"department_id"`
	PositionID   string    `json:"position_id,omitempty"`
	Returned     bool      `json:"returned,omitempty"` // they had left before
	JoinedAt     time.Time `json:"joined_at"`
}

// MemberRenamed says what a member is called from now on.
type MemberRenamed struct {
	MemberID  string    `json:"member_id"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	RenamedAt time.Time `json:"renamed_at"`
}

// MemberMoved gives a member another department or position.
type MemberMoved struct {
	MemberID string    `json:"member_id"`
	Name     string    `json:"name"`
	From     Place     `json:"from"`
	To       Place     `json:"to"`
	Since    time.Time `json:"since"` // they had been where they were
	MovedAt  time.Time `json:"moved_at"`
}

// Place is where a member belongs.
type Place struct {
	DepartmentID string `json:"department_id"`
	PositionID   string `json:"position_id,omitempty"`
}

// MemberLeft says that a member does not belong to the organisation any more.
// What they managed, answered for and stood for is ended by events beside it.
type MemberLeft struct {
	MemberID     string    `json:"member_id"`
	Name         string    `json:"name"`
	DepartmentID string    `json:"department_id"`
	PositionID   string    `json:"position_id,omitempty"`
	Reason       string    `json:"reason,omitempty"`
	JoinedAt     time.Time `json:"joined_at"`
	LeftAt       time.Time `json:"left_at"`
}

// SubstituteNamed says who stands in for a member, from From until before Until.
type SubstituteNamed struct {
	SubstitutionID string     `json:"substitution_id"`
	MemberID       string     `json:"member_id"`
	SubstituteID   string     `json:"substitute_id"`
	From           time.Time  `json:"from"`
	Until          *time.Time `json:"until,omitempty"` // nil: until it is ended
	NamedAt        time.Time  `json:"named_at"`
}

// SubstitutionEnded ends a substitution before its time. One that had not begun
// never begins.
type SubstitutionEnded struct {
	SubstitutionID string     `json:"substitution_id"`
	MemberID       string     `json:"member_id"`
	SubstituteID   string     `json:"substitute_id"`
	From           time.Time  `json:"from"`
	Until          *time.Time `json:"until,omitempty"` // as planned
	Cause          string     `json:"cause,omitempty"` // left; empty: somebody decided it
	EndedAt        time.Time  `json:"ended_at"`
}

// ProjectRoleAssigned gives a member a role in the CRM project (RB-05).
type ProjectRoleAssigned struct {
	Role       string    `json:"role"`
	MemberID   string    `json:"member_id"`
	AssignedAt time.Time `json:"assigned_at"`
}

// ProjectRoleWithdrawn takes a role in the CRM project away.
type ProjectRoleWithdrawn struct {
	Role        string    `json:"role"`
	MemberID    string    `json:"member_id"`
	Cause       string    `json:"cause,omitempty"` // left; empty: somebody decided it
	AssignedAt  time.Time `json:"assigned_at"`
	WithdrawnAt time.Time `json:"withdrawn_at"`
}

// EventType is the wire name.
func (MemberJoined) EventType() string         { return "organisation.member_joined.v1" }
func (MemberRenamed) EventType() string        { return "organisation.member_renamed.v1" }
func (MemberMoved) EventType() string          { return "organisation.member_moved.v1" }
func (MemberLeft) EventType() string           { return "organisation.member_left.v1" }
func (SubstituteNamed) EventType() string      { return "organisation.substitute_named.v1" }
func (SubstitutionEnded) EventType() string    { return "organisation.substitution_ended.v1" }
func (ProjectRoleAssigned) EventType() string  { return "organisation.project_role_assigned.v1" }
func (ProjectRoleWithdrawn) EventType() string { return "organisation.project_role_withdrawn.v1" }

// HappenedAt is when it took effect.
func (e MemberJoined) HappenedAt() time.Time         { return e.JoinedAt }
func (e MemberRenamed) HappenedAt() time.Time        { return e.RenamedAt }
func (e MemberMoved) HappenedAt() time.Time          { return e.MovedAt }
func (e MemberLeft) HappenedAt() time.Time           { return e.LeftAt }
func (e SubstituteNamed) HappenedAt() time.Time      { return e.NamedAt }
func (e SubstitutionEnded) HappenedAt() time.Time    { return e.EndedAt }
func (e ProjectRoleAssigned) HappenedAt() time.Time  { return e.AssignedAt }
func (e ProjectRoleWithdrawn) HappenedAt() time.Time { return e.WithdrawnAt }

func (MemberJoined) organisationEvent()         {}
func (MemberRenamed) organisationEvent()        {}
func (MemberMoved) organisationEvent()          {}
func (MemberLeft) organisationEvent()           {}
func (SubstituteNamed) organisationEvent()      {}
func (SubstitutionEnded) organisationEvent()    {}
func (ProjectRoleAssigned) organisationEvent()  {}
func (ProjectRoleWithdrawn) organisationEvent() {}
