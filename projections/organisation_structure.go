package projections

import (
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/organisation"
)

// structure shows an organisation as it is looked at at a time.
type structure struct {
	organisation.Organisation
	at time.Time
}

func (s structure) nodes(ids []string) []DepartmentNode {
	nodes := make([]DepartmentNode, len(ids))
	for i, id := range ids {
		d, _ := s.Department(id)
		nodes[i] = s.node(d)
	}
	slices.SortFunc(nodes, func(a, b DepartmentNode) int { return byName(a.Name, a.ID, b.Name, b.ID) })
	return nodes
}

func (s structure) node(d organisation.Department) DepartmentNode {
	node := DepartmentNode{
		ID: d.ID, Name: d.Name, ParentID: d.ParentID, ManagerID: d.ManagerID, LiaisonID: d.LiaisonID, OpenedAt: d.OpenedAt,
		Positions: []PositionNode{}, Members: []OrganisationMember{}, Departments: s.nodes(s.Below(d.ID)),
	}
	for _, id := range s.Positions(d.ID) {
		p, _ := s.Position(id)
		node.Positions = append(node.Positions, PositionNode{ID: p.ID, Title: p.Title, ReportsTo: p.ReportsTo, OpenedAt: p.OpenedAt})
	}
	slices.SortFunc(node.Positions, func(a, b PositionNode) int { return byName(a.Title, a.ID, b.Title, b.ID) })
	for _, id := range s.Staff(d.ID) {
		m, _ := s.Member(id)
		node.Members = append(node.Members, s.member(m))
	}
	slices.SortFunc(node.Members, compareMembers)
	return node
}

func (s structure) member(m organisation.Member) OrganisationMember {
	d, _ := s.Department(m.DepartmentID)
	p, _ := s.Position(m.PositionID)
	member := OrganisationMember{
		ID: m.ID, Name: m.Name, DepartmentID: m.DepartmentID, Department: d.Name, PositionID: m.PositionID, Position: p.Title,
		JoinedAt: m.JoinedAt, Since: m.Since,
	}
	for _, r := range m.ProjectRoles {
		member.ProjectRoles = append(member.ProjectRoles, r.Role)
	}
	for _, s := range s.SubstitutionsFor(m.ID, s.at) {
		member.Substitutes = append(member.Substitutes, SubstitutionView{ID: s.ID, SubstituteID: s.SubstituteID, From: s.From, Until: s.Until})
	}
	return member
}

func (d DepartmentNode) count() int {
	n := len(d.Members)
	for _, below := range d.Departments {
		n += below.count()
	}
	return n
}

func compareMembers(a, b OrganisationMember) int { return byName(a.Name, a.ID, b.Name, b.ID) }

// byName puts names in order as people read them, and what has the same name by id.
func byName(a, idA, b, idB string) int {
	return strings.Compare(nameKey(a, idA), nameKey(b, idB))
}

func nameKey(name, id string) string { return strings.ToLower(name) + "\x00" + id }
