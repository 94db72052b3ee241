package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/projections"
)

// organised is an API whose organisation has Sales with East below it, since
// 1 January 2025; ann manages Sales, and bob came to East on 1 March.
func organised(t *testing.T) (p *program, sales, east string) {
	t.Helper()
	p = startProgram(t)
	p.log.Now = func() time.Time { return time.Date(2026, 1, 18, 2, 0, 0, 0, time.UTC) }
	sales = p.send(t, "open-department", `{"name":"Sales","occurred_at":"2025-01-01T08:00:00Z"}`, "Idempotency-Key: sales").ID
	east = p.send(t, "open-department", fmt.Sprintf(`{"name":"East","parent_id":%q,"occurred_at":"2025-01-01T08:00:00Z"}`, sales)).ID
	head := p.send(t, "open-position", fmt.Sprintf(`{"department_id":%q,"title":"Head of Sales","occurred_at":"2025-01-01T08:00:00Z"}`, sales)).ID
	p.send(t, "open-position", fmt.Sprintf(`{"department_id":%q,"title":"Seller","reports_to":%q,"occurred_at":"2025-01-01T08:00:00Z"}`, east, head))
	p.send(t, "add-member", fmt.Sprintf(`{"member_id":"ann","name":"Ann Li","department_id":%q,"position_id":%q,"occurred_at":"2025-01-01T08:00:00Z"}`, sales, head))
	p.send(t, "add-member", fmt.Sprintf(`{"member_id":"bob","name":"Bob","department_id":%q,"occurred_at":"2025-01-01T08:00:00Z"}`, sales))
	p.send(t, "move-member", fmt.Sprintf(`{"member_id":"bob","department_id":%q,"occurred_at":"2025-03-01T08:00:00Z"}`, east))
	p.send(t, "appoint-manager", fmt.Sprintf(`{"department_id":%q,"member_id":"ann","occurred_at":"2025-01-02T08:00:00Z"}`, sales))
	p.send(t, "name-liaison", fmt.Sprintf(`{"department_id":%q,"member_id":"bob","occurred_at":"2025-01-02T08:00:00Z"}`, east))
	p.send(t, "assign-project-role", `{"member_id":"ann","role":"lead","occurred_at":"2025-01-02T08:00:00Z"}`)
	return p, sales, east
}

func readInto[T any](t *testing.T, p *program, path string) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal([]byte(p.read(t, path)), &v))
	return v
}

func TestOrganisationTree(t *testing.T) {
	p, sales, east := organised(t)
	tree := readInto[projections.OrganisationTree](t, p, "organisation")
	assert.Equal(t, 2, tree.Members)
	require.Len(t, tree.Departments, 1)
	top := tree.Departments[0]
	assert.Equal(t, []string{sales, "Sales", "ann"}, []string{top.ID, top.Name, top.ManagerID})
	require.Len(t, top.Members, 1)
	assert.Equal(t, "Head of Sales", top.Members[0].Position)
	assert.Equal(t, []string{"lead"}, top.Members[0].ProjectRoles)
	require.Len(t, top.Departments, 1)
	assert.Equal(t, "bob", top.Departments[0].LiaisonID)
	assert.Equal(t, "bob", top.Departments[0].Members[0].ID)
	assert.Equal(t, top.Positions[0].ID, top.Departments[0].Positions[0].ReportsTo)

	february := readInto[projections.OrganisationTree](t, p, "organisation?as_of=2025-02-01T00:00:00Z")
	assert.Len(t, february.Departments[0].Members, 2, "bob was in Sales then")
	assert.Empty(t, readInto[projections.OrganisationTree](t, p, "organisation?as_of=2024-02-01T00:00:00Z").Departments)
	assert.Empty(t, readInto[projections.OrganisationTree](t, p, "organisation?known_at=2020-02-01T00:00:00Z").Departments)
	assert.Equal(t, 1, readInto[projections.OrganisationTree](t, p, "organisation?department_id="+east).Members)
	assert.Equal(t, "department_not_found", problemIn(t, p.do(t, http.MethodGet, queryPath+"organisation?department_id="+jobID, "")).Code)
	assert.Equal(t, "as_of_in_future", problemIn(t, p.do(t, http.MethodGet, queryPath+"organisation?as_of=2027-01-01T00:00:00Z", "")).Code)
}

