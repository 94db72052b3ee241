package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

func TestErrorsAreTold(t *testing.T) {
	var two input.Checker
	two.Add("title", "title must not be empty")
	two.Add("kind", "kind cannot be %q", "odd")
	tests := []struct {
		err        error
		wantStatus int
		wantCode   string
	}{
		{domain.ErrBadID, 422, "bad_id"},
		{two.Err(), 422, "invalid_input"},
		{errJobDone, 422, "job_done"},
		{fmt.Errorf("move: %w", errJobDone.Because("closed in May")), 422, "job_done"},
		{errJobAbsent, 404, "job_not_found"},
		{domain.ErrConflict, 409, "conflict"},
		{errForbidden, 403, "forbidden"},
		{fmt.Errorf("append: %w", domain.ErrUnavailable), 503, "log_unavailable"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), 503, "timeout"},
		{errors.New("dial tcp 10.0.0.7: refused"), 500, "internal"},
		{errJobDone.With(func() {}), 422, "job_done"}, // details that are not JSON
	}
	for _, tt := range tests {
		f := start(t, Limits{})
		f.err = tt.err
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving)
		p := problemIn(t, w)
		assert.Equal(t, tt.wantStatus, w.Code, "%v", tt.err)
		assert.Equal(t, tt.wantCode, p.Code, "%v", tt.err)
		assert.NotContains(t, w.Body.String(), "10.0.0.7")
		assert.Equal(t, tt.wantStatus == 503, w.Header().Get("Retry-After") != "")
	}
}

func TestEveryFieldAtFaultIsNamed(t *testing.T) {
	f := start(t, Limits{})
	var two input.Checker
	two.Add("title", "title must not be empty")
	two.Add("kind", "kind is odd")
	f.err = two.Err()
	p := problemIn(t, f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening))
	assert.Equal(t, []Fault{{"body.title", "title must not be empty", nil}, {"body.kind", "kind is odd", nil}}, p.Errors)
	assert.Nil(t, p.Details)

	f.err = domain.ErrFuture
	p = problemIn(t, f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening))
	assert.Equal(t, "body.occurred_at", p.Errors[0].Location)
}

func TestFaultOfOursIsLoggedWithItsId(t *testing.T) {
	f := start(t, Limits{})
	f.err = errors.New("dial tcp 10.0.0.7: refused")
	p := problemIn(t, f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving))
	require.NotEmpty(t, p.Instance)
	assert.Contains(t, f.log.String(), p.Instance[len("urn:uuid:"):])
	assert.Contains(t, f.log.String(), "10.0.0.7")
	assert.Contains(t, f.log.String(), "operation=move-job")
}

func TestPanicIsAnswered(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", `{"job_id":"`+jobID+`","stage":"panic"}`)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Equal(t, "internal", problemIn(t, w).Code)
	assert.Contains(t, f.log.String(), "the gate fell")
	assert.Contains(t, f.log.String(), "setup_internal_test.go", "with its stack")
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving).Code, "the next one is fine")
}

func TestDeadline(t *testing.T) {
	f := start(t, Limits{Deadline: time.Millisecond})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", `{"job_id":"`+jobID+`","stage":"hang"}`)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "timeout", problemIn(t, w).Code)
}

func TestRouterAnswersInProblems(t *testing.T) {
	f := start(t, Limits{})
	for _, tt := range []struct {
		method, path string
		wantStatus   int
		wantCode     string
		wantAllow    string
	}{
		{http.MethodGet, "/v1/commands/move-job", 405, "method_not_allowed", "POST"},
		{http.MethodPost, "/v1/queries/jobs", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodDelete, "/v1/queries/jobs/" + jobID, 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodPut, "/docs", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodGet, "/v1/nowhere", 404, "no_such_path", ""},
		{http.MethodPost, "/v1/commands/", 404, "no_such_path", ""},
		{http.MethodGet, "//v1/queries/jobs", 404, "no_such_path", ""},
		{http.MethodGet, "/v1/queries/../queries/jobs", 404, "no_such_path", ""},
		{http.MethodGet, "/v1/%ff", 400, "invalid_utf8", ""},
	} {
		w := f.do(t, tt.method, tt.path, "sales", "")
		assert.Equal(t, tt.wantStatus, w.Code, tt.path)
		assert.Equal(t, tt.wantCode, problemIn(t, w).Code, tt.path)
		assert.Equal(t, tt.wantAllow, w.Header().Get("Allow"), tt.path)
	}
}

func TestOverload(t *testing.T) {
	f := start(t, Limits{InFlight: 1})
	f.inFlight <- struct{}{} // one request that does not end
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "overloaded", problemIn(t, w).Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/healthz", "", "").Code, "an overloaded process is alive")

	<-f.inFlight
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "").Code)
	assert.Empty(t, f.inFlight, "its place is free again")
}
