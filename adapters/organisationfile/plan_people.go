package organisationfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/projections"
)

func (p *plan) planMembers(d *department) {
	for _, m := range d.Members {
		post := d.posts[key(m.Position)]
		if m.Position == "" || post == nil {
			post = &position{}
		}
		there, belongs := p.at.members[m.ID]
		ref := commands.MemberRef{MemberID: m.ID}
		if !belongs {
			p.step("add-member", nil, func(at commands.At) any {
				return commands.AddMember{At: at, MemberRef: ref, Name: m.Name, DepartmentID: d.id, PositionID: post.id}
			}, "add member %s to %s", m.ID, d)
			continue
		}
		if d.id != there.DepartmentID || m.Position != "" && post.id == "" || post.id != there.PositionID {
			p.step("move-member", nil, func(at commands.At) any {
				return commands.MoveMember{At: at, MemberRef: ref, DepartmentID: d.id, PositionID: post.id}
			}, "move member %s to %s", m.ID, strings.TrimSuffix(d.String()+" / "+m.Position, " / "))
		}
		if m.Name != "" && m.Name != there.Name {
			p.step("rename-member", nil, func(at commands.At) any { return commands.RenameMember{At: at, MemberRef: ref, Name: m.Name} },
				"rename member %s to %s", m.ID, m.Name)
		}
	}
}

func (p *plan) planDuties(d *department) {
	there := p.at.departments[d.id]
	if d.Manager != "" && p.known(d.String(), d.Manager) && d.Manager != there.ManagerID {
		p.step("appoint-manager", nil, func(at commands.At) any {
			return commands.AppointManager{At: at, DepartmentRef: commands.DepartmentRef{DepartmentID: d.id}, MemberID: d.Manager}
		}, "appoint %s manager of %s", d.Manager, d)
	}
	if d.Liaison != "" && p.known(d.String(), d.Liaison) && d.Liaison != there.LiaisonID {
		p.step("name-liaison", nil, func(at commands.At) any {
			return commands.NameLiaison{At: at, DepartmentRef: commands.DepartmentRef{DepartmentID: d.id}, MemberID: d.Liaison}
		}, "name %s liaison of %s", d.Liaison, d)
	}
}

func (p *plan) planRoles(f File) {
	for _, role := range slices.Sorted(maps.Keys(f.ProjectRoles)) {
		if !slices.Contains(organisation.ProjectRoles, role) {
			p.problem("project_roles", "there is no role %q; it is one of %s", role, strings.Join(organisation.ProjectRoles, ", "))
		}
		for _, id := range f.ProjectRoles[role] {
			if p.known("project_roles", id) && !slices.Contains(p.at.members[id].ProjectRoles, role) {
				p.step("assign-project-role", nil, func(at commands.At) any {
					return commands.AssignProjectRole{At: at, MemberRef: commands.MemberRef{MemberID: id}, Role: role}
				}, "assign the project role %s to %s", role, id)
			}
		}
	}
}

func (p *plan) planSubstitutes(f File) {
	for _, s := range f.Substitutes {
		if !p.known("substitutes", s.Member) || !p.known("substitutes", s.Substitute) {
			continue
		}
		if slices.ContainsFunc(p.at.members[s.Member].Substitutes, s.is) {
			continue
		}
		p.step("name-substitute", nil, func(at commands.At) any {
			return commands.NameSubstitute{At: at, MemberRef: commands.MemberRef{MemberID: s.Member}, SubstituteID: s.Substitute, From: s.From, Until: s.Until}
		}, "name %s substitute of %s", s.Substitute, s.Member)
	}
}

// is tells whether the file means a substitution that is there. Without a
// beginning it means any of these two with the same end.
func (s Substitute) is(there projections.SubstitutionView) bool {
	return s.Substitute == there.SubstituteID && (s.From == nil || s.From.Equal(there.From)) &&
		(s.Until == nil) == (there.Until == nil) && (s.Until == nil || s.Until.Equal(*there.Until))
}
