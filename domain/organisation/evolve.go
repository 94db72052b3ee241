package organisation

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Evolve is the organisation after e.
func Evolve(o Organisation, e Event) Organisation {
	o.teams = new(sync.Map)
	switch e := e.(type) {
	case DepartmentOpened:
		o.departments = o.departments.with(e.DepartmentID, Department{
			ID: e.DepartmentID, Name: e.Name, ParentID: e.ParentID, OpenedAt: e.OpenedAt, Since: e.OpenedAt, Last: e.OpenedAt,
		})
		o.below = o.below.add(e.ParentID, e.DepartmentID)
		o.inDepartment(e.ParentID, e.OpenedAt)
	case DepartmentRenamed:
		o.changeDepartment(e.DepartmentID, e.RenamedAt, func(d *Department) { d.Name, d.Since = e.To, e.RenamedAt })
	case DepartmentMoved:
		o.changeDepartment(e.DepartmentID, e.MovedAt, func(d *Department) { d.ParentID, d.Since = e.To, e.MovedAt })
		o.below = o.below.move(e.From, e.To, e.DepartmentID)
		o.inDepartment(e.From, e.MovedAt)
		o.inDepartment(e.To, e.MovedAt)
		o.movedAt = latest(o.movedAt, e.MovedAt)
	case DepartmentClosed:
		o.changeDepartment(e.DepartmentID, e.ClosedAt, func(d *Department) { d.Closed, d.ManagerID, d.LiaisonID = true, "", "" })
		o.below = o.below.remove(e.ParentID, e.DepartmentID)
		o.managed = o.managed.remove(e.ManagerID, e.DepartmentID)
		for _, member := range o.leavers.at(e.DepartmentID) {
			o.leavers = o.leavers.move(e.DepartmentID, e.ParentID, member)
		}
		o.inDepartment(e.ParentID, e.ClosedAt)
		o.about(e.ManagerID, e.ClosedAt)
		o.about(e.LiaisonID, e.ClosedAt)
	case ManagerAppointed:
		o.changeDepartment(e.DepartmentID, e.AppointedAt, func(d *Department) { d.ManagerID, d.ManagerSince = e.To, e.AppointedAt })
		o.managed = o.managed.remove(e.From, e.DepartmentID)
		if e.To != "" {
			o.managed = o.managed.add(e.To, e.DepartmentID)
		}
		o.about(e.From, e.AppointedAt)
		o.about(e.To, e.AppointedAt)
	case LiaisonNamed:
		o.changeDepartment(e.DepartmentID, e.NamedAt, func(d *Department) { d.LiaisonID, d.LiaisonSince = e.To, e.NamedAt })
		o.about(e.From, e.NamedAt)
		o.about(e.To, e.NamedAt)
	case PositionOpened:
		o.positions = o.positions.with(e.PositionID, Position{
			ID: e.PositionID, DepartmentID: e.DepartmentID, Title: e.Title, ReportsTo: e.ReportsTo,
			OpenedAt: e.OpenedAt, Since: e.OpenedAt, Last: e.OpenedAt,
		})
		o.posts = o.posts.add(e.DepartmentID, e.PositionID)
		o.inDepartment(e.DepartmentID, e.OpenedAt)
		o.inPosition(e.ReportsTo, e.OpenedAt)
	case PositionChanged:
		o.changePosition(e.PositionID, e.ChangedAt, func(p *Position) { p.Title, p.ReportsTo, p.Since = e.To.Title, e.To.ReportsTo, e.ChangedAt })
		o.inDepartment(e.DepartmentID, e.ChangedAt)
		if e.From.ReportsTo != e.To.ReportsTo {
			o.inPosition(e.From.ReportsTo, e.ChangedAt)
			o.inPosition(e.To.ReportsTo, e.ChangedAt)
			o.turnedAt = latest(o.turnedAt, e.ChangedAt)
		}
	case PositionClosed:
		o.changePosition(e.PositionID, e.ClosedAt, func(p *Position) { p.Closed = true })
		o.posts = o.posts.remove(e.DepartmentID, e.PositionID)
		o.inDepartment(e.DepartmentID, e.ClosedAt)
		o.inPosition(e.ReportsTo, e.ClosedAt)
	case MemberJoined:
		o.joined(e)
	case MemberRenamed:
		o.changeMember(e.MemberID, e.RenamedAt, func(m *Member) { m.Name, m.NamedAt = e.To, e.RenamedAt })
	case MemberMoved:
		o.moved(e)
	case MemberLeft:
		o.changeMember(e.MemberID, e.LeftAt, func(m *Member) { m.Left = true })
		o.staff = o.staff.remove(e.DepartmentID, e.MemberID)
		o.leavers = o.leavers.add(e.DepartmentID, e.MemberID)
		o.placed(Place{e.DepartmentID, e.PositionID}, e.LeftAt)
	case SubstituteNamed:
		o.substituted(e)
	case SubstitutionEnded:
		s := o.substitutions.at(e.SubstitutionID)
		until := latest(e.EndedAt, e.From) // what had not begun is empty
		s.Until = &until
		o.substitutions = o.substitutions.with(s.ID, s)
		o.about(e.MemberID, e.EndedAt)
		o.about(e.SubstituteID, e.EndedAt)
	case ProjectRoleAssigned:
		o.changeMember(e.MemberID, e.AssignedAt, func(m *Member) {
			m.RolesAt = e.AssignedAt
			m.ProjectRoles = append(slices.Clone(m.ProjectRoles), ProjectRole{Role: e.Role, Since: e.AssignedAt})
			slices.SortFunc(m.ProjectRoles, func(a, b ProjectRole) int { return strings.Compare(a.Role, b.Role) })
		})
	case ProjectRoleWithdrawn:
		o.changeMember(e.MemberID, e.WithdrawnAt, func(m *Member) {
			m.RolesAt = e.WithdrawnAt
			m.ProjectRoles = slices.DeleteFunc(slices.Clone(m.ProjectRoles), func(r ProjectRole) bool { return r.Role == e.Role })
		})
	}
	return o
}

