package organisation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/organisation"
)

func TestJoin(t *testing.T) {
	join := func(id, department, position string, n int) func(state) (events, error) {
		return func(o state) (events, error) {
			return o.Join(organisation.Joining{MemberID: id, Name: "Name of " + id, DepartmentID: department, PositionID: position}, day(n))
		}
	}
	eve := joined("eve", "east", 1)
	held := eve
	held.PositionID = "rep"
	returned := joined("bob", "west", 6)
	returned.Returned = true
	left := organisation.MemberLeft{MemberID: "bob", Name: "Name of bob", DepartmentID: "east", JoinedAt: day(0), LeftAt: day(5)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "in a department", Given: company, When: join("eve", "east", "", 1), Then: events{eve}},
		{Name: "in a position", Given: with(post("rep", "east", "", 0)), When: join("eve", "east", "rep", 1), Then: events{held}},
		{Name: "in a position of another department", Given: with(post("rep", "east", "", 0)), When: join("eve", "west", "rep", 1), Err: organisation.ErrElsewhere.In("position_id"), Says: "The rep belongs to The east, not to The west"},
		{Name: "named by the id", Given: company, When: func(o state) (events, error) {
			return o.Join(organisation.Joining{MemberID: "eve", DepartmentID: "east"}, day(1))
		}, Then: events{organisation.MemberJoined{MemberID: "eve", Name: "eve", DepartmentID: "east", JoinedAt: day(1)}}},
		{Name: "twice", Given: company, When: join("bob", "east", "", 1), Err: organisation.ErrMemberExists, Says: "move-member"},
		{Name: "written otherwise", Given: company, When: join("Bob", "east", "", 1), Err: organisation.ErrMemberExists, Says: `"bob"`},
		{Name: "returns", Given: with(left), When: join("bob", "west", "", 6), Then: events{returned}},
		{Name: "returns before they left", Given: with(left), When: join("bob", "west", "", 4), Err: input.ErrOutOfOrder},
		{Name: "before the department", Given: company, When: join("eve", "east", "", -1), Err: input.ErrOutOfOrder},
		{Name: "nowhere", Given: company, When: join("eve", "moon", "", 1), Err: organisation.ErrNoDepartment},
		{Name: "in no position", Given: company, When: join("eve", "east", "moon", 1), Err: organisation.ErrNoPosition},
		{Name: "without an id", Given: company, When: join(" ", "east", "", 1), Err: input.ErrInvalid.In("member_id")},
		{Name: "the program", Given: company, When: join("System", "east", "", 1), Err: input.ErrInvalid.In("member_id")},
		{Name: "too long", Given: company, When: join(strings.Repeat("x", 201), "east", "", 1), Err: input.ErrInvalid.In("member_id")},
	})
}

func TestMoveAndRenameMember(t *testing.T) {
	move := func(id, department, position string, n int) func(state) (events, error) {
		return func(o state) (events, error) {
			return o.MoveMember(id, organisation.Place{DepartmentID: department, PositionID: position}, day(n))
		}
	}
	rename := func(id, name string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.RenameMember(id, name, day(n)) }
	}
	is := organisation.MemberMoved{MemberID: "bob", Name: "Name of bob", From: organisation.Place{DepartmentID: "east"}, To: organisation.Place{DepartmentID: "west"}, Since: day(0), MovedAt: day(2)}
	renamed := organisation.MemberRenamed{MemberID: "bob", From: "Name of bob", To: "Bob", RenamedAt: day(2)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "to another department", Given: company, When: move("bob", "west", "", 2), Then: events{is}},
		{Name: "where they are", Given: company, When: move("bob", "east", "", 2), Then: nil},
		{Name: "to a position of another department", Given: with(post("rep", "west", "", 0)), When: move("bob", "east", "rep", 2), Err: organisation.ErrElsewhere},
		{Name: "before they came", Given: with(is), When: move("bob", "service", "", 1), Err: input.ErrOutOfOrder},
		{Name: "unknown", Given: company, When: move("zoe", "east", "", 1), Err: organisation.ErrNoMember},
		{Name: "nowhere", Given: company, When: move("bob", "moon", "", 1), Err: organisation.ErrNoDepartment},
		{Name: "another name", Given: company, When: rename("bob", " Bob", 2), Then: events{renamed}},
		{Name: "the same name", Given: company, When: rename("bob", "Name of bob", 2), Then: nil},
		{Name: "no name", Given: company, When: rename("bob", "", 2), Err: input.ErrInvalid.In("name")},
		{Name: "a name before the last", Given: with(renamed), When: rename("bob", "B", 1), Err: input.ErrOutOfOrder},
		{Name: "a name of nobody", Given: company, When: rename("zoe", "Zoe", 1), Err: organisation.ErrNoMember},
	})
}

