package organisationfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/projections"
)

// Step is one command of a plan. Ids that earlier steps are answered with are
// filled in when it is its turn.
type Step struct {
	Command string
	Text    string // for people
	Body    func(commands.At) any
	took    *string // where the id it is answered with belongs
}

// Took notes the id that the step was answered with.
func (s Step) Took(id string) {
	if s.took != nil {
		*s.took = id
	}
}

// Plan is what leads from what is there to what a file says.
type Plan struct {
	Steps []Step
	Left  []string // what is there and not in the file, and stays
}

// plan works one out.
type plan struct {
	Plan
	at          *current
	prune       bool
	departments []*department
	positions   map[string]*position // by path
	members     map[string]*department
	used        map[string]bool // ids of departments and positions that the file names
	problems    []input.Problem
}

type department struct {
	Department
	id     string // empty: still to be opened
	parent *department
	path   Path
	posts  map[string]*position // by title
}

type position struct {
	Position
	id      string
	of      *department
	planned bool
}

// New plans. With prune, what the file leaves out is ended. It fails with ErrFile
// if the file contradicts itself or names what is not there.
func New(f File, tree projections.OrganisationTree, prune bool) (Plan, error) {
	p := &plan{
		at: newCurrent(tree), prune: prune, positions: map[string]*position{}, members: map[string]*department{}, used: map[string]bool{},
	}
	p.find(f.Departments, nil, p.at.top)
	for _, d := range p.departments {
		p.planDepartment(d)
	}
	for _, d := range p.departments {
		for _, post := range d.Positions {
			p.planPosition(d.posts[key(post.Title)])
		}
	}
	for _, d := range p.departments {
		p.planMembers(d)
	}
	for _, d := range p.departments {
		p.planDuties(d)
	}
	p.planRoles(f)
	p.planSubstitutes(f)
	p.leave(f)
	if len(p.problems) > 0 {
		return Plan{}, ErrFile.Because("%s", p.problems[0].Message).With(p.problems)
	}
	return p.Plan, nil
}

func (p *plan) problem(where, format string, args ...any) {
	p.problems = append(p.problems, input.Problem{Field: where, Message: fmt.Sprintf(format, args...)})
}

func (p *plan) step(command string, took *string, body func(commands.At) any, format string, args ...any) {
	p.Steps = append(p.Steps, Step{Command: command, Text: fmt.Sprintf(format, args...), Body: body, took: took})
}

func (d *department) String() string { return strings.Join(d.path, " / ") }

// find matches the departments and positions of the file with those that are there.
func (p *plan) find(all []Department, above *department, there []projections.DepartmentNode) {
	names := map[string]bool{}
	for _, one := range all {
		d := &department{Department: one, parent: above, posts: map[string]*position{}, path: Path{one.Name}}
		if above != nil {
			d.path = append(slices.Clip(above.path), one.Name)
		}
		if names[key(one.Name)] || strings.TrimSpace(one.Name) == "" {
			p.problem(d.String(), "a department needs a name that no other one beside it has")
		}
		names[key(one.Name)] = true
		d.id = p.match(d.String(), one.ID, func(id string) bool { _, ok := p.at.departments[id]; return ok }, func(yield func(string, string) bool) {
			for _, other := range there {
				if !yield(other.ID, other.Name) {
					return
				}
			}
		}, one.Name)
		p.departments = append(p.departments, d)
		p.findPositions(d)
		p.findMembers(d)
		p.find(one.Departments, d, p.at.departments[d.id].Departments)
	}
}

// match finds the id of what the file names by id, or else by name.
func (p *plan) match(where, id string, known func(string) bool, there func(func(id, name string) bool), name string) string {
	if id == "" {
		for other, called := range there {
			if key(called) == key(name) && !p.used[other] {
				id = other
			}
		}
	} else if !known(id) {
		p.problem(where, "nothing open has the id %s here; leave the id out to have it opened", id)
	}
	if id != "" && p.used[id] {
		p.problem(where, "this is in the file twice")
	}
	p.used[id] = id != ""
	return id
}

