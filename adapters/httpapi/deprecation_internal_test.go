package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/openapitest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/projections"
)

type shiftJob struct {
	commands.At
	JobID string `json:"job_id" doc:"Id" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Speed int64  `json:"speed,omitempty" deprecated:"true" doc:"How fast. Deprecated since 2027-01-01, and may be removed from 2028-01-01 on; leave it out" minimum:"0" example:"3"`
}

type workFilter struct {
	Whose string `query:"whose" deprecated:"true" doc:"Whose. Deprecated since 2027-01-01, and may be removed from 2028-01-01 on; use owner" maxLength:"50" example:"ann"`
}

var (
	noticed = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	sunset  = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	model   = projections.Model{Name: "jobs"}
)

// withDeprecated has operations that will go, and two that have gone.
func withDeprecated(t *testing.T, limits Limits) *fixture {
	t.Helper()
	f := start(t, limits)
	f.mount(tagged("commands: jobs", []route{
		command("shift-job", "Shift a job", roles(access.Sales), func(_ context.Context, _ commands.Envelope, c shiftJob) (commands.Result, error) {
			if c.Speed == 13 {
				panic("too fast")
			}
			return f.result()
		}, errJobDone).deprecated(noticed, sunset, "move-job"),
		batch(everyone()),
	}))
	f.mount([]route{
		list[job]("works", "list-works", "List works", roles(access.Sales).masked(access.Analyst), model, func(context.Context, workFilter) (projections.List, error) {
			return f.list, f.err
		}).deprecated(noticed, sunset, "list-jobs"),
		record[job]("works", "Read a work", everyone(), model, f.documentOf, nothingThen, errJobAbsent).deprecated(noticed, sunset, "get-job"),
		figures("dashboards/works", "works-dashboard", "Figures of works", everyone(),
			func(context.Context, struct{}) (jobFigures, error) { return f.figures, f.err }, model).deprecated(noticed, sunset, ""),
	})
	f.mountRemoved([]removed{
		{http.MethodPost, commandPath + "drop-job", "drop-job", sunset, "move-job"},
		{http.MethodGet, queryPath + "tasks/{id}", "get-task", sunset, ""},
	})
	return f
}

func (f *fixture) documentOf(ctx context.Context, id string) ([]byte, error) {
	return f.views.Document(ctx, model, id)
}

func nothingThen(context.Context, string, projections.Point) ([]byte, error) {
	return nil, projections.ErrNotThen
}

const (
	shift       = commandPath + "shift-job"
	shiftedJob  = `{"job_id":"` + jobID + `"}`
	linkOfShift = `</docs#/commands:%20jobs/shift-job>; rel="deprecation"; type="text/html"`
)

func checkNotice(t *testing.T, w *httptest.ResponseRecorder, links ...string) {
	t.Helper()
	assert.Equal(t, []string{"@1798761600"}, w.Header().Values("Deprecation"))
	assert.Equal(t, []string{"Sat, 01 Jan 2028 00:00:00 GMT"}, w.Header().Values("Sunset"))
	assert.Equal(t, links, w.Header().Values("Link"))
}

func TestEveryAnswerOfADeprecatedOperationSaysSo(t *testing.T) {
	f := withDeprecated(t, Limits{BodyBytes: 1000})
	links := []string{linkOfShift, `</v1/commands/move-job>; rel="successor-version"`}
	for _, of := range []struct {
		token, body string
		status      int
	}{
		{"sales", shiftedJob, 200},
		{"sales", `{`, 400},
		{"", shiftedJob, 401},
		{"product", shiftedJob, 403},
		{"sales", shiftedJob + strings.Repeat(" ", 1000), 413},
		{"sales", `{"job_id":"no"}`, 422},
		{"sales", `{"job_id":"` + jobID + `","speed":13}`, 500},
	} {
		w := f.do(t, http.MethodPost, shift, of.token, of.body)
		assert.Equal(t, of.status, w.Code, w.Body.String())
		checkNotice(t, w, links...)
	}
	f.err = errJobDone
	checkNotice(t, f.do(t, http.MethodPost, shift, "sales", shiftedJob), links...)
	f.err = nil

	for range cap(f.inFlight) {
		f.inFlight <- struct{}{}
	}
	w := f.do(t, http.MethodPost, shift, "sales", shiftedJob)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	checkNotice(t, w, links...)
	for range cap(f.inFlight) {
		<-f.inFlight
	}

	for path, method := range map[string]string{
		commandPath + "move-job": http.MethodPost, queryPath + "jobs": http.MethodGet, shift: http.MethodGet, "/healthz": http.MethodGet, "/docs": http.MethodGet,
	} {
		w := f.do(t, method, path, "sales", "{}")
		assert.NotContains(t, w.Header(), "Deprecation", path)
		assert.NotContains(t, w.Header(), "Sunset", path)
	}
}

