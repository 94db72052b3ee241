package organisation

import (
	"iter"
	"slices"
	"time"
)

// Member finds somebody who belongs to the organisation now.
func (o Organisation) Member(id string) (Member, bool) {
	m, ok := o.members.get(id)
	if !ok || m.Left {
		return Member{}, false
	}
	return m, true
}

// Former finds somebody who belongs to the organisation or once did.
func (o Organisation) Former(id string) (Member, bool) { return o.members.get(id) }

// Represents lists the members whom a member stands in for at a time, sorted. Who
// stands in for somebody does not stand in for those whom that one represents.
// It looks at the substitutions of this member only.
func (o Organisation) Represents(member string, at time.Time) []string {
	var all []string
	for _, id := range o.stands.at(member) {
		if s := o.substitutions.at(id); s.Holds(at) {
			all = append(all, s.MemberID)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Manages tells whether a member manages a department. It is one look into a table.
func (o Organisation) Manages(member string) bool { return len(o.managed.at(member)) > 0 }

// Team lists the members of the departments that a member manages and of all
// below these, those who left one of them, whose records somebody has to take
// over, and the member itself, sorted. Nobody may change the answer: it
// is worked out once for each state of the organisation and member, and
// remembered until the next event.
func (o Organisation) Team(member string) []string {
	if !o.Manages(member) {
		return []string{member}
	}
	if team, ok := o.teams.Load(member); ok {
		if team, ok := team.([]string); ok {
			return team
		}
	}
	team := []string{member}
	for _, id := range o.managed.at(member) {
		for id := range o.Within(id) {
			team = append(append(team, o.staff.at(id)...), o.leavers.at(id)...)
		}
	}
	slices.Sort(team) // a department may be below another one that is managed, too
	team = slices.Clip(slices.Compact(team))
	o.teams.Store(member, team)
	return team
}

// open is a department, or if it is closed the first one above that is not; empty
// if there is none.
func (o Organisation) open(department string) string {
	for department != "" && o.departments.at(department).Closed {
		department = o.departments.at(department).ParentID
	}
	return department
}

// Within yields a department and all below it, a department before those below.
func (o Organisation) Within(department string) iter.Seq[string] {
	return func(yield func(string) bool) {
		next := []string{department}
		for len(next) > 0 {
			id := next[len(next)-1]
			if !yield(id) {
				return
			}
			next = append(next[:len(next)-1], o.below.at(id)...)
		}
	}
}

// Department finds one that is open.
func (o Organisation) Department(id string) (Department, bool) {
	d, ok := o.departments.get(id)
	return d, ok && !d.Closed
}

// Position finds one that is open.
func (o Organisation) Position(id string) (Position, bool) {
	p, ok := o.positions.get(id)
	return p, ok && !p.Closed
}

// Below lists the ids of the departments right below one, those at the top for "".
func (o Organisation) Below(department string) []string { return o.below.at(department) }

// Positions lists the ids of the open positions of a department.
func (o Organisation) Positions(department string) []string { return o.posts.at(department) }

// Staff lists the ids of the members of a department, not of those below it.
func (o Organisation) Staff(department string) []string { return o.staff.at(department) }

// Members yields everybody who belongs to the organisation, in no order.
func (o Organisation) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		for _, m := range o.members.all() {
			if !m.Left && !yield(m) {
				return
			}
		}
	}
}

// SubstitutionsFor lists those of a member that have not ended by a time, the
// first to begin first.
func (o Organisation) SubstitutionsFor(member string, at time.Time) []Substitution {
	var all []Substitution
	for _, id := range o.covered.at(member) {
		if s := o.substitutions.at(id); s.lasts(at) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b Substitution) int { return a.From.Compare(b.From) })
	return all
}

// Substitution finds one, also one that is over.
func (o Organisation) Substitution(id string) (Substitution, bool) { return o.substitutions.get(id) }
