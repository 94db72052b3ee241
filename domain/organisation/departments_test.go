package organisation_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/organisation"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, organisation.Types) }

func TestOpenDepartment(t *testing.T) {
	open := func(name, parent string, at time.Time) func(state) (events, error) {
		return func(o state) (events, error) { return o.OpenDepartment("new", name, parent, at) }
	}
	is := func(name, parent string, at time.Time) events {
		return events{organisation.DepartmentOpened{DepartmentID: "new", Name: name, ParentID: parent, OpenedAt: at}}
	}
	closed := organisation.DepartmentClosed{DepartmentID: "north", Name: "The north", ParentID: "sales", OpenedAt: day(0), ClosedAt: day(1)}
	deep := events{}
	for i := range organisation.MostLevels {
		parent := ""
		if i > 0 {
			parent = strconv.Itoa(i - 1)
		}
		deep = append(deep, opened(strconv.Itoa(i), parent, 0))
	}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "the first", When: open(" Board ", "", day(0)), Then: is("Board", "", day(0))},
		{Name: "below another", Given: company, When: open("North", "sales", day(1)), Then: is("North", "sales", day(1))},
		{Name: "recorded later than it happened", Given: with(opened("far", "", 9)), When: open("North", "sales", day(1)), Then: is("North", "sales", day(1))},
		{Name: "a name used elsewhere", Given: company, When: open("The east", "service", day(1)), Then: is("The east", "service", day(1))},
		{Name: "a name beside it", Given: company, When: open("THE EAST", "sales", day(1)), Err: organisation.ErrDepartmentExists.In("name"), Says: "The east"},
		{Name: "a name that was given up", Given: with(opened("north", "sales", 0), closed), When: open("The north", "sales", day(2)), Then: is("The north", "sales", day(2))},
		{Name: "no name", When: open(" ", "", day(0)), Err: input.ErrInvalid.In("name")},
		{Name: "below nothing", Given: company, When: open("North", "moon", day(1)), Err: organisation.ErrNoDepartment.In("parent_id")},
		{Name: "below one that was closed", Given: with(opened("north", "sales", 0), closed), When: open("A", "north", day(2)), Err: organisation.ErrDepartmentClosed.In("parent_id")},
		{Name: "before that was opened", Given: company, When: open("North", "sales", day(-1)), Err: input.ErrOutOfOrder, Says: "2024-05-31"},
		{Name: "within what clocks may differ", Given: company, When: open("North", "sales", day(0).Add(-time.Second)), Then: is("North", "sales", day(0))},
		{Name: "too deep", Given: deep, When: open("A", strconv.Itoa(organisation.MostLevels-1), day(1)), Err: organisation.ErrFull.In("parent_id"), Says: "21 levels"},
	})
	assert.Equal(t, "organisation-structure", organisation.Aggregate.Stream(organisation.ID))
}

func TestRenameDepartment(t *testing.T) {
	rename := func(id, name string, at time.Time) func(state) (events, error) {
		return func(o state) (events, error) { return o.RenameDepartment(id, name, at) }
	}
	is := organisation.DepartmentRenamed{DepartmentID: "east", ParentID: "sales", From: "The east", To: "East", RenamedAt: day(2)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "another", Given: company, When: rename("east", "East ", day(2)), Then: events{is}},
		{Name: "otherwise written", Given: company, When: rename("east", "the East", day(2)), Then: events{organisation.DepartmentRenamed{DepartmentID: "east", ParentID: "sales", From: "The east", To: "the East", RenamedAt: day(2)}}},
		{Name: "the same", Given: company, When: rename("east", "The east", day(2)), Then: nil},
		{Name: "one beside it", Given: company, When: rename("east", "the west", day(2)), Err: organisation.ErrDepartmentExists},
		{Name: "before the last name", Given: with(is), When: rename("east", "E", day(1)), Err: input.ErrOutOfOrder},
		{Name: "before somebody joined", Given: with(joined("eve", "east", 5)), When: rename("east", "East", day(2)), Then: events{is}},
		{Name: "unknown", Given: company, When: rename("moon", "Moon", day(2)), Err: organisation.ErrNoDepartment},
		{Name: "empty", Given: company, When: rename("east", "", day(2)), Err: input.ErrInvalid.In("name")},
	})
}

