package organisation

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/input"
)

// Joining is the wish that somebody belongs to the organisation.
type Joining struct {
	MemberID     string // they act under; it stands as owner and assignee in records
	Name         string // the id if empty
	DepartmentID string
	PositionID   string // of that department; none if empty
}

// Join adds a member, who may have left before. It fails with input.ErrInvalid,
// ErrMemberExists, ErrNoDepartment, ErrDepartmentClosed, ErrNoPosition,
// ErrPositionClosed, ErrElsewhere, ErrFull or input.ErrOutOfOrder.
func (o Organisation) Join(in Joining, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("member_id", &in.MemberID)
	c.Name("name", &in.Name)
	if strings.EqualFold(in.MemberID, access.System) || strings.EqualFold(in.MemberID, access.Timer) {
		c.Add("member_id", "member_id cannot be %q: the program acts under it", in.MemberID)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if in.Name == "" {
		in.Name = in.MemberID
	}
	since, err := o.place(Place{in.DepartmentID, in.PositionID})
	if err != nil {
		return nil, err
	}
	before, returns := o.members.get(in.MemberID)
	known, reads := o.spelt.get(read(in.MemberID))
	switch {
	case returns && !before.Left:
		return nil, ErrMemberExists.Because("%s belongs to the organisation already; move-member gives them another place", in.MemberID)
	case reads && known != in.MemberID:
		return nil, ErrMemberExists.Because("%q belongs or belonged to the organisation, and reads the same; write it that way, or choose another id", known)
	case !returns && o.members.rows >= MostMembers:
		return nil, ErrFull.Because("the organisation has had %d members; more do not fit", o.members.rows)
	}
	if at, err = input.NotBefore(at, latest(since, before.Last)); err != nil {
		return nil, err
	}
	return []Event{MemberJoined{
		MemberID: in.MemberID, Name: in.Name, DepartmentID: in.DepartmentID, PositionID: in.PositionID, Returned: returns, JoinedAt: at,
	}}, nil
}

// RenameMember fails with input.ErrInvalid, ErrNoMember or input.ErrOutOfOrder.
func (o Organisation) RenameMember(id, name string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("name", &name)
	if err := c.Err(); err != nil {
		return nil, err
	}
	m, ok := o.Member(id)
	switch {
	case !ok:
		return nil, ErrNoMember
	case m.Name == name:
		return nil, nil
	}
	at, err := input.NotBefore(at, m.NamedAt)
	if err != nil {
		return nil, err
	}
	return []Event{MemberRenamed{MemberID: id, From: m.Name, To: name, RenamedAt: at}}, nil
}

// MoveMember gives a member another department and position. What they manage
// and answer for stays theirs. It fails with ErrNoMember, ErrNoDepartment,
// ErrDepartmentClosed, ErrNoPosition, ErrPositionClosed, ErrElsewhere or
// input.ErrOutOfOrder.
func (o Organisation) MoveMember(id string, to Place, at time.Time) ([]Event, error) {
	m, ok := o.Member(id)
	if !ok {
		return nil, ErrNoMember
	}
	from := Place{m.DepartmentID, m.PositionID}
	if to == from {
		return nil, nil
	}
	since, err := o.place(to)
	if err != nil {
		return nil, err
	}
	if at, err = input.NotBefore(at, latest(since, m.Since)); err != nil {
		return nil, err
	}
	return []Event{MemberMoved{MemberID: id, Name: m.Name, From: from, To: to, Since: m.Since, MovedAt: at}}, nil
}

// RemoveMember says that a member left; one who left already stays so. What
// they managed, answered for and stood for ends with it. It fails with
// input.ErrInvalid, ErrNoMember or input.ErrOutOfOrder.
func (o Organisation) RemoveMember(id, reason string, at time.Time) ([]Event, error) {
	var c input.Checker
	c.Name("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	m, ok := o.members.get(id)
	switch {
	case !ok:
		return nil, ErrNoMember
	case m.Left:
		return nil, nil
	}
	at, err := input.NotBefore(at, m.Last)
	if err != nil {
		return nil, err
	}
	return append(o.relieved(m, at), MemberLeft{
		MemberID: id, Name: m.Name, DepartmentID: m.DepartmentID, PositionID: m.PositionID, Reason: reason, JoinedAt: m.JoinedAt, LeftAt: at,
	}), nil
}

// place checks where a member is to belong, and says since when they could.
func (o Organisation) place(p Place) (since time.Time, err error) {
	d, err := o.openDepartment(p.DepartmentID, "department_id")
	if err != nil || p.PositionID == "" {
		return d.OpenedAt, err
	}
	post, err := o.openPosition(p.PositionID, "position_id")
	if err != nil {
		return since, err
	}
	if post.DepartmentID != d.ID {
		elsewhere := o.departments.at(post.DepartmentID)
		return since, ErrElsewhere.Because("the position %s belongs to %s, not to %s", post.Title, elsewhere.Name, d.Name)
	}
	return latest(d.OpenedAt, post.OpenedAt), nil
}
