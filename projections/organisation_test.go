package projections_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// organisationOf answers about the organisation that events tell of, at noon of
// 1 July 2024. Each was recorded a day after it happened.
func organisationOf(events ...organisation.Event) projections.Organisation {
	var facts []projectionstest.Fact
	var now organisation.Organisation
	for _, e := range events {
		facts = append(facts, projectionstest.Fact{Stream: "organisation-structure", Event: e, At: e.HappenedAt(), By: "hr", Role: "admin"})
		now = organisation.Evolve(now, e)
	}
	log := projectionstest.History(facts...)
	for i := range log {
		log[i].RecordedAt = log[i].RecordedAt.AddDate(0, 0, 1)
	}
	return projections.Organisation{
		State:   func() organisation.Organisation { return now },
		Streams: projections.NewStreams(&projectionstest.Log{Events: log}, 0),
		Now:     func() time.Time { return day("2024-07-01").Add(12 * time.Hour) },
	}
}

func TestDutiesOfAMember(t *testing.T) {
	until := day("2024-06-10")
	q := organisationOf(
		organisation.DepartmentOpened{DepartmentID: "s", Name: "Sales", OpenedAt: day("2024-01-01")},
		organisation.DepartmentOpened{DepartmentID: "e", Name: "East", ParentID: "s", OpenedAt: day("2024-01-01")},
		organisation.MemberJoined{MemberID: "ann", Name: "Ann", DepartmentID: "s", JoinedAt: day("2024-01-02")},
		organisation.MemberJoined{MemberID: "bob", Name: "Bob", DepartmentID: "s", JoinedAt: day("2024-01-02")},
		organisation.ManagerAppointed{DepartmentID: "e", Department: "East", To: "ann", AppointedAt: day("2024-02-01")},
		organisation.ManagerAppointed{DepartmentID: "s", Department: "Sales", To: "ann", AppointedAt: day("2024-02-01")},
		organisation.ManagerAppointed{DepartmentID: "s", Department: "Sales", From: "ann", To: "bob", AppointedAt: day("2024-03-01")},
		organisation.DepartmentClosed{DepartmentID: "e", Name: "East", ParentID: "s", ManagerID: "ann", OpenedAt: day("2024-01-01"), ClosedAt: day("2024-04-01")},
		organisation.SubstituteNamed{SubstitutionID: "x", MemberID: "ann", SubstituteID: "bob", From: day("2024-06-01"), Until: &until, NamedAt: day("2024-05-01")},
		organisation.SubstituteNamed{SubstitutionID: "y", MemberID: "bob", SubstituteID: "ann", From: day("2024-08-01"), NamedAt: day("2024-05-01")},
		organisation.SubstitutionEnded{SubstitutionID: "y", MemberID: "bob", SubstituteID: "ann", From: day("2024-08-01"), EndedAt: day("2024-06-01")},
		organisation.ProjectRoleAssigned{Role: organisation.IT, MemberID: "ann", AssignedAt: day("2024-06-01")},
	)
	story, err := q.Member(t.Context(), projections.MemberInput{ID: "ann"})
	require.NoError(t, err)
	type duty struct{ kind, what, from, until, because string }
	var got []duty
	for _, d := range story.Duties {
		one := duty{d.Kind, d.Department + d.Role + d.MemberID, d.From.Format(time.DateOnly), "", d.Because}
		if d.Until != nil {
			one.until = d.Until.Format(time.DateOnly)
		}
		got = append(got, one)
	}
	assert.Equal(t, []duty{
		{"manager", "East", "2024-02-01", "2024-04-01", "closed"},
		{"manager", "Sales", "2024-02-01", "2024-03-01", ""},
		{"substituted", "bob", "2024-06-01", "2024-06-10", ""},
		{"project_role", "it", "2024-06-01", "", ""},
		{"substitute", "bob", "2024-08-01", "2024-08-01", ""},
	}, got)
	assert.Equal(t, domain.Actor{ID: "hr", Role: "admin"}, story.Duties[0].Ended.By)
	assert.Equal(t, day("2024-04-02"), story.Duties[0].Ended.At)
	assert.Empty(t, story.Member.Substitutes, "that is over")

	for _, c := range []struct {
		filter  projections.PointFilter
		manager string
	}{
		{projections.PointFilter{}, "bob"},
		{projections.PointFilter{AsOf: day("2024-02-28")}, "ann"},
		{projections.PointFilter{KnownAt: day("2024-03-01")}, "ann"}, // it happened, but nobody knew
		{projections.PointFilter{KnownAt: day("2024-03-02")}, "bob"},
		{projections.PointFilter{AsOf: day("2024-01-31")}, ""},
	} {
		tree, err := q.Tree(t.Context(), projections.OrganisationFilter{PointFilter: c.filter})
		require.NoError(t, err)
		assert.Equal(t, c.manager, tree.Departments[0].ManagerID, "%v", c.filter)
	}
}

// Every event of the organisation says what it is about and what it changed.
func TestEveryEventOfTheOrganisationSaysWhatItChanged(t *testing.T) {
	says := projections.OrganisationKind().Says
	for _, e := range []organisation.Event{
		organisation.DepartmentOpened{DepartmentID: "d", Name: "East"},
		organisation.DepartmentRenamed{DepartmentID: "d", From: "x", To: "East"},
		organisation.DepartmentMoved{DepartmentID: "d", Name: "East", To: "s"},
		organisation.DepartmentClosed{DepartmentID: "d", Name: "East"},
		organisation.ManagerAppointed{DepartmentID: "d", Department: "East", To: "ann"},
		organisation.LiaisonNamed{DepartmentID: "d", Department: "East", From: "ann"},
		organisation.PositionOpened{PositionID: "p", Title: "East"},
		organisation.PositionChanged{PositionID: "p", From: organisation.Post{Title: "x"}, To: organisation.Post{Title: "East"}},
		organisation.PositionClosed{PositionID: "p", Title: "East"},
		organisation.MemberJoined{MemberID: "ann", Name: "East"},
		organisation.MemberRenamed{MemberID: "ann", From: "x", To: "East"},
		organisation.MemberMoved{MemberID: "ann", Name: "East", To: organisation.Place{DepartmentID: "d"}},
		organisation.MemberLeft{MemberID: "ann", Name: "East"},
		organisation.SubstituteNamed{SubstitutionID: "s", MemberID: "East"},
		organisation.SubstitutionEnded{SubstitutionID: "s", MemberID: "East"},
		organisation.ProjectRoleAssigned{Role: organisation.IT, MemberID: "East"},
		organisation.ProjectRoleWithdrawn{Role: organisation.IT, MemberID: "East"},
	} {
		about, changes := says(e)
		assert.Equal(t, "East", about, e.EventType())
		assert.NotEmpty(t, changes, e.EventType())
	}
}