func TestOrganisationCommands(t *testing.T) {
	p, sales, east := organised(t)
	again := p.send(t, "open-department", `{"name":"Sales","occurred_at":"2025-01-01T08:00:00Z"}`, "Idempotency-Key: sales")
	assert.Equal(t, sales, again.ID, "a repeat gets the first answer")
	w := p.do(t, http.MethodPost, commandPath+"add-member", fmt.Sprintf(`{"member_id":"cem @home","department_id":%q}`, east))
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	assert.Contains(t, p.do(t, http.MethodGet, w.Header().Get("Location"), "").Body.String(), `"name":"cem @home"`)
	for _, refused := range []struct{ command, body, code string }{
		{"open-department", `{"name":"sales"}`, "department_exists"},
		{"move-department", fmt.Sprintf(`{"department_id":%q,"parent_id":%q}`, sales, east), "organisation_cycle"},
		{"close-department", fmt.Sprintf(`{"department_id":%q}`, sales), "department_not_empty"},
		{"add-member", fmt.Sprintf(`{"member_id":"Ann","department_id":%q}`, sales), "member_exists"},
		{"move-member", fmt.Sprintf(`{"member_id":"bob","department_id":%q,"occurred_at":"2025-02-01T08:00:00Z"}`, sales), "out_of_order"},
		{"name-substitute", `{"member_id":"bob","substitute_id":"bob"}`, "own_substitute"},
		{"withdraw-project-role", `{"member_id":"ann","role":"it"}`, "project_role_not_held"},
	} {
		assert.Equal(t, refused.code, problemIn(t, p.do(t, http.MethodPost, commandPath+refused.command, refused.body)).Code, refused.command)
	}
}

// asSales sends a command as ann, who is no administrator.
func (p *program) asSales(t *testing.T, name, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, request(t, http.MethodPost, commandPath+name, "sales", body))
	return w
}

