package organisationfile

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/projections"
)

// Of is the file that says what is there.
func Of(tree projections.OrganisationTree) File {
	at := newCurrent(tree)
	f := File{Departments: []Department{}}
	for _, d := range tree.Departments {
		f.Departments = append(f.Departments, at.department(d))
	}
	for _, m := range at.order {
		for _, role := range m.ProjectRoles {
			if f.ProjectRoles == nil {
				f.ProjectRoles = map[string][]string{}
			}
			f.ProjectRoles[role] = append(f.ProjectRoles[role], m.ID)
		}
		for _, s := range m.Substitutes {
			f.Substitutes = append(f.Substitutes, Substitute{Member: m.ID, Substitute: s.SubstituteID, From: &s.From, Until: s.Until})
		}
	}
	return f
}

// current is what is there, by id.
type current struct {
	departments map[string]projections.DepartmentNode
	positions   map[string]post
	members     map[string]projections.OrganisationMember
	order       []projections.OrganisationMember
	top         []projections.DepartmentNode
}

// post is a position with its department and the way there.
type post struct {
	projections.PositionNode
	department string
	path       Path
}

func newCurrent(tree projections.OrganisationTree) *current {
	c := &current{
		departments: map[string]projections.DepartmentNode{}, positions: map[string]post{},
		members: map[string]projections.OrganisationMember{}, top: tree.Departments,
	}
	for _, d := range tree.Departments {
		c.add(d, nil)
	}
	return c
}

func (c *current) add(d projections.DepartmentNode, above Path) {
	path := append(slices.Clip(above), d.Name)
	c.departments[d.ID] = d
	for _, p := range d.Positions {
		c.positions[p.ID] = post{p, d.ID, append(slices.Clip(path), p.Title)}
	}
	for _, m := range d.Members {
		c.members[m.ID] = m
		c.order = append(c.order, m)
	}
	for _, below := range d.Departments {
		c.add(below, path)
	}
}

func (c *current) department(d projections.DepartmentNode) Department {
	out := Department{Name: d.Name, ID: d.ID, Manager: d.ManagerID, Liaison: d.LiaisonID}
	for _, p := range d.Positions {
		position := Position{Title: p.Title, ID: p.ID}
		if to, ok := c.positions[p.ReportsTo]; ok {
			if position.ReportsTo = to.path; to.department == d.ID {
				position.ReportsTo = Path{to.Title}
			}
		}
		out.Positions = append(out.Positions, position)
	}
	for _, m := range d.Members {
		out.Members = append(out.Members, Member{ID: m.ID, Name: m.Name, Position: m.Position})
	}
	for _, below := range d.Departments {
		out.Departments = append(out.Departments, c.department(below))
	}
	return out
}

// key is how names and paths are compared.
func key(path ...string) string { return strings.ToLower(strings.Join(path, "\x00")) }
