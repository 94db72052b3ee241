package organisation

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/input"
)

// AppointManager says who manages a department; nobody does if member is empty.
// It fails with ErrNoDepartment, ErrDepartmentClosed, ErrNoMember or
// input.ErrOutOfOrder.
func (o Organisation) AppointManager(department, member string, at time.Time) ([]Event, error) {
	d, err := o.openDepartment(department, "department_id")
	if err != nil || d.ManagerID == member {
		return nil, err
	}
	if at, err = o.duty(member, latest(d.OpenedAt, d.ManagerSince), at); err != nil {
		return nil, err
	}
	return []Event{ManagerAppointed{DepartmentID: d.ID, Department: d.Name, From: d.ManagerID, To: member, AppointedAt: at}}, nil
}

// NameLiaison says who answers for the customer data of a department; nobody
// does if member is empty. Errors are those of AppointManager.
func (o Organisation) NameLiaison(department, member string, at time.Time) ([]Event, error) {
	d, err := o.openDepartment(department, "department_id")
	if err != nil || d.LiaisonID == member {
		return nil, err
	}
	if at, err = o.duty(member, latest(d.OpenedAt, d.LiaisonSince), at); err != nil {
		return nil, err
	}
	return []Event{LiaisonNamed{DepartmentID: d.ID, Department: d.Name, From: d.LiaisonID, To: member, NamedAt: at}}, nil
}

// duty is when a member can take a duty on that was settled last at since.
func (o Organisation) duty(member string, since, at time.Time) (time.Time, error) {
	if member != "" {
		m, ok := o.Member(member)
		if !ok {
			return at, ErrNoMember
		}
		since = latest(since, m.JoinedAt)
	}
	return input.NotBefore(at, since)
}

// AssignProjectRole gives a member a role in the CRM project; several members
// can have one. It fails with input.ErrInvalid, ErrNoMember or
// input.ErrOutOfOrder.
func (o Organisation) AssignProjectRole(role, member string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Required("role", role)
	c.OneOf("role", role, ProjectRoles)
	if err := c.Err(); err != nil {
		return nil, err
	}
	m, ok := o.Member(member)
	if !ok {
		return nil, ErrNoMember
	}
	if _, has := m.projectRole(role); has {
		return nil, nil
	}
	at, err := input.NotBefore(at, m.RolesAt)
	if err != nil {
		return nil, err
	}
	return []Event{ProjectRoleAssigned{Role: role, MemberID: member, AssignedAt: at}}, nil
}

// WithdrawProjectRole takes a role in the CRM project away. It fails with
// ErrNoMember, ErrNoRole or input.ErrOutOfOrder.
func (o Organisation) WithdrawProjectRole(role, member string, at time.Time) ([]Event, error) {
	m, ok := o.Member(member)
	if !ok {
		return nil, ErrNoMember
	}
	held, has := m.projectRole(role)
	if !has {
		return nil, ErrNoRole.Because("%s does not have the role %q in the project", member, role)
	}
	at, err := input.NotBefore(at, m.RolesAt)
	if err != nil {
		return nil, err
	}
	return []Event{ProjectRoleWithdrawn{Role: role, MemberID: member, AssignedAt: held.Since, WithdrawnAt: at}}, nil
}

func (m Member) projectRole(role string) (ProjectRole, bool) {
	for _, r := range m.ProjectRoles {
		if r.Role == role {
			return r, true
		}
	}
	return ProjectRole{}, false
}

// relieved are the events that end what a member who leaves had to do.
func (o Organisation) relieved(m Member, at time.Time) []Event {
	var events []Event
	var departments []string
	for id, d := range o.departments.all() {
		if !d.Closed && (d.ManagerID == m.ID || d.LiaisonID == m.ID) {
			departments = append(departments, id)
		}
	}
	slices.Sort(departments)
	for _, id := range departments {
		d := o.departments.at(id)
		if d.ManagerID == m.ID {
			events = append(events, ManagerAppointed{DepartmentID: id, Department: d.Name, From: m.ID, Cause: CauseLeft, AppointedAt: at})
		}
		if d.LiaisonID == m.ID {
			events = append(events, LiaisonNamed{DepartmentID: id, Department: d.Name, From: m.ID, Cause: CauseLeft, NamedAt: at})
		}
	}
	for _, id := range slices.Concat(o.covered.at(m.ID), o.stands.at(m.ID)) {
		if s := o.substitutions.at(id); s.lasts(at) {
			events = append(events, s.ended(CauseLeft, at))
		}
	}
	for _, r := range m.ProjectRoles {
		events = append(events, ProjectRoleWithdrawn{Role: r.Role, MemberID: m.ID, Cause: CauseLeft, AssignedAt: r.Since, WithdrawnAt: at})
	}
	return events
}
