package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program gets an account, and a token of it that may do one thing; disabled,
// the account ends the token at once.
func TestServiceAccount(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	t.Setenv("CRM_SERVER", server.url)
	t.Setenv("CRM_TOKEN", server.token)
	must := func(args ...string) string {
		t.Helper()
		status, stdout, stderr := crm(t, args...)
		require.Equal(t, 0, status, stderr)
		return strings.TrimSpace(stdout)
	}
	must("service-account", "create", "watcher", "--purpose", "looks after tokens", "--responsible", "ann", "--role", "auditor,application")
	secret := must("token", "create", "--name", "watcher", "--service-account", "--scope", "list-tokens")
	assert.Equal(t, http.StatusOK, statusFor(t, server, secret))
	other := must("token", "create", "--name", "watcher", "--service-account", "--role", "auditor", "--scope", "list-deals")
	assert.Equal(t, http.StatusForbidden, statusFor(t, server, other), "another scope")
	assert.Regexp(t, `(?m)^watcher +[0-9a-f-]{36} +service account +application, auditor +list-tokens +yes`, must("token", "list"))
	assert.Regexp(t, `(?m)^watcher +application, auditor +2 +yes +ann +looks after tokens`, must("service-account", "list"))

	must("service-account", "change", "watcher", "--role", "application")
	assert.Equal(t, http.StatusForbidden, statusFor(t, server, secret), "it has lost the role")
	must("service-account", "change", "watcher", "--role", "auditor", "--responsible", "bob")
	assert.Equal(t, http.StatusOK, statusFor(t, server, secret))

	must("service-account", "disable", "watcher", "--reason", "not needed any more")
	assert.Equal(t, http.StatusUnauthorized, statusFor(t, server, secret))
	status, _, stderr := crm(t, "token", "create", "--name", "watcher", "--service-account")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "service_account_disabled")
	must("service-account", "enable", "watcher")
	assert.Equal(t, http.StatusUnauthorized, statusFor(t, server, secret), "ended for good")
	assert.Equal(t, http.StatusOK, statusFor(t, server, must("token", "create", "--name", "watcher", "--service-account")))
}

func TestTokenWithUnknownScopeIsRefused(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	status, stdout, stderr := crm(t, "token", "create", "--name", "ann", "--role", "sales", "--scope", "read,move-mountains", "--server", server.url, "--token", server.token)
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "move-mountains")
}

// Whichever side a process serves, it knows the names of all operations.
func TestOperations(t *testing.T) {
	text, err := os.ReadFile("../../docs/openapi.json")
	require.NoError(t, err)
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(text, &document))
	require.NotEmpty(t, document.Paths)
	all := operations()
	for _, methods := range document.Paths {
		for _, operation := range methods {
			assert.Contains(t, all, operation.OperationID)
		}
	}
	assert.Contains(t, all, "metrics")
}
