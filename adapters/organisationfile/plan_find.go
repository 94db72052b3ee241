package organisationfile

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/projections"
)

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