func TestRemoveMember(t *testing.T) {
	remove := func(n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.RemoveMember("bob", " retired ", day(n)) }
	}
	left := organisation.MemberLeft{MemberID: "bob", Name: "Name of bob", DepartmentID: "east", Reason: "retired", JoinedAt: day(0), LeftAt: day(3)}
	liaison := organisation.LiaisonNamed{DepartmentID: "west", Department: "The west", To: "bob", NamedAt: day(1)}
	role := organisation.ProjectRoleAssigned{Role: organisation.Sales, MemberID: "bob", AssignedAt: day(1)}
	past, running, coming := stands("s1", "bob", "ann", day(0), day(2)), stands("s2", "ann", "bob", day(1), time.Time{}), stands("s3", "bob", "cem", day(8), time.Time{})
	busy := with(manages("east", "", "bob", 1), liaison, role, past, running, coming)
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "with nothing to do", Given: company, When: remove(3), Then: events{left}},
		{Name: "with everything", Given: busy, When: remove(3), Then: events{
			organisation.ManagerAppointed{DepartmentID: "east", Department: "The east", From: "bob", Cause: "left", AppointedAt: day(3)},
			organisation.LiaisonNamed{DepartmentID: "west", Department: "The west", From: "bob", Cause: "left", NamedAt: day(3)},
			organisation.SubstitutionEnded{SubstitutionID: "s3", MemberID: "bob", SubstituteID: "cem", From: day(8), Cause: "left", EndedAt: day(3)},
			organisation.SubstitutionEnded{SubstitutionID: "s2", MemberID: "ann", SubstituteID: "bob", From: day(1), Cause: "left", EndedAt: day(3)},
			organisation.ProjectRoleWithdrawn{Role: organisation.Sales, MemberID: "bob", Cause: "left", AssignedAt: day(1), WithdrawnAt: day(3)},
			left,
		}},
		{Name: "twice", Given: with(left), When: remove(4), Then: nil},
		{Name: "before the last that is known", Given: with(manages("east", "", "bob", 5)), When: remove(3), Err: input.ErrOutOfOrder},
		{Name: "unknown", When: remove(3), Err: organisation.ErrNoMember},
	})
	o := domaintest.Fold(organisation.Aggregate, with(left)...)
	_, belongs := o.Member("bob")
	assert.False(t, belongs)
	_, known := o.Former("bob")
	assert.True(t, known)
}

func TestDuties(t *testing.T) {
	appoint := func(department, member string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.AppointManager(department, member, day(n)) }
	}
	liaison := func(department, member string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.NameLiaison(department, member, day(n)) }
	}
	assign := func(role, member string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.AssignProjectRole(role, member, day(n)) }
	}
	withdraw := func(role, member string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.WithdrawProjectRole(role, member, day(n)) }
	}
	assigned := organisation.ProjectRoleAssigned{Role: organisation.Lead, MemberID: "ann", AssignedAt: day(1)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "manager", Given: company, When: appoint("east", "ann", 1), Then: events{manages("east", "", "ann", 1)}},
		{Name: "another manager", Given: with(manages("east", "", "ann", 1)), When: appoint("east", "bob", 2), Then: events{manages("east", "ann", "bob", 2)}},
		{Name: "no manager any more", Given: with(manages("east", "", "ann", 1)), When: appoint("east", "", 2), Then: events{manages("east", "ann", "", 2)}},
		{Name: "the manager", Given: with(manages("east", "", "ann", 1)), When: appoint("east", "ann", 2), Then: nil},
		{Name: "a manager before the last", Given: with(manages("east", "", "ann", 2)), When: appoint("east", "bob", 1), Err: input.ErrOutOfOrder},
		{Name: "a manager before they joined", Given: with(joined("eve", "west", 4)), When: appoint("east", "eve", 2), Err: input.ErrOutOfOrder},
		{Name: "an unknown manager", Given: company, When: appoint("east", "zoe", 2), Err: organisation.ErrNoMember},
		{Name: "a manager of nothing", Given: company, When: appoint("moon", "ann", 2), Err: organisation.ErrNoDepartment},
		{Name: "liaison", Given: company, When: liaison("east", "bob", 1), Then: events{organisation.LiaisonNamed{DepartmentID: "east", Department: "The east", To: "bob", NamedAt: day(1)}}},
		{Name: "an unknown liaison", Given: company, When: liaison("east", "zoe", 1), Err: organisation.ErrNoMember},
		{Name: "role", Given: company, When: assign("lead", "ann", 1), Then: events{assigned}},
		{Name: "role twice", Given: with(assigned), When: assign("lead", "ann", 2), Then: nil},
		{Name: "role of another, too", Given: with(assigned), When: assign("lead", "bob", 1), Then: events{organisation.ProjectRoleAssigned{Role: "lead", MemberID: "bob", AssignedAt: day(1)}}},
		{Name: "an unknown role", Given: company, When: assign("boss", "ann", 1), Err: input.ErrInvalid.In("role"), Says: "lead, it, sales"},
		{Name: "withdrawn", Given: with(assigned), When: withdraw("lead", "ann", 3), Then: events{organisation.ProjectRoleWithdrawn{Role: "lead", MemberID: "ann", AssignedAt: day(1), WithdrawnAt: day(3)}}},
		{Name: "withdrawn before it was given", Given: with(assigned), When: withdraw("lead", "ann", 0), Err: input.ErrOutOfOrder},
		{Name: "withdrawn from who does not have it", Given: with(assigned), When: withdraw("it", "ann", 3), Err: organisation.ErrNoRole},
	})
}

