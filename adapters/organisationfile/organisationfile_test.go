package organisationfile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/organisationfile"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/projections"
)

// office is Sales with East below it: ann manages, bob and cleo sell, bob stands in for ann.
func office() projections.OrganisationTree {
	from := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	return projections.OrganisationTree{Departments: []projections.DepartmentNode{{
		ID: "sales", Name: "Sales", ManagerID: "ann",
		Positions: []projections.PositionNode{{ID: "head", Title: "Head"}},
		Members: []projections.OrganisationMember{{
			ID: "ann", Name: "Ann", DepartmentID: "sales", Department: "Sales", PositionID: "head", Position: "Head", ProjectRoles: []string{"lead"},
			Substitutes: []projections.SubstitutionView{{ID: "s1", SubstituteID: "bob", From: from}},
		}},
		Departments: []projections.DepartmentNode{{
			ID: "east", Name: "East", ParentID: "sales", LiaisonID: "cleo",
			Positions: []projections.PositionNode{{ID: "seller", Title: "Seller", ReportsTo: "head"}},
			Members: []projections.OrganisationMember{
				{ID: "bob", Name: "Bob", DepartmentID: "east", Department: "East", PositionID: "seller", Position: "Seller"},
				{ID: "cleo", Name: "Cleo", DepartmentID: "east", Department: "East"},
			},
		}},
	}}}
}

func read(t *testing.T, text string) organisationfile.File {
	t.Helper()
	f, err := organisationfile.Read([]byte(text))
	require.NoError(t, err)
	return f
}

// planned is what the steps of a plan say, and what of them is sent.
func planned(t *testing.T, text string, tree projections.OrganisationTree, prune bool) (plan organisationfile.Plan, texts []string) {
	t.Helper()
	plan, err := organisationfile.New(read(t, text), tree, prune)
	require.NoError(t, err)
	for _, s := range plan.Steps {
		texts = append(texts, s.Command+": "+s.Text)
	}
	return plan, texts
}

func TestWhatIsWrittenChangesNothing(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, organisationfile.Write(&text, organisationfile.Of(office())))
	plan, texts := planned(t, text.String(), office(), true)
	assert.Empty(t, texts)
	assert.Empty(t, plan.Left)
}

func TestFromNothing(t *testing.T) {
	plan, texts := planned(t, `
departments:
  - name: Sales
    manager: ann
    positions: [{title: Seller, reports_to: Head}, {title: Head}]
    members: [{id: ann, name: Ann, position: head}]
    departments:
      - name: East
        positions: [{title: Agent, reports_to: [Sales, Seller]}]
        members: [{id: bob, position: Agent}]
project_roles: {lead: [ann]}
substitutes: [{member: ann, substitute: bob}]
`, projections.OrganisationTree{}, false)
	assert.Equal(t, []string{
		"open-department: open department Sales",
		"open-department: open department Sales / East",
		"open-position: open position Sales / Head",
		"open-position: open position Sales / Seller",
		"open-position: open position Sales / East / Agent",
		"add-member: add member ann to Sales",
		"add-member: add member bob to Sales / East",
		"appoint-manager: appoint ann manager of Sales",
		"assign-project-role: assign the project role lead to ann",
		"name-substitute: name bob substitute of ann",
	}, texts)

	for i, id := range []string{"d1", "d2", "p1", "p2", "p3"} { // as the server answers
		plan.Steps[i].Took(id)
	}
	at := commands.At{}
	assert.Equal(t, commands.OpenDepartment{Name: "East", ParentID: "d1"}, plan.Steps[1].Body(at))
	assert.Equal(t, commands.OpenPosition{DepartmentRef: commands.DepartmentRef{DepartmentID: "d1"}, Title: "Seller", ReportsTo: "p1"}, plan.Steps[3].Body(at))
	assert.Equal(t, commands.OpenPosition{DepartmentRef: commands.DepartmentRef{DepartmentID: "d2"}, Title: "Agent", ReportsTo: "p2"}, plan.Steps[4].Body(at))
	assert.Equal(t, commands.AddMember{MemberRef: commands.MemberRef{MemberID: "ann"}, Name: "Ann", DepartmentID: "d1", PositionID: "p1"}, plan.Steps[5].Body(at))
	assert.Equal(t, commands.AppointManager{DepartmentRef: commands.DepartmentRef{DepartmentID: "d1"}, MemberID: "ann"}, plan.Steps[7].Body(at))
	plan.Steps[5].Took("of no use") // a member's id is known before
}

