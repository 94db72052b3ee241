package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

const (
	opening = `{"title":"fix the gate","occurred_at":"2024-05-31T09:30:00Z"}`
	moving  = `{"job_id":"` + jobID + `","stage":"done"}`
)

func TestCommandEnvelope(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/open-job", "marketing,sales", opening,
		"Idempotency-Key: k-1", `If-Match: "7"`, "X-Correlation-ID: c-1",
		"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())

	assert.Equal(t, commands.CommandID("ann", "k-1"), f.env.CommandID)
	assert.False(t, f.env.Fresh)
	assert.Equal(t, "c-1", f.env.CorrelationID)
	assert.Equal(t, domain.Actor{ID: "ann", Role: "sales"}, f.env.Actor)
	assert.Equal(t, time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC), f.env.OccurredAt)
	require.NotNil(t, f.env.Expected)
	assert.EqualValues(t, 7, *f.env.Expected)
	assert.Equal(t, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", f.env.TraceParent)
	assert.Equal(t, "fix the gate", f.opened.Title)
}

func TestCommandWithoutHeaders(t *testing.T) {
	f := start(t, Limits{})
	require.Equal(t, http.StatusOK, f.do(t, http.MethodPost, "/v1/commands/move-job", "admin", moving).Code)
	first := f.env
	assert.True(t, first.Fresh)
	assert.Nil(t, first.Expected)
	assert.True(t, first.OccurredAt.IsZero())
	assert.Equal(t, "admin", first.Actor.Role)

	f.do(t, http.MethodPost, "/v1/commands/move-job", "admin", moving, "traceparent: 00-nonsense")
	assert.NotEqual(t, first.CommandID, f.env.CommandID, "a command without a key is never a repeat")
	assert.Empty(t, f.env.TraceParent, "a malformed trace context is dropped, not kept")
}

func TestCommandAnswer(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, `"3"`, w.Header().Get("ETag"))
	assert.Empty(t, w.Header().Get("Location"))
	assert.JSONEq(t, `{"id":"`+jobID+`","stream":"job-`+jobID+`","revision":3,"position":"8/8","events":["job.moved.v1"]}`, w.Body.String())

	f.answer.Created = true
	w = f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening)
	assert.Equal(t, http.StatusCreated, w.Code)
	assert.Equal(t, "/v1/queries/jobs/"+jobID, w.Header().Get("Location"))
}

// A conflict must name what came in between, as the command reports it.
func TestCommandConflict(t *testing.T) {
	f := start(t, Limits{})
	f.err = domain.ErrConflict.With(map[string]any{"current_revision": 4, "events": []commands.Between{{Revision: 4, Type: "job.moved.v1", Actor: "bob"}}})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving, `If-Match: "3"`)
	assert.Equal(t, http.StatusConflict, w.Code)
	p := problemIn(t, w)
	assert.Equal(t, "conflict", p.Code)
	text, err := json.Marshal(p.Details)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"type":"job.moved.v1"`)
	assert.Contains(t, string(text), `"actor":"bob"`)
}
