// Package organisation keeps who belongs to the organisation: its departments
// and positions, the members in them, who manages and who stands in for whom
// (RB-01, RB-05, RB-06, RB-10). It decides what may happen to these. Who may see
// or do what because of it is not decided here.
package organisation

import (
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
)

// ID is the id of the one organisation; its stream is organisation-structure.
const ID = "structure"

// The most an organisation has, those that are over included. A list beyond
// these is more likely a mistake.
const (
	MostDepartments = 5_000
	MostPositions   = 50_000
	MostMembers     = 100_000
	MostLevels      = 20 // of departments below each other
)

// The roles in the CRM project that members can have (RB-05).
const (
	Lead       = "lead"
	IT         = "it"
	Sales      = "sales"
	Marketing  = "marketing"
	Service    = "service"
	Finance    = "finance"
	Consultant = "consultant"
)

// ProjectRoles lists them.
var ProjectRoles = []string{Lead, IT, Sales, Marketing, Service, Finance, Consultant}

// CauseLeft is why an appointment ended that nobody decided to end: whoever had
// it left the organisation.
const CauseLeft = "left"

// Reasons a command on the organisation is refused.
var (
	ErrNothing          = &domain.Error{Kind: domain.Missing, Code: "organisation_empty", Message: "the organisation has no department yet; open one first"}
	ErrNoDepartment     = &domain.Error{Kind: domain.Missing, Code: "department_not_found", Message: "there is no such department", Field: "department_id"}
	ErrDepartmentClosed = &domain.Error{Kind: domain.Refused, Code: "department_closed", Message: "the department was closed", Field: "department_id"}
	ErrDepartmentExists = &domain.Error{Kind: domain.Refused, Code: "department_exists", Message: "there is a department of this name beside it", Field: "name"}
	ErrNotEmpty         = &domain.Error{Kind: domain.Refused, Code: "department_not_empty", Message: "the department still has departments, positions or members"}
	ErrCycle            = &domain.Error{Kind: domain.Refused, Code: "organisation_cycle", Message: "nothing can be below itself"}
	ErrNoPosition       = &domain.Error{Kind: domain.Missing, Code: "position_not_found", Message: "there is no such position", Field: "position_id"}
	ErrPositionClosed   = &domain.Error{Kind: domain.Refused, Code: "position_closed", Message: "the position was closed", Field: "position_id"}
	ErrPositionExists   = &domain.Error{Kind: domain.Refused, Code: "position_exists", Message: "the department has a position of this title", Field: "title"}
	ErrPositionHeld     = &domain.Error{Kind: domain.Refused, Code: "position_in_use", Message: "members hold the position, or other positions report to it"}
	ErrElsewhere        = &domain.Error{Kind: domain.Refused, Code: "position_elsewhere", Message: "the position belongs to another department", Field: "position_id"}
	ErrNoMember         = &domain.Error{Kind: domain.Missing, Code: "member_not_found", Message: "nobody of this id belongs to the organisation", Field: "member_id"}
	ErrMemberExists     = &domain.Error{Kind: domain.Refused, Code: "member_exists", Message: "somebody of this id belongs to the organisation already", Field: "member_id"}
	ErrSelf             = &domain.Error{Kind: domain.Invalid, Code: "own_substitute", Message: "nobody can stand in for themselves", Field: "substitute_id"}
	ErrOverlaps         = &domain.Error{Kind: domain.Refused, Code: "substitution_overlaps", Message: "somebody else stands in for the member during that time", Field: "from"}
	ErrNoSubstitution   = &domain.Error{Kind: domain.Missing, Code: "substitution_not_found", Message: "there is no such substitution", Field: "substitution_id"}
	ErrNotOwn           = &domain.Error{Kind: domain.Denied, Code: "not_own_substitute", Message: "members name and end substitutes for themselves, managers for their team, administrators for anybody"}
	ErrNoRole           = &domain.Error{Kind: domain.Missing, Code: "project_role_not_held", Message: "the member does not have this role in the project", Field: "role"}
	ErrFull             = &domain.Error{Kind: domain.Refused, Code: "organisation_full", Message: "the organisation has as many of these as fit"}
)

// Organisation is everything that decisions about it need to know.
type Organisation struct {
	departments   table[Department]
	positions     table[Position]
	members       table[Member] // those who left, too
	substitutions table[Substitution]

	below    index         // departments by the one above; "" for those at the top
	posts    index         // open positions by department
	staff    index         // members by department
	leavers  index         // those who left, by the department they left; the one above if it is closed
	managed  index         // departments by manager
	stands   index         // substitutions by substitute
	covered  index         // substitutions by whom they are for
	spelt    table[string] // ids of members by how they read
	movedAt  time.Time     // when a department was moved last
	turnedAt time.Time     // when a position was made to report to another last

	teams *sync.Map // what Team answered of this state
}

// Department is a part of the organisation.
type Department struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	ParentID     string    `json:"parent_id,omitempty"`
	ManagerID    string    `json:"manager_id,omitempty"`
	LiaisonID    string    `json:"liaison_id,omitempty"`
	OpenedAt     time.Time `json:"opened_at"`
	Since        time.Time `json:"since"` // of name and place
	ManagerSince time.Time `json:"manager_since,omitzero"`
	LiaisonSince time.Time `json:"liaison_since,omitzero"`
	Last         time.Time `json:"last"` // when something in it changed last
	Closed       bool      `json:"closed,omitempty"`
}

// Position is a post in a department. Several members can hold it.
type Position struct {
	ID           string    `json:"id"`
	DepartmentID string    `json:"department_id"`
	Title        string    `json:"title"`
	ReportsTo    string    `json:"reports_to,omitempty"`
	OpenedAt     time.Time `json:"opened_at"`
	Since        time.Time `json:"since"` // of title and whom it reports to
	Last         time.Time `json:"last"`  // when something that depends on it changed last
	Closed       bool      `json:"closed,omitempty"`
}

// Member is somebody who belongs to the organisation, by the id they act under.
type Member struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	DepartmentID string        `json:"department_id"`
	PositionID   string        `json:"position_id,omitempty"`
	ProjectRoles []ProjectRole `json:"project_roles,omitempty"` // by name
	JoinedAt     time.Time     `json:"joined_at"`
	NamedAt      time.Time     `json:"named_at"`
	Since        time.Time     `json:"since"`    // of department and position
	RolesAt      time.Time     `json:"roles_at"` // when a role in the project was given or taken last
	Last         time.Time     `json:"last"`     // when something about them changed last
	Left         bool          `json:"left,omitempty"`
}

// ProjectRole is a role that a member has in the CRM project.
type ProjectRole struct {
	Role  string    `json:"role"`
	Since time.Time `json:"since"`
}

// Substitution is a time during which a member stands in for another one.
type Substitution struct {
	ID           string     `json:"id"`
	MemberID     string     `json:"member_id"`
	SubstituteID string     `json:"substitute_id"`
	From         time.Time  `json:"from"`
	Until        *time.Time `json:"until,omitempty"` // nil: until it is ended
	NamedAt      time.Time  `json:"named_at"`
}

// Aggregate says where the organisation is kept.
var Aggregate = domain.Aggregate[Organisation, Event]{Category: "organisation", Evolve: Evolve, Snapshot: 1, NotFound: ErrNothing}

// Holds tells whether the substitution is in effect at a time.
func (s Substitution) Holds(at time.Time) bool { return !at.Before(s.From) && s.lasts(at) }

// lasts tells whether it has not ended by then; it may not have begun either.
func (s Substitution) lasts(at time.Time) bool { return s.Until == nil || at.Before(*s.Until) }