func TestMoveDepartment(t *testing.T) {
	move := func(id, to string, at time.Time) func(state) (events, error) {
		return func(o state) (events, error) { return o.MoveDepartment(id, to, at) }
	}
	is := organisation.DepartmentMoved{DepartmentID: "east", Name: "The east", From: "sales", To: "service", MovedAt: day(2)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "below another", Given: company, When: move("east", "service", day(2)), Then: events{is}},
		{Name: "to the top", Given: company, When: move("east", "", day(2)), Then: events{organisation.DepartmentMoved{DepartmentID: "east", Name: "The east", From: "sales", MovedAt: day(2)}}},
		{Name: "where it is", Given: company, When: move("east", "sales", day(2)), Then: nil},
		{Name: "below itself", Given: company, When: move("sales", "sales", day(2)), Err: organisation.ErrCycle.In("parent_id")},
		{Name: "below what is below it", Given: company, When: move("board", "east", day(2)), Err: organisation.ErrCycle, Says: "The east is below The board"},
		{Name: "beside its name", Given: with(opened("other", "", 0), organisation.DepartmentRenamed{DepartmentID: "other", From: "The other", To: "The east", RenamedAt: day(1)}), When: move("east", "", day(2)), Err: organisation.ErrDepartmentExists},
		{Name: "before another moved", Given: with(organisation.DepartmentMoved{DepartmentID: "west", Name: "The west", From: "sales", MovedAt: day(3)}), When: move("east", "service", day(2)), Err: input.ErrOutOfOrder},
		{Name: "before the other was opened", Given: with(opened("north", "", 5)), When: move("east", "north", day(2)), Err: input.ErrOutOfOrder},
		{Name: "unknown", Given: company, When: move("moon", "", day(2)), Err: organisation.ErrNoDepartment.In("department_id")},
		{Name: "below nothing", Given: company, When: move("east", "moon", day(2)), Err: organisation.ErrNoDepartment.In("parent_id")},
	})
}

func TestCloseDepartment(t *testing.T) {
	closeIt := func(id string, at time.Time) func(state) (events, error) {
		return func(o state) (events, error) { return o.CloseDepartment(id, at) }
	}
	moved := organisation.MemberMoved{MemberID: "bob", Name: "Name of bob", From: organisation.Place{DepartmentID: "east"}, To: organisation.Place{DepartmentID: "west"}, Since: day(0), MovedAt: day(3)}
	is := organisation.DepartmentClosed{DepartmentID: "east", Name: "The east", ParentID: "sales", ManagerID: "ann", OpenedAt: day(0), ClosedAt: day(4)}
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "empty", Given: with(moved, manages("east", "", "ann", 1)), When: closeIt("east", day(4)), Then: events{is}},
		{Name: "twice", Given: with(moved, is), When: closeIt("east", day(4)), Then: nil},
		{Name: "with a member", Given: company, When: closeIt("east", day(4)), Err: organisation.ErrNotEmpty, Says: "0 positions and 1 members"},
		{Name: "with a position", Given: with(moved, post("rep", "east", "", 0)), When: closeIt("east", day(4)), Err: organisation.ErrNotEmpty},
		{Name: "with a department", Given: company, When: closeIt("board", day(4)), Err: organisation.ErrNotEmpty, Says: "2 departments"},
		{Name: "before it was empty", Given: with(moved), When: closeIt("east", day(2)), Err: input.ErrOutOfOrder},
		{Name: "unknown", When: closeIt("moon", day(4)), Err: organisation.ErrNoDepartment},
	})
	o := domaintest.Fold(organisation.Aggregate, with(moved, manages("east", "", "ann", 1), is)...)
	assert.False(t, o.Manages("ann"))
	_, open := o.Department("east")
	assert.False(t, open)
}

