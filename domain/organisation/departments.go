package organisation

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/input"
)

// OpenDepartment adds a department under another one, or at the top without a
// parent. It fails with input.ErrInvalid, ErrNoDepartment, ErrDepartmentClosed,
// ErrDepartmentExists, ErrFull or input.ErrOutOfOrder.
func (o Organisation) OpenDepartment(id, name, parent string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Required("department_id", id)
	c.RequiredName("name", &name)
	if err := c.Err(); err != nil {
		return nil, err
	}
	opened := time.Time{}
	if parent != "" {
		above, err := o.openDepartment(parent, "parent_id")
		if err != nil {
			return nil, err
		}
		opened = above.OpenedAt
	}
	if o.departments.rows >= MostDepartments {
		return nil, ErrFull.Because("the organisation has had %d departments; more do not fit", o.departments.rows)
	}
	if err := o.fits(id, parent, 1); err != nil {
		return nil, err
	}
	if err := o.nameFree(id, name, parent); err != nil {
		return nil, err
	}
	at, err := input.NotBefore(at, opened)
	if err != nil {
		return nil, err
	}
	return []Event{DepartmentOpened{DepartmentID: id, Name: name, ParentID: parent, OpenedAt: at}}, nil
}

// RenameDepartment fails with input.ErrInvalid, ErrNoDepartment,
// ErrDepartmentClosed, ErrDepartmentExists or input.ErrOutOfOrder.
func (o Organisation) RenameDepartment(id, name string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("name", &name)
	if err := c.Err(); err != nil {
		return nil, err
	}
	d, err := o.openDepartment(id, "department_id")
	if err != nil || d.Name == name {
		return nil, err
	}
	if err := o.nameFree(id, name, d.ParentID); err != nil {
		return nil, err
	}
	if at, err = input.NotBefore(at, d.Since); err != nil {
		return nil, err
	}
	return []Event{DepartmentRenamed{DepartmentID: id, ParentID: d.ParentID, From: d.Name, To: name, RenamedAt: at}}, nil
}

// MoveDepartment puts a department with all below it under another one, or to
// the top without a parent. Moves are recorded in the order in which they
// happened: only then is the tree one at all times. It fails with
// ErrNoDepartment, ErrDepartmentClosed, ErrCycle, ErrDepartmentExists, ErrFull
// or input.ErrOutOfOrder.
func (o Organisation) MoveDepartment(id, parent string, at time.Time) ([]Event, error) {
	d, err := o.openDepartment(id, "department_id")
	if err != nil || d.ParentID == parent {
		return nil, err
	}
	since := latest(d.Since, o.movedAt)
	if parent != "" {
		above, err := o.openDepartment(parent, "parent_id")
		if err != nil {
			return nil, err
		}
		for up := above; ; up = o.departments.at(up.ParentID) {
			if up.ID == id {
				return nil, ErrCycle.Because("%s is below %s, which cannot be moved there", above.Name, d.Name).In("parent_id")
			}
			if up.ParentID == "" {
				break
			}
		}
		since = latest(since, above.OpenedAt)
	}
	if err := o.fits(id, parent, o.levels(id)); err != nil {
		return nil, err
	}
	if err := o.nameFree(id, d.Name, parent); err != nil {
		return nil, err
	}
	if at, err = input.NotBefore(at, since); err != nil {
		return nil, err
	}
	return []Event{DepartmentMoved{DepartmentID: id, Name: d.Name, From: d.ParentID, To: parent, MovedAt: at}}, nil
}

// CloseDepartment ends an empty department; one already closed stays so. It
// fails with ErrNoDepartment, ErrNotEmpty or input.ErrOutOfOrder.
func (o Organisation) CloseDepartment(id string, at time.Time) ([]Event, error) {
	d, ok := o.departments.get(id)
	switch departments, positions, members := len(o.below.at(id)), len(o.posts.at(id)), len(o.staff.at(id)); {
	case !ok:
		return nil, ErrNoDepartment
	case d.Closed:
		return nil, nil
	case departments+positions+members > 0:
		return nil, ErrNotEmpty.Because("%s still has %d departments right below it, %d positions and %d members; move or close them first", d.Name, departments, positions, members).
			With(map[string]int{"departments": departments, "positions": positions, "members": members})
	}
	at, err := input.NotBefore(at, d.Last)
	if err != nil {
		return nil, err
	}
	return []Event{DepartmentClosed{
		DepartmentID: id, Name: d.Name, ParentID: d.ParentID, ManagerID: d.ManagerID, LiaisonID: d.LiaisonID, OpenedAt: d.OpenedAt, ClosedAt: at,
	}}, nil
}

// openDepartment finds an open department that a field of a request names.
func (o Organisation) openDepartment(id, field string) (Department, error) {
	d, ok := o.departments.get(id)
	switch {
	case !ok:
		return d, ErrNoDepartment.In(field)
	case d.Closed:
		return d, ErrDepartmentClosed.Because("the department %s was closed; open one anew", d.Name).In(field)
	}
	return d, nil
}

// nameFree fails if another department beside it has the name, or one that
// people would take for it.
func (o Organisation) nameFree(id, name, parent string) error {
	for _, beside := range o.below.at(parent) {
		if d := o.departments.at(beside); beside != id && strings.EqualFold(d.Name, name) {
			return ErrDepartmentExists.Because("there is a department %q beside it; choose another name", d.Name).
				With(map[string]string{"department_id": beside})
		}
	}
	return nil
}

// fits fails if a department of so many levels would be too deep below parent.
func (o Organisation) fits(id, parent string, levels int) error {
	depth := levels
	for up := parent; up != "" && up != id; up = o.departments.at(up).ParentID {
		depth++
	}
	if depth > MostLevels {
		return ErrFull.Because("departments would be %d levels deep; at most %d are", depth, MostLevels).In("parent_id")
	}
	return nil
}

// levels counts a department and those below each other in it.
func (o Organisation) levels(id string) int {
	deepest := 0
	for _, below := range o.below.at(id) {
		deepest = max(deepest, o.levels(below))
	}
	return deepest + 1
}