func TestSubstitutes(t *testing.T) {
	name := func(member, substitute string, from, until time.Time, n int) func(state) (events, error) {
		return func(o state) (events, error) {
			in := organisation.Substituting{SubstitutionID: "new", MemberID: member, SubstituteID: substitute, From: from}
			if !until.IsZero() {
				in.Until = &until
			}
			return o.NameSubstitute(in, day(n))
		}
	}
	end := func(id string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.EndSubstitution(id, day(n)) }
	}
	never := time.Time{}
	is, open := stands("new", "bob", "ann", day(3), day(5)), stands("s1", "bob", "ann", day(3), never)
	given := with(stands("s1", "bob", "ann", day(3), day(5)))
	ended := organisation.SubstitutionEnded{SubstitutionID: "s1", MemberID: "bob", SubstituteID: "ann", From: day(3), EndedAt: day(4)}
	cancelled := ended
	cancelled.EndedAt = day(2)
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "for a time", Given: company, When: name("bob", "ann", day(3), day(5), 1), Then: events{is}},
		{Name: "from now on", Given: company, When: name("bob", "ann", never, never, 1), Then: events{stands("new", "bob", "ann", day(1), never)}},
		{Name: "since earlier", Given: company, When: name("bob", "ann", day(0), never, 1), Then: events{stands("new", "bob", "ann", day(0), never)}},
		{Name: "right after another", Given: given, When: name("bob", "cem", day(5), never, 1), Then: events{stands("new", "bob", "cem", day(5), never)}},
		{Name: "right before another", Given: given, When: name("bob", "cem", day(2), day(3), 1), Then: events{stands("new", "bob", "cem", day(2), day(3))}},
		{Name: "at the same time as another", Given: given, When: name("bob", "cem", day(4), never, 1), Err: organisation.ErrOverlaps, Says: "ann stands in for bob"},
		{Name: "the same again", Given: given, When: name("bob", "ann", day(3), day(5), 1), Then: nil},
		{Name: "the same for longer", Given: given, When: name("bob", "ann", day(3), never, 1), Err: organisation.ErrOverlaps},
		{Name: "after one was cancelled", Given: with(open, cancelled), When: name("bob", "cem", day(3), day(5), 2), Then: events{func() organisation.Event {
			s := stands("new", "bob", "cem", day(3), day(5))
			s.NamedAt = day(2)
			return s
		}()}},
		{Name: "for each other", Given: given, When: name("ann", "bob", day(3), day(5), 1), Then: events{stands("new", "ann", "bob", day(3), day(5))}},
		{Name: "for oneself", Given: company, When: name("bob", "bob", never, never, 1), Err: organisation.ErrSelf},
		{Name: "by nobody", Given: company, When: name("bob", "zoe", never, never, 1), Err: organisation.ErrNoMember.In("substitute_id")},
		{Name: "for nobody", Given: company, When: name("zoe", "bob", never, never, 1), Err: organisation.ErrNoMember.In("member_id")},
		{Name: "backward", Given: company, When: name("bob", "ann", day(5), day(3), 1), Err: input.ErrInvalid.In("until")},
		{Name: "for no time", Given: company, When: name("bob", "ann", day(5), day(5), 1), Err: input.ErrInvalid.In("until")},
		{Name: "before they joined", Given: company, When: name("bob", "ann", day(-2), never, 1), Err: input.ErrInvalid.In("from")},
		{Name: "ended early", Given: with(open), When: end("s1", 4), Then: events{ended}},
		{Name: "ended before it began", Given: with(open), When: end("s1", 2), Then: events{cancelled}},
		{Name: "ended twice", Given: with(open, ended), When: end("s1", 4), Then: nil},
		{Name: "ended when it was over", Given: given, When: end("s1", 5), Then: nil},
		{Name: "ended before it was named", Given: with(open), When: end("s1", 0), Err: input.ErrOutOfOrder},
		{Name: "ended without one", Given: company, When: end("s1", 4), Err: organisation.ErrNoSubstitution},
	})
}