func TestMembersNameTheirSubstitutes(t *testing.T) {
	p, sales, _ := organised(t)
	w := p.asSales(t, "name-substitute", `{"member_id":"ann","substitute_id":"bob","until":"2026-02-01T00:00:00Z"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.Equal(t, "not_own_substitute", problemIn(t, p.asSales(t, "name-substitute", `{"member_id":"bob","substitute_id":"ann"}`)).Code)
	assert.Equal(t, "forbidden", problemIn(t, p.asSales(t, "appoint-manager", fmt.Sprintf(`{"department_id":%q}`, sales))).Code)
	of := p.send(t, "name-substitute", `{"member_id":"bob","substitute_id":"ann"}`).ID
	assert.Equal(t, "not_own_substitute", problemIn(t, p.asSales(t, "end-substitution", fmt.Sprintf(`{"substitution_id":%q}`, of))).Code)
	ann := readInto[projections.MemberStory](t, p, "organisation/members/ann")
	require.Len(t, ann.Member.Substitutes, 1)
	own := ann.Member.Substitutes[0].ID
	assert.Equal(t, http.StatusOK, p.asSales(t, "end-substitution", fmt.Sprintf(`{"substitution_id":%q}`, own)).Code)
	assert.Empty(t, readInto[projections.MemberStory](t, p, "organisation/members/ann").Member.Substitutes)
}

// Managers decide for those below them: not as sellers, not for those above, and
// not by way of somebody they stand in for.
func TestManagersNameSubstitutesForTheirTeam(t *testing.T) {
	p, sales, east := organised(t)
	for member, department := range map[string]string{"cem": east, "dan": sales} {
		p.send(t, "add-member", fmt.Sprintf(`{"member_id":%q,"department_id":%q,"occurred_at":"2025-01-01T08:00:00Z"}`, member, department))
	}
	p.send(t, "name-substitute", `{"member_id":"ann","substitute_id":"dan"}`)
	as := func(token, name, body string) *httptest.ResponseRecorder {
		return p.doAs(t, http.MethodPost, commandPath+name, token, body)
	}
	const forBob = `{"member_id":"bob","substitute_id":"cem"}`
	for _, token := range []string{"sales:ann", "manager,sales:bob", "manager:cem", "manager:dan", "service:ann"} {
		body := forBob
		if strings.HasSuffix(token, ":bob") {
			body = `{"member_id":"ann","substitute_id":"cem"}`
		}
		assert.Equal(t, "not_own_substitute", problemIn(t, as(token, "name-substitute", body)).Code, token)
	}
	w := as("sales,manager:ann", "name-substitute", forBob)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var named commands.Result
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &named))
	end := fmt.Sprintf(`{"substitution_id":%q}`, named.ID)
	assert.Equal(t, "not_own_substitute", problemIn(t, as("manager:dan", "end-substitution", end)).Code)
	assert.Equal(t, http.StatusOK, as("manager:ann", "end-substitution", end).Code)
	assert.Equal(t, "member_not_found", problemIn(t, as("manager:ann", "name-substitute", `{"member_id":"bob","substitute_id":"zoe"}`)).Code)
}

func TestMembers(t *testing.T) {
	p, sales, east := organised(t)
	for _, id := range []string{"cem", "dan", "eve"} {
		p.send(t, "add-member", fmt.Sprintf(`{"member_id":%q,"name":"Seller %s","department_id":%q}`, id, id, east))
	}
	ids := func(path string) string {
		var all []string
		page := readInto[projections.MemberPage](t, p, path)
		for _, m := range page.Items {
			all = append(all, m.ID)
		}
		return strings.Join(all, " ")
	}
	assert.Equal(t, "ann bob cem dan eve", ids("organisation/members"))
	assert.Equal(t, "ann bob cem dan eve", ids("organisation/members?department_id="+sales), "with those below it")
	assert.Equal(t, "bob cem dan eve", ids("organisation/members?department_id="+east))
	assert.Equal(t, "cem dan eve", ids("organisation/members?search=SELLER"))
	assert.Equal(t, "ann bob", ids("organisation/members?as_of=2025-02-01T00:00:00Z"))
	var seen []string
	for next := "organisation/members?limit=2"; next != ""; {
		w := p.do(t, http.MethodGet, queryPath+next, "")
		var page projections.MemberPage
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
		for _, m := range page.Items {
			seen = append(seen, m.ID)
		}
		assert.Equal(t, 5, page.Total)
		if next = ""; page.Next != "" {
			next = "organisation/members?limit=2&cursor=" + page.Next
			assert.Contains(t, w.Header().Get("Link"), page.Next)
		}
	}
	assert.Equal(t, []string{"ann", "bob", "cem", "dan", "eve"}, seen)
	other := readInto[projections.MemberPage](t, p, "organisation/members?limit=2").Next
	assert.Equal(t, "bad_cursor", problemIn(t, p.do(t, http.MethodGet, queryPath+"organisation/members?search=x&cursor="+other, "")).Code)
}

func TestWhereAMemberBelonged(t *testing.T) {
	p, sales, east := organised(t)
	p.log.Now = func() time.Time { return time.Date(2026, 1, 19, 1, 0, 0, 0, time.UTC) }
	p.send(t, "remove-member", `{"member_id":"bob","reason":"retired","occurred_at":"2025-09-01T08:00:00Z"}`)
	bob := readInto[projections.MemberStory](t, p, "organisation/members/bob")
	assert.False(t, bob.Belongs)
	assert.Nil(t, bob.Member)
	require.Len(t, bob.Places, 2)
	first, last := bob.Places[0], bob.Places[1]
	assert.Equal(t, []string{sales, "Sales", east, "East"}, []string{first.DepartmentID, first.Department, last.DepartmentID, last.Department})
	assert.Equal(t, "2025-03-01T08:00:00Z", first.Until.Format(time.RFC3339))
	assert.Equal(t, *first.Until, last.From)
	assert.Equal(t, "2025-09-01T08:00:00Z", last.Until.Format(time.RFC3339))
	assert.Equal(t, "retired", last.Because)
	assert.Equal(t, "ann", last.Ended.By.ID)
	assert.Equal(t, "2026-01-19T01:00:00Z", last.Ended.At.Format(time.RFC3339))
	require.Len(t, bob.Duties, 1)
	assert.Equal(t, projections.DutyLiaison, bob.Duties[0].Kind)
	assert.Equal(t, "left", bob.Duties[0].Because)

	summer := readInto[projections.MemberStory](t, p, "organisation/members/bob?as_of=2025-06-01T00:00:00Z")
	assert.True(t, summer.Belongs)
	assert.Equal(t, "East", summer.Member.Department)
	assert.Nil(t, summer.Places[1].Until)
	known := readInto[projections.MemberStory](t, p, "organisation/members/bob?known_at=2026-01-19T00:59:59Z")
	assert.True(t, known.Belongs, "nobody knew yet that he had left")
	assert.Equal(t, "member_not_found", problemIn(t, p.do(t, http.MethodGet, queryPath+"organisation/members/zoe", "")).Code)
}

func TestHistoryOfTheOrganisation(t *testing.T) {
	p, _, east := organised(t)
	told := p.told(t, "organisation/history?order=oldest")
	assert.Equal(t, 10, told.Total)
	moved := p.told(t, "organisation/history?type=organisation.member_moved").Items
	require.Len(t, moved, 1)
	assert.Equal(t, "Bob", moved[0].Record.Title)
	assert.Equal(t, "members[bob].department_id", moved[0].Changes[0].Field)
	assert.Equal(t, east, moved[0].Changes[0].To)
	assert.Equal(t, "2025-03-01T08:00:00Z", moved[0].OccurredAt.Format(time.RFC3339))
	assert.Len(t, p.told(t, "organisation/history?as_of=2025-02-01T00:00:00Z").Items, 9)
	assert.Contains(t, p.read(t, "organisation/history?format=csv"), "members[bob].department_id")
	assert.Contains(t, p.read(t, "organisation/history?format=html"), "Bob")
	assert.Equal(t, 10, strings.Count(p.read(t, "organisation/history?format=jsonl"), "\n"))
	empty := startProgram(t)
	assert.Equal(t, "organisation_empty", problemIn(t, empty.do(t, http.MethodGet, queryPath+"organisation/history", "")).Code)
}
