package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
)

func TestScopesNarrowRoles(t *testing.T) {
	f := start(t, Limits{})
	for _, tt := range []struct {
		token, method, path string
		wantStatus          int
		wantDetails         any
	}{
		{"sales", http.MethodPost, "/v1/commands/move-job", 200, nil},
		{"sales write", http.MethodPost, "/v1/commands/move-job", 200, nil},
		{"sales move-job", http.MethodPost, "/v1/commands/move-job", 200, nil},
		{"sales list-jobs,move-job", http.MethodPost, "/v1/commands/move-job", 200, nil},
		{"sales read", http.MethodPost, "/v1/commands/move-job", 403, []any{"write", "move-job"}},
		{"sales open-job", http.MethodPost, "/v1/commands/move-job", 403, []any{"write", "move-job"}},
		{"sales read", http.MethodGet, "/v1/queries/jobs", 200, nil},
		{"sales list-jobs", http.MethodGet, "/v1/queries/jobs", 200, nil},
		{"sales write", http.MethodGet, "/v1/queries/jobs", 403, []any{"read", "list-jobs"}},
		{"sales write", http.MethodGet, "/docs", 403, []any{"read", "docs"}},
		{"sales read", http.MethodGet, "/openapi.json", 200, nil},
		{"application metrics", http.MethodGet, "/metrics", 200, nil},
		{"application read,write", http.MethodGet, "/v1/nowhere", 404, nil},
	} {
		w := f.do(t, tt.method, tt.path, tt.token, moving)
		if !assert.Equal(t, tt.wantStatus, w.Code, "%s %s", tt.token, tt.path) || tt.wantStatus != 403 {
			continue
		}
		p := problemIn(t, w)
		assert.Equal(t, "insufficient_scope", p.Code)
		assert.Equal(t, map[string]any{"scopes": tt.wantDetails}, p.Details)
	}
}

// A backup holds keys, which no query tells.
func TestABackupNeedsItsOwnScope(t *testing.T) {
	s := newService(Config{Auth: byRole{}, Logger: slog.New(slog.DiscardHandler)}, nil)
	s.get(http.MethodGet, "/v1/backup", s.backup(func(context.Context) (Backup, error) { return Backup{}, ErrNotEmbedded }))
	for token, code := range map[string]string{
		"admin": ErrNotEmbedded.Code, "admin backup": ErrNotEmbedded.Code, "admin read,backup": ErrNotEmbedded.Code,
		"admin read": errScope.Code, "admin read,write": errScope.Code,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request(t, http.MethodGet, "/v1/backup", token, ""))
		assert.Equal(t, code, problemIn(t, w).Code, token)
	}
}

// What the roles do not allow, no scope opens.
func TestScopesAddNothing(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "analyst write,move-job", moving)
	require.Equal(t, http.StatusForbidden, w.Code)
	assert.Equal(t, "forbidden", problemIn(t, w).Code)
}

// A scoped token cannot make itself an unscoped one.
func TestTokenIssuesNoneThatReachesFurther(t *testing.T) {
	p := startProgram(t)
	_, hash := commands.NewSecret()
	issue := func(token, scopes string) int {
		body := `{"name":"ann","hash":"` + hash + `","roles":["sales"]` + scopes + `}`
		return p.doAs(t, http.MethodPost, "/v1/commands/issue-token", token, body).Code
	}
	assert.Equal(t, http.StatusForbidden, issue("admin issue-token", ""))
	assert.Equal(t, http.StatusForbidden, issue("admin issue-token,read", `,"scopes":["read","write"]`))
	assert.Equal(t, http.StatusOK, issue("admin issue-token,read", `,"scopes":["read"]`))
}

func TestWhoAmI(t *testing.T) {
	p := startProgram(t)
	var me Me
	w := p.doAs(t, http.MethodGet, "/v1/queries/me", "sales,service move-deal", "")
	require.Equal(t, http.StatusOK, w.Code, "whatever the scopes: %s", w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &me))
	assert.Equal(t, Me{ID: "ann", Kind: "person", Roles: []string{"sales", "service"}, Scopes: []string{"move-deal"}}, me)
}

// Every operation can be named by a scope.
func TestOperationsAreNamed(t *testing.T) {
	p := startProgram(t)
	names := Operations(p.config.Commands, p.config.Queries)
	for _, op := range operations(p.service) {
		assert.Contains(t, names, op.OperationID)
	}
}
