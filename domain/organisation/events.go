package organisation

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact about the organisation. Each says completely what changed,
// from what to what, and when.
//
//sumtype:decl
type Event interface {
	domain.Event
	domain.Dated
	organisationEvent()
}

// DepartmentOpened adds a department to the tree (RB-01).
type DepartmentOpened struct {
	DepartmentID string    `json:"department_id"`
	Name         string    `json:"name"`
	ParentID     string    `json:"parent_id,omitempty"` // empty: at the top
	OpenedAt     time.Time `json:"opened_at"`
}

// DepartmentRenamed gives a department another name.
type DepartmentRenamed struct {
	DepartmentID string    `json:"department_id"`
	ParentID     string    `json:"parent_id,omitempty"`
	From         string    `json:"from"`
	To           string    `json:"to"`
	RenamedAt    time.Time `json:"renamed_at"`
}

// DepartmentMoved puts a department, with all below it, under another one.
type DepartmentMoved struct {
	DepartmentID string    `json:"department_id"`
	Name         string    `json:"name"`
	From         string    `json:"from,omitempty"` // id of the department it was under; empty: at the top
	To           string    `json:"to,omitempty"`
	MovedAt      time.Time `json:"moved_at"`
}

// DepartmentClosed ends a department that nobody and nothing belongs to.
type DepartmentClosed struct {
	DepartmentID string    `json:"department_id"`
	Name         string    `json:"name"`
	ParentID     string    `json:"parent_id,omitempty"`
	ManagerID    string    `json:"manager_id,omitempty"` // up to now
	LiaisonID    string    `json:"liaison_id,omitempty"` // up to now
	OpenedAt     time.Time `json:"opened_at"`
	ClosedAt     time.Time `json:"closed_at"`
}

// ManagerAppointed says who manages a department, and all below it, from now on.
type ManagerAppointed struct {
	DepartmentID string    `json:"department_id"`
	Department   string    `json:"department"`     // its name
	From         string    `json:"from,omitempty"` // id of the member who did; empty: nobody
	To           string    `json:"to,omitempty"`
	Cause        string    `json:"cause,omitempty"` // left; empty: somebody decided it
	AppointedAt  time.Time `json:"appointed_at"`
}

// LiaisonNamed says who answers for the customer data of a department (RB-06).
type LiaisonNamed struct {
	DepartmentID string    `json:"department_id"`
	Department   string    `json:"department"`     // its name
	From         string    `json:"from,omitempty"` // id of the member who did; empty: nobody
	To           string    `json:"to,omitempty"`
	Cause        string    `json:"cause,omitempty"` // left; empty: somebody decided it
	NamedAt      time.Time `json:"named_at"`
}

// PositionOpened adds a position to a department (RB-01).
type PositionOpened struct {
	PositionID   string    `json:"position_id"`
	DepartmentID string    `json:"department_id"`
	Title        string    `json:"title"`
	ReportsTo    string    `json:"reports_to,omitempty"` // id of a position
	OpenedAt     time.Time `json:"opened_at"`
}

// PositionChanged edits a position.
type PositionChanged struct {
	PositionID   string    `json:"position_id"`
	DepartmentID string    `json:"department_id"`
	From         Post      `json:"from"`
	To           Post      `json:"to"`
	ChangedAt    time.Time `json:"changed_at"`
}

// Post is what can change about a position.
type Post struct {
	Title     string `json:"title"`
	ReportsTo string `json:"reports_to,omitempty"` // id of a position
}

// PositionClosed ends a position that nobody holds.
type PositionClosed struct {
	PositionID   string    `json:"position_id"`
	DepartmentID string    `json:"department_id"`
	Title        string    `json:"title"`
	ReportsTo    string    `json:"reports_to,omitempty"` // id of a position
	OpenedAt     time.Time `json:"opened_at"`
	ClosedAt     time.Time `json:"closed_at"`
}

// EventType is the wire name.
func (DepartmentOpened) EventType() string  { return "organisation.department_opened.v1" }
func (DepartmentRenamed) EventType() string { return "organisation.department_renamed.v1" }
func (DepartmentMoved) EventType() string   { return "organisation.department_moved.v1" }
func (DepartmentClosed) EventType() string  { return "organisation.department_closed.v1" }
func (ManagerAppointed) EventType() string  { return "organisation.manager_appointed.v1" }
func (LiaisonNamed) EventType() string      { return "organisation.liaison_named.v1" }
func (PositionOpened) EventType() string    { return "organisation.position_opened.v1" }
func (PositionChanged) EventType() string   { return "organisation.position_changed.v1" }
func (PositionClosed) EventType() string    { return "organisation.position_closed.v1" }

// HappenedAt is when it took effect.
func (e DepartmentOpened) HappenedAt() time.Time  { return e.OpenedAt }
func (e DepartmentRenamed) HappenedAt() time.Time { return e.RenamedAt }
func (e DepartmentMoved) HappenedAt() time.Time   { return e.MovedAt }
func (e DepartmentClosed) HappenedAt() time.Time  { return e.ClosedAt }
func (e ManagerAppointed) HappenedAt() time.Time  { return e.AppointedAt }
func (e LiaisonNamed) HappenedAt() time.Time      { return e.NamedAt }
func (e PositionOpened) HappenedAt() time.Time    { return e.OpenedAt }
func (e PositionChanged) HappenedAt() time.Time   { return e.ChangedAt }
func (e PositionClosed) HappenedAt() time.Time    { return e.ClosedAt }

func (DepartmentOpened) organisationEvent()  {}
func (DepartmentRenamed) organisationEvent() {}
func (DepartmentMoved) organisationEvent()   {}
func (DepartmentClosed) organisationEvent()  {}
func (ManagerAppointed) organisationEvent()  {}
func (LiaisonNamed) organisationEvent()      {}
func (PositionOpened) organisationEvent()    {}
func (PositionChanged) organisationEvent()   {}
func (PositionClosed) organisationEvent()    {}

// Types lists every wire type found in the stream of the organisation.
var Types = []domain.Type{
	domain.Current[DepartmentOpened](),
	domain.Current[DepartmentRenamed](),
	domain.Current[DepartmentMoved](),
	domain.Current[DepartmentClosed](),
	domain.Current[ManagerAppointed](),
	domain.Current[LiaisonNamed](),
	domain.Current[PositionOpened](),
	domain.Current[PositionChanged](),
	domain.Current[PositionClosed](),
	domain.Current[MemberJoined](),
	domain.Current[MemberRenamed](),
	domain.Current[MemberMoved](),
	domain.Current[MemberLeft](),
	domain.Current[SubstituteNamed](),
	domain.Current[SubstitutionEnded](),
	domain.Current[ProjectRoleAssigned](),
	domain.Current[ProjectRoleWithdrawn](),
}