func TestLinksOfQueriesLeadToWhatTakesTheirPlace(t *testing.T) {
	f := withDeprecated(t, Limits{})
	f.views.documents[jobID] = []byte(`{"id":"` + jobID + `","revision":3}`)
	links := []string{`</docs#/queries/get-work>; rel="deprecation"; type="text/html"`, `</v1/queries/jobs/` + jobID + `>; rel="successor-version"`}
	checkNotice(t, f.do(t, http.MethodGet, queryPath+"works/"+jobID, "sales", ""), links...)
	w := f.do(t, http.MethodGet, queryPath+"works/"+jobID, "sales", "", `If-None-Match: "3"`)
	assert.Equal(t, http.StatusNotModified, w.Code)
	checkNotice(t, w, links...)

	f.list = projections.List{Next: "bmV4dA"}
	for _, token := range []string{"sales", "analyst"} { // the latter's answers are held back to be masked
		checkNotice(
			t, f.do(t, http.MethodGet, queryPath+"works", token, ""), `</v1/queries/works?cursor=bmV4dA>; rel="next"`,
			`</docs#/queries/list-works>; rel="deprecation"; type="text/html"`, `</v1/queries/jobs>; rel="successor-version"`,
		)
	}
	checkNotice(t, f.do(t, http.MethodGet, queryPath+"dashboards/works", "sales", ""), `</docs#/queries/works-dashboard>; rel="deprecation"; type="text/html"`)
}

func TestDeprecatedCommandsOfABatch(t *testing.T) {
	f := withDeprecated(t, Limits{})
	w := f.do(t, http.MethodPost, commandPath+runBatch, "sales", items(
		`{"command":"shift-job","body":`+shiftedJob+`}`, `{"command":"move-job","body":{"job_id":"`+jobID+`","stage":"done"}}`, `{"command":"drop-job","body":{}}`,
	))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.NotContains(t, w.Header(), "Deprecation", "the batch itself stays")
	var answer BatchResults
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	all := answer.Results
	assert.Equal(t, "@1798761600", all[0].Deprecation)
	assert.Equal(t, "Sat, 01 Jan 2028 00:00:00 GMT", all[0].Sunset)
	assert.Equal(t, linkOfShift+`, </v1/commands/move-job>; rel="successor-version"`, all[0].Link)
	assert.Empty(t, all[1].Deprecation+all[1].Sunset+all[1].Link)
	assert.Equal(t, http.StatusGone, all[2].Status)
	assert.InEpsilon(t, 1, testutil.ToFloat64(f.metrics.deprecated.WithLabelValues("shift-job", access.Person)), 0)
}

func TestWhoStillCallsIsCounted(t *testing.T) {
	f := withDeprecated(t, Limits{})
	f.auth = programs{}
	f.do(t, http.MethodPost, shift, "sales", shiftedJob)
	f.do(t, http.MethodPost, shift, "sales", `{`)
	f.do(t, http.MethodPost, shift, "robot", shiftedJob)
	f.do(t, http.MethodPost, shift, "", shiftedJob)
	f.do(t, http.MethodPost, commandPath+"move-job", "sales", "{}")
	assert.NoError(t, testutil.CollectAndCompare(f.metrics.deprecated, strings.NewReader(`
		# HELP annals_http_deprecated_requests_total Requests for operations that are deprecated, by kind of caller.
		# TYPE annals_http_deprecated_requests_total counter
		annals_http_deprecated_requests_total{caller="person",operation="get-work"} 0
		annals_http_deprecated_requests_total{caller="service_account",operation="get-work"} 0
		annals_http_deprecated_requests_total{caller="person",operation="list-works"} 0
		annals_http_deprecated_requests_total{caller="service_account",operation="list-works"} 0
		annals_http_deprecated_requests_total{caller="person",operation="shift-job"} 2
		annals_http_deprecated_requests_total{caller="service_account",operation="shift-job"} 1
		annals_http_deprecated_requests_total{caller="person",operation="works-dashboard"} 0
		annals_http_deprecated_requests_total{caller="service_account",operation="works-dashboard"} 0
	`)))
}

// programs takes robot as the token of a program.
type programs struct{}

func (programs) Caller(ctx context.Context, secret string) (Caller, error) {
	if secret == "robot" {
		return Caller{ID: "robot", Kind: access.ServiceAccount, Roles: []string{access.Sales}}, nil
	}
	return byRole{}.Caller(ctx, secret)
}

