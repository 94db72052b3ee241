package organisationfile

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/commands"
)

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
