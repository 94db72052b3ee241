package projections

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/organisation"
)

// OrganisationKind is the organisation as a record that has a history. It has no
// read model: its events say what they change.
func OrganisationKind() *Kind {
	category := organisation.Aggregate.Category
	return &Kind{
		Name: category, Category: category, Missing: organisation.ErrNothing, Says: organisationSays,
		Model: Model{Name: category, replay: func(string) Replay { return undocumented{} }},
	}
}

// undocumented is the replay of what has no document.
type undocumented struct{}

func (undocumented) Take(r *domain.Recorded) (bool, error) {
	if u, bad := r.Event.(domain.Undecodable); bad {
		return false, u.Err
	}
	return false, nil
}
func (undocumented) Document() ([]byte, error)    { return nil, nil }
func (undocumented) Field(string) ([]byte, error) { return nil, nil }

// statement collects what an event says about one thing.
type statement struct {
	of      string // "members[ann]"
	changes []Change
}

// change notes a field that differs. Empty texts and times stand for nothing.
func (s *statement) change(field string, from, to any) {
	if from, to = orNothing(from), orNothing(to); from == to {
		return
	}
	s.changes = append(s.changes, Change{
		Record: organisation.Aggregate.Stream(organisation.ID), Field: s.of + "." + field, From: from, To: to,
	})
}

// orNothing is a value as a history shows it.
func orNothing(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case *time.Time:
		if v == nil {
			return nil
		}
		return v.Format(time.RFC3339Nano)
	}
	return v
}

// organisationSays is what an event is about, and what it changed.
func organisationSays(e domain.Event) (about string, changes []Change) {
	s := statement{}
	switch e := e.(type) {
	case organisation.DepartmentOpened:
		about, s.of = e.Name, item("departments", e.DepartmentID)
		s.change("name", nil, e.Name)
		s.change("parent_id", nil, e.ParentID)
	case organisation.DepartmentRenamed:
		about, s.of = e.To, item("departments", e.DepartmentID)
		s.change("name", e.From, e.To)
	case organisation.DepartmentMoved:
		about, s.of = e.Name, item("departments", e.DepartmentID)
		s.change("parent_id", e.From, e.To)
	case organisation.DepartmentClosed:
		about, s.of = e.Name, item("departments", e.DepartmentID)
		s.change("name", e.Name, nil)
		s.change("parent_id", e.ParentID, nil)
		s.change("manager_id", e.ManagerID, nil)
		s.change("liaison_id", e.LiaisonID, nil)
	case organisation.ManagerAppointed:
		about, s.of = e.Department, item("departments", e.DepartmentID)
		s.change("manager_id", e.From, e.To)
	case organisation.LiaisonNamed:
		about, s.of = e.Department, item("departments", e.DepartmentID)
		s.change("liaison_id", e.From, e.To)
	case organisation.PositionOpened:
		about, s.of = e.Title, item("positions", e.PositionID)
		s.change("title", nil, e.Title)
		s.change("department_id", nil, e.DepartmentID)
		s.change("reports_to", nil, e.ReportsTo)
	case organisation.PositionChanged:
		about, s.of = e.To.Title, item("positions", e.PositionID)
		s.change("title", e.From.Title, e.To.Title)
		s.change("reports_to", e.From.ReportsTo, e.To.ReportsTo)
	case organisation.PositionClosed:
		about, s.of = e.Title, item("positions", e.PositionID)
		s.change("title", e.Title, nil)
		s.change("department_id", e.DepartmentID, nil)
		s.change("reports_to", e.ReportsTo, nil)
	default:
		return membersSay(e)
	}
	return about, s.changes
}

// membersSay is organisationSays for events about members.
func membersSay(e domain.Event) (about string, changes []Change) {
	s := statement{}
	switch e := e.(type) {
	case organisation.MemberJoined:
		about, s.of = e.Name, item("members", e.MemberID)
		s.change("name", nil, e.Name)
		s.change("department_id", nil, e.DepartmentID)
		s.change("position_id", nil, e.PositionID)
	case organisation.MemberRenamed:
		about, s.of = e.To, item("members", e.MemberID)
		s.change("name", e.From, e.To)
	case organisation.MemberMoved:
		about, s.of = e.Name, item("members", e.MemberID)
		s.change("department_id", e.From.DepartmentID, e.To.DepartmentID)
		s.change("position_id", e.From.PositionID, e.To.PositionID)
	case organisation.MemberLeft:
		about, s.of = e.Name, item("members", e.MemberID)
		s.change("name", e.Name, nil)
		s.change("department_id", e.DepartmentID, nil)
		s.change("position_id", e.PositionID, nil)
	case organisation.SubstituteNamed:
		about, s.of = e.MemberID, item("substitutions", e.SubstitutionID)
		s.change("member_id", nil, e.MemberID)
		s.change("substitute_id", nil, e.SubstituteID)
		s.change("from", nil, e.From)
		s.change("until", nil, e.Until)
	case organisation.SubstitutionEnded:
		about, s.of = e.MemberID, item("substitutions", e.SubstitutionID)
		s.change("until", e.Until, e.EndedAt)
	case organisation.ProjectRoleAssigned:
		about, s.of = e.MemberID, item("members", e.MemberID)
		s.change(item("project_roles", e.Role), nil, e.AssignedAt)
	case organisation.ProjectRoleWithdrawn:
		about, s.of = e.MemberID, item("members", e.MemberID)
		s.change(item("project_roles", e.Role), e.AssignedAt, nil)
	}
	return about, s.changes
}

func item(list, id string) string { return fmt.Sprintf("%s[%s]", list, id) }
