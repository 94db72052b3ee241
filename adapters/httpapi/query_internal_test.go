package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

const document3 = `{"id":"` + jobID + `","revision":3,"updated_at":"2024-05-31T09:30:00Z","updated_by":"ann","title":"fix the gate"}`

func TestRecord(t *testing.T) {
	f := start(t, Limits{})
	f.views.documents[jobID] = []byte(document3)

	w := f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.Equal(t, document3, w.Body.String(), "the stored document, byte for byte")
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.Equal(t, `"3"`, w.Header().Get("ETag"))

	for _, known := range []string{`"3"`, `W/"3"`, `"2", "3"`, "*"} {
		w = f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "", "If-None-Match: "+known)
		assert.Equal(t, http.StatusNotModified, w.Code, known)
		assert.Empty(t, w.Body.String())
		assert.Equal(t, `"3"`, w.Header().Get("ETag"))
	}
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "", `If-None-Match: "2"`).Code)
}

func TestRecordThatIsNotThere(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "")
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Equal(t, "job_not_found", problemIn(t, w).Code)

	for _, id := range []string{"1", "%00", "%FF", "x%2Fy", "%0d%0aSet-Cookie:x", "*"} {
		w = f.do(t, http.MethodGet, "/v1/queries/jobs/"+id, "sales", "")
		assert.Contains(t, []int{400, 404, 422}, w.Code, id)
		problemIn(t, w)
	}
}

func TestRevisionOf(t *testing.T) {
	for document, want := range map[string]uint64{
		document3: 3,
		`{"id":"` + jobID + `","revision":18446744073709551615}`:     18446744073709551615,
		`{"title":"\"revision\":9,","id":"short","revision":4}`:      4,
		`{"id":"` + jobID + `","title":"x","revision":5}`:            5,
		`{"note":"{\"id\":\"x\",\"revision\":7","revision":6,"a":1}`: 6,
	} {
		got, err := revisionOf([]byte(document))
		require.NoError(t, err, document)
		assert.Equal(t, want, got, document)
	}
	_, err := revisionOf([]byte("not JSON"))
	assert.Error(t, err)
}

func TestList(t *testing.T) {
	f := start(t, Limits{})
	f.list = projections.List{Items: []json.RawMessage{[]byte(`{"id":"a"}`), []byte(`{"id":"b"}`)}, Total: 7, Next: "bmV4dA"}
	w := f.do(t, http.MethodGet, "/v1/queries/jobs?owner=ann&before=2024-05-31T09:30:00Z&limit=2&cursor=Yg&min_position=8/8", "sales", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.JSONEq(t, `{"items":[{"id":"a"},{"id":"b"}],"total":7,"next":"bmV4dA"}`, w.Body.String())
	assert.Equal(t, `</v1/queries/jobs?owner=ann&before=2024-05-31T09:30:00Z&limit=2&cursor=bmV4dA>; rel="next"`, w.Header().Get("Link"))
	assert.Equal(t, jobFilter{Owner: "ann", Before: time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC), Limit: 2, Cursor: "Yg"}, f.filter)

	f.list = projections.List{}
	w = f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "")
	assert.JSONEq(t, `{"items":[],"total":0}`, w.Body.String())
	assert.Empty(t, w.Header().Get("Link"))
	assert.Equal(t, 50, f.filter.Limit)
}

func TestBadQueryStrings(t *testing.T) {
	f := start(t, Limits{})
	for query, want := range map[string]string{
		"limit=0":                    "validation_failed",
		"limit=201":                  "validation_failed",
		"limit=ten":                  "validation_failed",
		"limit=99999999999999999999": "validation_failed",
		"limit=1&limit=2":            "validation_failed",
		"colour=red":                 "validation_failed",
		"before=yesterday":           "validation_failed",
		"If-None-Match=x":            "validation_failed",
		"owner=%FF":                  "invalid_utf8",
		"owner=a%00b":                "control_character",
		"owner=%zz":                  "malformed_query",
		"owner=a;limit=1":            "malformed_query",
		"min_position=x":             "bad_position",
		"min_position=-1":            "bad_position",
	} {
		w := f.do(t, http.MethodGet, "/v1/queries/jobs?"+query, "sales", "")
		p := problemIn(t, w)
		assert.Equal(t, want, p.Code, query)
		assert.Less(t, p.Status, 500, query)
	}
	w := f.do(t, http.MethodPost, "/v1/commands/move-job?force=true", "sales", moving)
	assert.Equal(t, "validation_failed", problemIn(t, w).Code, "a command takes no parameters")
}