func TestDeprecationInTheDocument(t *testing.T) {
	f := withDeprecated(t, Limits{})
	text, err := f.api.OpenAPI().MarshalJSON()
	require.NoError(t, err)
	document, err := openapitest.Load(text)
	require.NoError(t, err)
	assert.Empty(t, document.Gaps())
	for _, target := range []string{shift, commandPath + "move-job", queryPath + "works", queryPath + "works/" + jobID} {
		for _, token := range []string{"sales", "product", ""} {
			method := http.MethodGet
			if strings.HasPrefix(target, commandPath) {
				method = http.MethodPost
			}
			r := request(t, method, target, token, shiftedJob)
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			assert.NoError(t, document.Check(document.Find(r.Method, r.URL), w.Code, w.Header(), w.Body.Bytes()), target)
		}
	}

	op := f.documented(http.MethodPost, shift)
	assert.True(t, op.Deprecated)
	assert.Equal(t, map[string]any{"since": "2027-01-01", "sunset": "2028-01-01", "successor": "move-job"}, op.Extensions["x-deprecation"])
	assert.True(t, strings.HasPrefix(op.Description, "**Deprecated** since 2027-01-01, and may be removed from 2028-01-01 on; use move-job.\n\n"), op.Description)
	for status, answer := range op.Responses {
		for _, name := range []string{"Deprecation", "Sunset", "Link"} {
			assert.Contains(t, answer.Headers, name, status)
		}
	}
	schemas := f.api.OpenAPI().Components.Schemas.Map()
	assert.Equal(t, "since 2027-01-01, and may be removed from 2028-01-01 on; leave it out", schemas["ShiftJob"].Properties["speed"].Extensions[reasonKey])
	whose := f.documented(http.MethodGet, queryPath+"works").Parameters
	i := slices.IndexFunc(whose, func(p *huma.Param) bool { return p.Name == "whose" })
	assert.True(t, whose[i].Deprecated)
	assert.Equal(t, "since 2027-01-01, and may be removed from 2028-01-01 on; use owner", whose[i].Extensions[reasonKey])

	other := f.documented(http.MethodPost, commandPath+"move-job")
	assert.False(t, other.Deprecated)
	assert.Equal(t, "#/components/responses/Command401", other.Responses["401"].Ref)
	assert.NotContains(t, f.api.OpenAPI().Components.Responses["Command401"].Headers, "Deprecation")
}

func TestRemovedOperationsSayWhatBecameOfThem(t *testing.T) {
	f := withDeprecated(t, Limits{})
	w := f.do(t, http.MethodPost, commandPath+"drop-job", "sales", "{}")
	assert.Equal(t, http.StatusGone, w.Code)
	p := problemIn(t, w)
	assert.Equal(t, "operation_removed", p.Code)
	assert.Equal(t, "drop-job was removed on 2028-01-01; use move-job, at /v1/commands/move-job", p.Detail)
	assert.Equal(t, map[string]any{"successor": "move-job"}, p.Details)

	w = f.do(t, http.MethodGet, queryPath+"tasks/17", "sales", "")
	assert.Equal(t, http.StatusGone, w.Code)
	assert.Equal(t, "get-task was removed on 2028-01-01; see the changelog", problemIn(t, w).Detail)
	assert.Equal(t, http.StatusUnauthorized, f.do(t, http.MethodGet, queryPath+"tasks/17", "", "").Code)
	assert.Equal(t, http.StatusMethodNotAllowed, f.do(t, http.MethodGet, commandPath+"drop-job", "sales", "").Code)
	assert.NotContains(t, f.api.OpenAPI().Paths, commandPath+"drop-job")
}

// The policy in docs/api.md, held against what is declared.
func TestDeprecationsKeepToThePolicy(t *testing.T) {
	assert.Empty(t, breaches(startProgram(t).service))
	f := withDeprecated(t, Limits{})
	assert.Empty(t, breaches(f.service))
	f.mount([]route{
		figures("hasty", "hasty", "Too soon", everyone(), unfiltered(func(context.Context) (jobFigures, error) { return f.figures, nil })).
			deprecated(noticed, noticed.AddDate(0, 11, 0), "list-jobs"),
		figures("lost", "lost", "Leads nowhere", everyone(), unfiltered(func(context.Context) (jobFigures, error) { return f.figures, nil })).
			deprecated(noticed, sunset, "nowhere"),
		figures("chained", "chained", "Leads to the next one", everyone(), unfiltered(func(context.Context) (jobFigures, error) { return f.figures, nil })).
			deprecated(noticed, sunset, "list-works"),
	})
	assert.ElementsMatch(t, []string{
		"hasty: less than twelve months from the notice to the sunset",
		"lost: its successor nowhere does not exist",
		"chained: its successor list-works is deprecated, too",
	}, breaches(f.service))
}

var reasonOfField = regexp.MustCompile(`^since \d{4}-\d\d-\d\d, and may be removed from \d{4}-\d\d-\d\d on; \S`)

func breaches(s *service) []string {
	var found []string
	for name, r := range s.deprecations.routes {
		if r.ends.sunset.Before(r.ends.since.AddDate(1, 0, 0)) {
			found = append(found, name+": less than twelve months from the notice to the sunset")
		}
		if next := r.ends.successor; next != "" && s.paths[next] == "" {
			found = append(found, name+": its successor "+next+" does not exist")
		} else if s.deprecations.routes[next].ends != nil {
			found = append(found, name+": its successor "+next+" is deprecated, too")
		}
	}
	for name, schema := range s.api.OpenAPI().Components.Schemas.Map() {
		for field, of := range schema.Properties {
			if reason, _ := of.Extensions[reasonKey].(string); of.Deprecated && !reasonOfField.MatchString(reason) {
				found = append(found, name+"."+field+": its description does not say since when it is deprecated, until when it stays, and what to use")
			}
		}
	}
	return found
}