func (o *Organisation) joined(e MemberJoined) {
	if before, ok := o.members.get(e.MemberID); ok {
		o.leavers = o.leavers.remove(o.open(before.DepartmentID), e.MemberID)
	}
	o.members = o.members.with(e.MemberID, Member{
		ID: e.MemberID, Name: e.Name, DepartmentID: e.DepartmentID, PositionID: e.PositionID,
		JoinedAt: e.JoinedAt, NamedAt: e.JoinedAt, Since: e.JoinedAt, RolesAt: e.JoinedAt, Last: e.JoinedAt,
	})
	o.spelt = o.spelt.with(read(e.MemberID), e.MemberID)
	o.staff = o.staff.add(e.DepartmentID, e.MemberID)
	o.placed(Place{e.DepartmentID, e.PositionID}, e.JoinedAt)
}

func (o *Organisation) moved(e MemberMoved) {
	o.changeMember(e.MemberID, e.MovedAt, func(m *Member) {
		m.DepartmentID, m.PositionID, m.Since = e.To.DepartmentID, e.To.PositionID, e.MovedAt
	})
	o.staff = o.staff.move(e.From.DepartmentID, e.To.DepartmentID, e.MemberID)
	o.placed(e.From, e.MovedAt)
	o.placed(e.To, e.MovedAt)
}

func (o *Organisation) substituted(e SubstituteNamed) {
	o.substitutions = o.substitutions.with(e.SubstitutionID, Substitution{
		ID: e.SubstitutionID, MemberID: e.MemberID, SubstituteID: e.SubstituteID, From: e.From, Until: e.Until, NamedAt: e.NamedAt,
	})
	o.covered = o.covered.add(e.MemberID, e.SubstitutionID)
	o.stands = o.stands.add(e.SubstituteID, e.SubstitutionID)
	o.about(e.MemberID, e.NamedAt)
	o.about(e.SubstituteID, e.NamedAt)
}

// changeDepartment changes one; its time of the last change never goes back.
func (o *Organisation) changeDepartment(id string, at time.Time, change func(*Department)) {
	d := o.departments.at(id)
	change(&d)
	d.Last = latest(d.Last, at)
	o.departments = o.departments.with(id, d)
}

// inDepartment notes that something in a department changed.
func (o *Organisation) inDepartment(id string, at time.Time) {
	if id != "" {
		o.changeDepartment(id, at, func(*Department) {})
	}
}

func (o *Organisation) changePosition(id string, at time.Time, change func(*Position)) {
	p := o.positions.at(id)
	change(&p)
	p.Last = latest(p.Last, at)
	o.positions = o.positions.with(id, p)
}

func (o *Organisation) inPosition(id string, at time.Time) {
	if id != "" {
		o.changePosition(id, at, func(*Position) {})
	}
}

// placed notes that a member came to a place, or went from it.
func (o *Organisation) placed(p Place, at time.Time) {
	o.inDepartment(p.DepartmentID, at)
	o.inPosition(p.PositionID, at)
}

func (o *Organisation) changeMember(id string, at time.Time, change func(*Member)) {
	m := o.members.at(id)
	change(&m)
	m.Last = latest(m.Last, at)
	o.members = o.members.with(id, m)
}

// about notes that something about a member changed.
func (o *Organisation) about(id string, at time.Time) {
	if id != "" {
		o.changeMember(id, at, func(*Member) {})
	}
}

// read is how an id reads: ids that differ in case only are taken for one.
func read(id string) string { return strings.ToLower(id) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