func (p *plan) findPositions(d *department) {
	for _, one := range d.Positions {
		where := d.String() + " / " + one.Title
		if d.posts[key(one.Title)] != nil || strings.TrimSpace(one.Title) == "" {
			p.problem(where, "a position needs a title that no other one of the department has")
		}
		post := &position{Position: one, of: d}
		post.id = p.match(where, one.ID, func(id string) bool { return p.at.positions[id].department == d.id && d.id != "" }, func(yield func(string, string) bool) {
			for _, other := range p.at.departments[d.id].Positions {
				if !yield(other.ID, other.Title) {
					return
				}
			}
		}, one.Title)
		d.posts[key(one.Title)] = post
		p.positions[key(append(slices.Clip(d.path), one.Title)...)] = post
	}
}

func (p *plan) findMembers(d *department) {
	for _, m := range d.Members {
		switch other := p.members[m.ID]; {
		case strings.TrimSpace(m.ID) == "":
			p.problem(d.String(), "a member needs the id they act under")
		case other != nil:
			p.problem(d.String(), "the member %s is in %s, too", m.ID, other)
		}
		if m.Position != "" && d.posts[key(m.Position)] == nil {
			p.problem(d.String(), "the position %q of %s is not in this department of the file", m.Position, m.ID)
		}
		p.members[m.ID] = d
	}
}

// known notes a problem unless somebody belongs to the organisation, or will.
func (p *plan) known(where, member string) bool {
	if _, there := p.at.members[member]; there || p.members[member] != nil {
		return true
	}
	p.problem(where, "nobody has the id %q, in the file or in the organisation", member)
	return false
}

func (p *plan) planDepartment(d *department) {
	parent := func() string { return "" }
	if d.parent != nil {
		parent = func() string { return d.parent.id }
	}
	if d.id == "" {
		p.step("open-department", &d.id, func(at commands.At) any {
			return commands.OpenDepartment{At: at, Name: d.Name, ParentID: parent()}
		}, "open department %s", d)
		return
	}
	there := p.at.departments[d.id]
	ref := commands.DepartmentRef{DepartmentID: d.id}
	if d.parent != nil && d.parent.id == "" || parent() != there.ParentID {
		p.step("move-department", nil, func(at commands.At) any {
			return commands.MoveDepartment{At: at, DepartmentRef: ref, ParentID: parent()}
		}, "move department %s to %s", there.Name, d)
	}
	if d.Name != there.Name {
		p.step("rename-department", nil, func(at commands.At) any {
			return commands.RenameDepartment{At: at, DepartmentRef: ref, Name: d.Name}
		}, "rename department %s to %s", there.Name, d)
	}
}

// planPosition opens what a position reports to before it.
func (p *plan) planPosition(post *position) {
	if post == nil || post.planned {
		return
	}
	post.planned = true
	to := p.reportsTo(post)
	if to != nil {
		p.planPosition(to)
	}
	above := func() string {
		if to == nil {
			return ""
		}
		return to.id
	}
	if post.id == "" {
		p.step("open-position", &post.id, func(at commands.At) any {
			return commands.OpenPosition{At: at, DepartmentRef: commands.DepartmentRef{DepartmentID: post.of.id}, Title: post.Title, ReportsTo: above()}
		}, "open position %s / %s", post.of, post.Title)
		return
	}
	there, change := p.at.positions[post.id], commands.ChangePosition{PositionRef: commands.PositionRef{PositionID: post.id}}
	turned := to != nil && to.id == "" || above() != there.ReportsTo
	if post.Title == there.Title && !turned {
		return
	}
	p.step("change-position", nil, func(at commands.At) any {
		change.At, change.Title = at, &post.Title
		if turned {
			id := above()
			change.ReportsTo = &id
		}
		return change
	}, "change position %s / %s", post.of, post.Title)
}

// reportsTo finds the position that one reports to: in the file, or else among
// those that are there.
func (p *plan) reportsTo(post *position) *position {
	path := post.ReportsTo
	switch len(path) {
	case 0:
		return nil
	case 1:
		path = append(slices.Clip(post.of.path), path...)
	}
	if to := p.positions[key(path...)]; to != nil {
		return to
	}
	for id, there := range p.at.positions {
		if key(there.path...) == key(path...) {
			return &position{id: id, planned: true}
		}
	}
	p.problem(post.of.String()+" / "+post.Title, "there is no position %s to report to", strings.Join(path, " / "))
	return nil
}

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