func TestPositions(t *testing.T) {
	open := func(in organisation.Opening, n int) func(state) (events, error) {
		in.PositionID = "new"
		return func(o state) (events, error) { return o.OpenPosition(in, day(n)) }
	}
	change := func(id string, title, reportsTo *string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.ChangePosition(id, title, reportsTo, day(n)) }
	}
	closeIt := func(id string, n int) func(state) (events, error) {
		return func(o state) (events, error) { return o.ClosePosition(id, day(n)) }
	}
	text := func(s string) *string { return &s }
	is := organisation.PositionOpened{PositionID: "new", DepartmentID: "east", Title: "Rep", ReportsTo: "head", OpenedAt: day(1)}
	posts := with(post("head", "sales", "", 0), post("rep", "east", "head", 1), post("aide", "east", "rep", 1))
	retitled := organisation.PositionChanged{PositionID: "rep", DepartmentID: "east", From: organisation.Post{Title: "The rep", ReportsTo: "head"}, To: organisation.Post{Title: "Rep", ReportsTo: "head"}, ChangedAt: day(2)}
	freed := retitled
	freed.To = organisation.Post{Title: "The rep"}
	gone := organisation.PositionClosed{PositionID: "aide", DepartmentID: "east", Title: "The aide", ReportsTo: "rep", OpenedAt: day(1), ClosedAt: day(2)}
	held := joined("eve", "east", 1)
	held.PositionID = "aide"
	domaintest.Run(t, organisation.Aggregate, cases{
		{Name: "open", Given: posts, When: open(organisation.Opening{DepartmentID: "east", Title: " Rep", ReportsTo: "head"}, 1), Then: events{is}},
		{Name: "open, title twice", Given: posts, When: open(organisation.Opening{DepartmentID: "east", Title: "the Rep"}, 1), Err: organisation.ErrPositionExists},
		{Name: "open, title of another department", Given: posts, When: open(organisation.Opening{DepartmentID: "west", Title: "The rep"}, 1), Then: events{organisation.PositionOpened{PositionID: "new", DepartmentID: "west", Title: "The rep", OpenedAt: day(1)}}},
		{Name: "open, reports to nothing", Given: posts, When: open(organisation.Opening{DepartmentID: "east", Title: "A", ReportsTo: "moon"}, 1), Err: organisation.ErrNoPosition.In("reports_to")},
		{Name: "open, before the department", Given: posts, When: open(organisation.Opening{DepartmentID: "east", Title: "A"}, -1), Err: input.ErrOutOfOrder},
		{Name: "open, nowhere", Given: posts, When: open(organisation.Opening{DepartmentID: "moon", Title: "A"}, 1), Err: organisation.ErrNoDepartment},
		{Name: "open, no title", Given: posts, When: open(organisation.Opening{DepartmentID: "east"}, 1), Err: input.ErrInvalid.In("title")},
		{Name: "change the title", Given: posts, When: change("rep", text("Rep"), nil, 2), Then: events{retitled}},
		{Name: "change whom it reports to", Given: posts, When: change("rep", nil, text(""), 2), Then: events{freed}},
		{Name: "change nothing", Given: posts, When: change("rep", text("The rep"), text("head"), 2), Then: nil},
		{Name: "change into a circle", Given: posts, When: change("head", nil, text("aide"), 2), Err: organisation.ErrCycle.In("reports_to")},
		{Name: "change before another reports elsewhere", Given: append(posts[:len(posts):len(posts)], freed), When: change("aide", nil, text("head"), 1), Err: input.ErrOutOfOrder},
		{Name: "change before the last change", Given: append(posts[:len(posts):len(posts)], retitled), When: change("rep", text("A"), nil, 1), Err: input.ErrOutOfOrder},
		{Name: "change what is closed", Given: append(posts[:len(posts):len(posts)], gone), When: change("aide", text("A"), nil, 3), Err: organisation.ErrPositionClosed},
		{Name: "close", Given: posts, When: closeIt("aide", 2), Then: events{gone}},
		{Name: "close twice", Given: append(posts[:len(posts):len(posts)], gone), When: closeIt("aide", 3), Then: nil},
		{Name: "close what is held", Given: append(posts[:len(posts):len(posts)], held), When: closeIt("aide", 2), Err: organisation.ErrPositionHeld, Says: "eve"},
		{Name: "close what others report to", Given: posts, When: closeIt("rep", 2), Err: organisation.ErrPositionHeld, Says: "The aide"},
		{Name: "close before it was given up", Given: append(posts[:len(posts):len(posts)], held, organisation.MemberMoved{MemberID: "eve", From: organisation.Place{DepartmentID: "east", PositionID: "aide"}, To: organisation.Place{DepartmentID: "east"}, MovedAt: day(4)}), When: closeIt("aide", 2), Err: input.ErrOutOfOrder},
	})
}
