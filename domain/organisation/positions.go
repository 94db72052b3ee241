package organisation

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/input"
)

// Opening is the wish for a position.
type Opening struct {
	PositionID   string
	DepartmentID string
	Title        string
	ReportsTo    string // a position of any department; none if empty
}

// OpenPosition fails with input.ErrInvalid, ErrNoDepartment, ErrDepartmentClosed,
// ErrNoPosition, ErrPositionClosed, ErrPositionExists, ErrFull or
// input.ErrOutOfOrder.
func (o Organisation) OpenPosition(in Opening, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Required("position_id", in.PositionID)
	c.RequiredName("title", &in.Title)
	if err := c.Err(); err != nil {
		return nil, err
	}
	d, err := o.openDepartment(in.DepartmentID, "department_id")
	if err != nil {
		return nil, err
	}
	since := d.OpenedAt
	if in.ReportsTo != "" {
		above, err := o.openPosition(in.ReportsTo, "reports_to")
		if err != nil {
			return nil, err
		}
		since = latest(since, above.OpenedAt)
	}
	if o.positions.rows >= MostPositions {
		return nil, ErrFull.Because("the organisation has had %d positions; more do not fit", o.positions.rows)
	}
	if err := o.titleFree(in.PositionID, in.Title, d); err != nil {
		return nil, err
	}
	if at, err = input.NotBefore(at, since); err != nil {
		return nil, err
	}
	return []Event{PositionOpened{PositionID: in.PositionID, DepartmentID: d.ID, Title: in.Title, ReportsTo: in.ReportsTo, OpenedAt: at}}, nil
}

// ChangePosition edits a position. Nil leaves a field as it is; it reports to
// none if ReportsTo is empty. Whom positions report to is recorded in the order
// in which it changed: only then do they report to each other in no circle at
// any time. It fails with input.ErrInvalid, ErrNoPosition, ErrPositionClosed,
// ErrPositionExists, ErrCycle or input.ErrOutOfOrder.
func (o Organisation) ChangePosition(id string, title, reportsTo *string, at time.Time) ([]Event, error) {
	p, err := o.openPosition(id, "position_id")
	if err != nil {
		return nil, err
	}
	from := Post{Title: p.Title, ReportsTo: p.ReportsTo}
	to, since := from, p.Since
	if title != nil {
		var c input.Checker
		to.Title = *title
		c.RequiredName("title", &to.Title)
		if err := c.Err(); err != nil {
			return nil, err
		}
		if err := o.titleFree(id, to.Title, o.departments.at(p.DepartmentID)); err != nil {
			return nil, err
		}
	}
	if reportsTo != nil && *reportsTo != from.ReportsTo {
		to.ReportsTo = *reportsTo
		since = latest(since, o.turnedAt)
		if to.ReportsTo != "" {
			above, err := o.reportable(p, to.ReportsTo)
			if err != nil {
				return nil, err
			}
			since = latest(since, above.OpenedAt)
		}
	}
	if to == from {
		return nil, nil
	}
	if at, err = input.NotBefore(at, since); err != nil {
		return nil, err
	}
	return []Event{PositionChanged{PositionID: id, DepartmentID: p.DepartmentID, From: from, To: to, ChangedAt: at}}, nil
}

// reportable finds the position that p is to report to.
func (o Organisation) reportable(p Position, to string) (Position, error) {
	above, err := o.openPosition(to, "reports_to")
	if err != nil {
		return above, err
	}
	for up := above; up.ID != ""; up = o.positions.at(up.ReportsTo) {
		if up.ID == p.ID {
			return above, ErrCycle.Because("%s reports to %s already, by way of others or at once", above.Title, p.Title).In("reports_to")
		}
	}
	return above, nil
}

// ClosePosition ends a position that nobody holds and that none reports to; one
// already closed stays so. It fails with ErrNoPosition, ErrPositionHeld or
// input.ErrOutOfOrder.
func (o Organisation) ClosePosition(id string, at time.Time) ([]Event, error) {
	p, ok := o.positions.get(id)
	switch {
	case !ok:
		return nil, ErrNoPosition
	case p.Closed:
		return nil, nil
	}
	for _, member := range o.staff.at(p.DepartmentID) {
		if o.members.at(member).PositionID == id {
			return nil, ErrPositionHeld.Because("%s holds the position %s; give them another place first", member, p.Title)
		}
	}
	for _, other := range o.positions.all() {
		if other.ReportsTo == id && !other.Closed {
			return nil, ErrPositionHeld.Because("the position %s reports to %s; let it report to another one first", other.Title, p.Title)
		}
	}
	at, err := input.NotBefore(at, p.Last)
	if err != nil {
		return nil, err
	}
	return []Event{PositionClosed{
		PositionID: id, DepartmentID: p.DepartmentID, Title: p.Title, ReportsTo: p.ReportsTo, OpenedAt: p.OpenedAt, ClosedAt: at,
	}}, nil
}

// openPosition finds an open position that a field of a request names.
func (o Organisation) openPosition(id, field string) (Position, error) {
	p, ok := o.positions.get(id)
	switch {
	case !ok:
		return p, ErrNoPosition.In(field)
	case p.Closed:
		return p, ErrPositionClosed.Because("the position %s was closed; open one anew", p.Title).In(field)
	}
	return p, nil
}

// titleFree fails if another position of the department has the title, or one
// that people would take for it.
func (o Organisation) titleFree(id, title string, d Department) error {
	for _, other := range o.posts.at(d.ID) {
		if p := o.positions.at(other); other != id && strings.EqualFold(p.Title, title) {
			return ErrPositionExists.Because("%s has a position %q, which several members can hold", d.Name, p.Title).
				With(map[string]string{"position_id": other})
		}
	}
	return nil
}