const rearranged = `
departments:
  - {name: Selling, id: sales, positions: [{title: Head, id: head}], members: [{id: ann, name: Anna, position: Head}, {id: cleo}]}
  - {name: East, id: east, positions: [{title: Salesperson, id: seller}]}
`

func TestRenamedAndMoved(t *testing.T) {
	plan, texts := planned(t, rearranged, office(), false)
	assert.Equal(t, []string{
		"rename-department: rename department Sales to Selling",
		"move-department: move department East to East",
		"change-position: change position East / Salesperson",
		"rename-member: rename member ann to Anna",
		"move-member: move member cleo to Selling",
	}, texts)
	assert.Equal(t, []string{
		"substitution of ann by bob", "project role lead of ann", "manager ann of Selling", "liaison cleo of East", "member bob of East",
	}, plan.Left)
	change, ok := plan.Steps[2].Body(commands.At{}).(commands.ChangePosition)
	require.True(t, ok)
	assert.Equal(t, "Salesperson", *change.Title)
	assert.Empty(t, *change.ReportsTo, "it reports to nobody from now on")
}

func TestPruned(t *testing.T) {
	plan, texts := planned(t, "departments: [{name: Sales, members: [{id: ann}]}]", office(), true)
	assert.Empty(t, plan.Left)
	assert.Equal(t, []string{
		"move-member: move member ann to Sales",
		"withdraw-project-role: end project role lead of ann",
		"appoint-manager: end manager ann of Sales",
		"remove-member: end member bob of East",
		"remove-member: end member cleo of East",
		"close-position: end position Seller", // before the one it reports to
		"close-position: end position Head",
		"close-department: end department East",
	}, texts)
}

func TestContradictions(t *testing.T) {
	for text, want := range map[string]input.Problem{
		"departments: [{name: A}, {name: a}]":                                             {Field: "a", Message: "a department needs a name that no other one beside it has"},
		"departments: [{name: A, id: nowhere}]":                                           {Field: "A", Message: "nothing open has the id nowhere here; leave the id out to have it opened"},
		"departments: [{name: A, id: sales}, {name: B, id: sales}]":                       {Field: "B", Message: "this is in the file twice"},
		"departments: [{name: A, positions: [{title: X}, {title: x}]}]":                   {Field: "A / x", Message: "a position needs a title that no other one of the department has"},
		"departments: [{name: A, positions: [{title: X, reports_to: Y}]}]":                {Field: "A / X", Message: "there is no position A / Y to report to"},
		"departments: [{name: A, members: [{id: dan}]}, {name: B, members: [{id: dan}]}]": {Field: "B", Message: "the member dan is in A, too"},
		"departments: [{name: A, members: [{name: Dan}]}]":                                {Field: "A", Message: "a member needs the id they act under"},
		"departments: [{name: A, members: [{id: dan, position: X}]}]":                     {Field: "A", Message: `the position "X" of dan is not in this department of the file`},
		"departments: [{name: A, manager: eve}]":                                          {Field: "A", Message: `nobody has the id "eve", in the file or in the organisation`},
		"{departments: [], project_roles: {king: [ann]}}":                                 {Field: "project_roles", Message: `there is no role "king"; it is one of `},
		"{departments: [], substitutes: [{member: ann, substitute: eve}]}":                {Field: "substitutes", Message: `nobody has the id "eve", in the file or in the organisation`},
	} {
		_, err := organisationfile.New(read(t, text), office(), false)
		require.ErrorIs(t, err, organisationfile.ErrFile, text)
		problems := organisationfile.Problems(err)
		require.Len(t, problems, 1, text)
		assert.Equal(t, want.Field, problems[0].Field, text)
		assert.Contains(t, problems[0].Message, want.Message, text)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for text, says := range map[string]string{
		"":                                  "the file is empty",
		"a: [":                              "the file is not YAML",
		"departments: []\n---\nmembers: []": "more than one document",
		"departements: []":                  "departements",
		"departments: 3":                    "line 1",
		"substitutes: [{from: yesterday}]":  "yesterday",
	} {
		_, err := organisationfile.Read([]byte(text))
		require.ErrorIs(t, err, organisationfile.ErrFile, text)
		assert.ErrorContains(t, err, says, text)
	}
}
