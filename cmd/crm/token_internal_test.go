package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

func TestTokenIsNotIssuedForThePast(t *testing.T) {
	status, stdout, stderr := crm(t, "token", "create", "--name", "ann", "--role", "sales", "--expires", "-1h")
	assert.Equal(t, 2, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "--expires -1h0m0s")
}

func TestTokenIsNotIssuedIntoTheVoid(t *testing.T) {
	data := filepath.Join(t.TempDir(), "mistyped")
	status, stdout, stderr := crm(t, "token", "create", "--name", "ann", "--role", "admin", "--data", data)
	assert.Equal(t, 2, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "holds no event store")
	assert.NoDirExists(t, data)
}

// The last admin token is lost, and the log is a server of its own.
func TestTokenIsIssuedOnTheLogItself(t *testing.T) {
	t.Setenv(asProgram, "1")
	node, err := eventstore.Open(eventstore.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { assert.NoError(t, node.Close(t.Context())) }()
	log := []string{"--eventstore", node.ConnectionString(), "--hash-key", strings.Repeat("5a", hashKeyBytes)}
	server, err := restartServer(t.Context(), t.TempDir(), "", io.Discard, log...)
	require.NoError(t, err)
	defer server.stop()

	status, secret, stderr := crm(t, "token", "create", "--name", "root", "--role", "admin", "--eventstore", node.ConnectionString())
	require.Equal(t, 0, status, stderr)
	assert.Empty(t, stderr)
	require.Eventually(t, func() bool { return statusFor(t, server, strings.TrimSpace(secret)) == http.StatusOK }, childStart, childStart/1000)
}

// A server's settings do not make crm token open its log.
func TestTokenAsksTheServerWhateverItsSettings(t *testing.T) {
	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	defer server.stop()
	t.Setenv("CRM_DATA", data)
	t.Setenv("CRM_TOKEN", server.token)
	status, _, stderr := crm(t, "token", "create", "--name", "ann", "--role", "sales", "--server", server.url)
	assert.Equal(t, 0, status, stderr)
}

func TestRefusedTokenSaysWhatIsWrong(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	status, _, stderr := crm(t, "token", "revoke", "nobody", "--server", server.url, "--token", server.token)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "token_id")
}

// A name is one caller, who may have a further token only as a renewal.
func TestTokenIsRenewed(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	t.Setenv("CRM_SERVER", server.url)
	t.Setenv("CRM_TOKEN", server.token)
	ann := []string{"token", "create", "--name", "ann", "--role", "auditor"}
	status, first, stderr := crm(t, ann...)
	require.Equal(t, 0, status, stderr)
	status, stdout, stderr := crm(t, ann...)
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "token_name_taken")
	status, second, stderr := crm(t, append(ann, "--renew")...)
	require.Equal(t, 0, status, stderr)
	for _, secret := range []string{first, second} {
		assert.Equal(t, http.StatusOK, statusFor(t, server, strings.TrimSpace(secret)), "both hold until the old one is revoked")
	}

	status, listed, stderr := crm(t, "token", "list")
	require.Equal(t, 0, status, stderr)
	assert.Regexp(t, `(?m)^admin +[0-9a-f-]{36} +person +admin +all +yes`, listed)
	assert.Equal(t, 2, strings.Count(listed, "ann "))
	assert.NotContains(t, listed, strings.TrimSpace(first))
}

// What a token was used for last is told by the next server: one that ends notes
// what it has not noted yet.
func TestTokenListTellsTheLastUse(t *testing.T) {
	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	t.Setenv("CRM_TOKEN", server.token)
	status, _, stderr := crm(t, "token", "create", "--name", "ann", "--role", "auditor", "--server", server.url)
	server.stop()
	require.Equal(t, 0, status, stderr)
	server, err = restartServer(t.Context(), data, server.token, io.Discard)
	require.NoError(t, err)
	defer server.stop()
	listed := ""
	require.Eventually(t, func() bool { // read models are filled
		status, listed, stderr = crm(t, "token", "list", "--server", server.url)
		return status == 0 && !strings.Contains(listed, "not known")
	}, childStart, childStart/1000, stderr)
	assert.Regexp(t, `(?m)^admin .* 20\d\d-\d\d-\d\dT\d\dZ$`, listed)
	assert.Regexp(t, `(?m)^ann .* never$`, listed)
}

func statusFor(t *testing.T, server *childServer, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.url+"/v1/queries/tokens", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}