func TestMinPositionIsWaitedFor(t *testing.T) {
	f := start(t, Limits{})
	f.views.documents[jobID] = []byte(document3)
	f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID+"?min_position=12/10", "sales", "")
	f.do(t, http.MethodGet, "/v1/queries/dashboards/jobs?min_position=13/13", "analyst", "")
	assert.Equal(t, []domain.Position{{Commit: 12, Prepare: 10}, {Commit: 13, Prepare: 13}}, f.views.waited)

	f.views.err, f.end = projections.ErrBehind, domain.Position{Commit: 12, Prepare: 10}
	w := f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID+"?min_position=12/10", "sales", "")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	assert.Equal(t, "read_model_behind", problemIn(t, w).Code)
}

// A position that no command can have been answered with is not waited for.
func TestMinPositionBehindTheEndOfTheLog(t *testing.T) {
	f := start(t, Limits{})
	f.views.err, f.end = projections.ErrBehind, domain.Position{Commit: 12, Prepare: 10}
	for position, want := range map[string]string{"12/10": "read_model_behind", "12/11": "position_not_reached", "99999999999/1": "position_not_reached"} {
		w := f.do(t, http.MethodGet, "/v1/queries/jobs?min_position="+position, "sales", "")
		assert.Equal(t, want, problemIn(t, w).Code, position)
	}
	f.err = domain.ErrUnavailable
	w := f.do(t, http.MethodGet, "/v1/queries/jobs?min_position=12/11", "sales", "")
	assert.Equal(t, "read_model_behind", problemIn(t, w).Code, "the log cannot be asked")
}

func TestFigures(t *testing.T) {
	f := start(t, Limits{})
	f.figures = jobFigures{Position: domain.Position{Commit: 9, Prepare: 9}, Open: map[string]int64{"small": 2}}
	w := f.do(t, http.MethodGet, "/v1/queries/dashboards/jobs", "analyst", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.JSONEq(t, `{"position":"9/9","open":{"small":2},"ratio":null}`, w.Body.String())
	assert.Equal(t, "9/9", w.Header().Get("X-Position"))
	assert.Equal(t, http.StatusForbidden, f.do(t, http.MethodGet, "/v1/queries/dashboards/jobs", "sales", "").Code)
}

// What programs take for no time at all is not answered as if none had been given.
func TestTimesOfTheYearOneAreRefused(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	times := map[string]string{}
	for _, op := range operations(p.service) {
		for _, param := range op.Parameters {
			if param.Schema.Format == "date-time" {
				times[param.Name] = exampleOf(op) + "&" + param.Name + "="
			}
		}
	}
	require.GreaterOrEqual(t, len(times), 10)
	for name, target := range times {
		for _, at := range []string{"0001-01-01T00:00:00Z", "0001-01-01T08:00:00%2B08:00", "0000-12-31T20:00:00-04:00"} {
			problem := problemIn(t, p.do(t, http.MethodGet, target+at, ""))
			assert.Equal(t, errInvalid.Code, problem.Code, name)
			require.Len(t, problem.Errors, 1)
			assert.Equal(t, "query."+name, problem.Errors[0].Location)
			assert.Contains(t, problem.Errors[0].Message, "later than the year 1")
		}
	}
	for command, body := range map[string]string{
		"open-deal":         `{"title":"X","occurred_at":"0001-01-01T00:00:00Z"}`,
		"register-customer": `{"name":"X","source":{"channel":"fair","acquired_at":"0001-01-01T00:00:00Z"}}`,
		"start-analysis":    `{"metrics":["win_rate"],"baseline":{"as_of":"0001-01-01T00:00:00Z"}}`,
		"name-substitute":   `{"member_id":"ann","substitute_id":"bob","from":"0001-01-01T00:00:00Z"}`,
	} {
		w := p.do(t, http.MethodPost, commandPath+command, body)
		assert.Equal(t, errInvalid.Code, problemIn(t, w).Code, command)
		assert.Contains(t, w.Body.String(), "later than the year 1", command)
	}
	w := p.do(t, http.MethodGet, queryPath+"customers/0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55?as_of=0002-01-01T00:00:00Z", "")
	assert.Equal(t, projections.ErrNotThen.Code, problemIn(t, w).Code)
}
