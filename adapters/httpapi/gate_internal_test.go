package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNothingAnswersWithoutToken(t *testing.T) {
	f := start(t, Limits{})
	paths := []string{"/", "/docs", "/docs/start.js", "/openapi.json", "/openapi.yaml", "/metrics", "/v1/queries/jobs", "/v1/nowhere"}
	for path := range f.exact {
		paths = append(paths, path)
	}
	for _, path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := f.do(t, method, path, "", moving)
			require.Equal(t, http.StatusUnauthorized, w.Code, path)
			assert.Equal(t, "unauthenticated", problemIn(t, w).Code)
			assert.Len(t, w.Header().Values("WWW-Authenticate"), 2)
		}
	}
	assert.Equal(t, http.StatusUnauthorized, f.do(t, http.MethodGet, "/docs", "wrong", "").Code)
	assert.Equal(t, http.StatusUnauthorized, f.do(t, http.MethodGet, "/docs", "", "", "Authorization: Digest x").Code)
}

func TestHealth(t *testing.T) {
	f := start(t, Limits{})
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/healthz", "", "").Code)
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/readyz", "", "").Code)

	f.missing = []string{"event log"}
	w := f.do(t, http.MethodGet, "/readyz", "", "")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, map[string]any{"missing": []any{"event log"}}, problemIn(t, w).Details)
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/healthz", "", "").Code, "alive all the same")
}

func TestRoles(t *testing.T) {
	tests := []struct {
		token      string
		wantStatus int
		wantRole   string
	}{
		{"sales", http.StatusOK, "sales"},
		{"service", http.StatusOK, "service"},
		{"analyst,service,sales", http.StatusOK, "sales"}, // the first of those declared
		{"admin", http.StatusOK, "admin"},
		{"analyst,auditor", http.StatusForbidden, ""},
	}
	for _, tt := range tests {
		f := start(t, Limits{})
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", tt.token, moving)
		assert.Equal(t, tt.wantStatus, w.Code, tt.token)
		assert.Equal(t, tt.wantRole, f.env.Actor.Role, tt.token)
	}
}

// A caller who may not do something learns no more about it than that.
func TestForbiddenComesBeforeValidation(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "analyst", `{"nonsense`)
	assert.Equal(t, http.StatusForbidden, w.Code)
	p := problemIn(t, w)
	assert.Equal(t, "forbidden", p.Code)
	assert.Equal(t, map[string]any{"roles": []any{"sales", "service", "admin"}}, p.Details)
}

func TestBasicPasswordIsToken(t *testing.T) {
	f := start(t, Limits{})
	r := request(t, http.MethodGet, "/docs", "", "")
	r.SetBasicAuth("anyone", "sales")
	caller, err := f.caller(r)
	require.NoError(t, err)
	assert.Equal(t, "ann", caller.ID)
}

func TestMetricsNeedARole(t *testing.T) {
	f := start(t, Limits{})
	assert.Equal(t, http.StatusForbidden, f.do(t, http.MethodGet, "/metrics", "sales", "").Code)
	f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving)
	f.do(t, http.MethodPost, "/v1/commands/nothing-like-it", "sales", moving)
	w := f.do(t, http.MethodGet, "/metrics", "application", "")
	require.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), `annals_http_requests_total{operation="move-job",status="200"} 1`)
	assert.Contains(t, w.Body.String(), `annals_http_requests_total{operation="none",status="404"} 1`)
	assert.NotContains(t, w.Body.String(), "ann\"", "no names of callers")
}
