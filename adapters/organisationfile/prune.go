package organisationfile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/projections"
)

// leave ends what is there and not in the file, or only lists it. What stands in
// the way of an end is ended before.
func (p *plan) leave(f File) {
	for _, m := range p.at.order {
		for _, s := range m.Substitutes {
			wanted := slices.ContainsFunc(f.Substitutes, func(one Substitute) bool { return one.Member == m.ID && one.is(s) })
			if !wanted && !p.gone(m.ID) && !p.gone(s.SubstituteID) {
				p.end("end-substitution", func(at commands.At) any { return commands.EndSubstitution{At: at, SubstitutionID: s.ID} },
					"substitution of %s by %s", m.ID, s.SubstituteID)
			}
		}
		for _, role := range m.ProjectRoles {
			if !slices.Contains(f.ProjectRoles[role], m.ID) && !p.gone(m.ID) {
				p.end("withdraw-project-role", func(at commands.At) any {
					return commands.WithdrawProjectRole{At: at, MemberRef: commands.MemberRef{MemberID: m.ID}, Role: role}
				}, "project role %s of %s", role, m.ID)
			}
		}
	}
	for _, d := range p.departments {
		there, ref := p.at.departments[d.id], commands.DepartmentRef{DepartmentID: d.id}
		if d.Manager == "" && there.ManagerID != "" && !p.gone(there.ManagerID) {
			p.end("appoint-manager", func(at commands.At) any { return commands.AppointManager{At: at, DepartmentRef: ref} }, "manager %s of %s", there.ManagerID, d)
		}
		if d.Liaison == "" && there.LiaisonID != "" && !p.gone(there.LiaisonID) {
			p.end("name-liaison", func(at commands.At) any { return commands.NameLiaison{At: at, DepartmentRef: ref} }, "liaison %s of %s", there.LiaisonID, d)
		}
	}
	for _, m := range p.at.order {
		if p.members[m.ID] == nil {
			p.end("remove-member", func(at commands.At) any {
				return commands.RemoveMember{At: at, MemberRef: commands.MemberRef{MemberID: m.ID}}
			}, "member %s of %s", m.ID, m.Department)
		}
	}
	for _, id := range p.unused() {
		p.end("close-position", func(at commands.At) any {
			return commands.ClosePosition{At: at, PositionRef: commands.PositionRef{PositionID: id}}
		}, "position %s", p.at.positions[id].Title)
	}
	p.leaveDepartments(p.at.top)
}

// gone tells whether a member is to be removed.
func (p *plan) gone(member string) bool { return p.prune && p.members[member] == nil }

func (p *plan) end(command string, body func(commands.At) any, format string, args ...any) {
	if !p.prune {
		p.Left = append(p.Left, fmt.Sprintf(format, args...))
		return
	}
	p.step(command, nil, body, "end "+format, args...)
}

// unused lists the positions that are not in the file, one that reports to
// another before that.
func (p *plan) unused() []string {
	var all []string
	var add func(id string)
	add = func(id string) {
		if p.used[id] || slices.Contains(all, id) {
			return
		}
		for _, other := range slices.Sorted(maps.Keys(p.at.positions)) {
			if p.at.positions[other].ReportsTo == id {
				add(other)
			}
		}
		all = append(all, id)
	}
	for _, id := range slices.Sorted(maps.Keys(p.at.positions)) {
		add(id)
	}
	return all
}

// leaveDepartments closes what is below before what it is below.
func (p *plan) leaveDepartments(all []projections.DepartmentNode) {
	for _, d := range all {
		p.leaveDepartments(d.Departments)
		if !p.used[d.ID] {
			p.end("close-department", func(at commands.At) any {
				return commands.CloseDepartment{At: at, DepartmentRef: commands.DepartmentRef{DepartmentID: d.ID}}
			}, "department %s", d.Name)
		}
	}
}
