package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

// crm runs the program in this process.
func crm(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestServeSaysWhatIsTaken(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	status, _, stderr := crm(t, "serve", "--listen", taken.Addr().String(), "--data", t.TempDir())
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "address already in use")

	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	defer server.stop()
	status, _, stderr = crm(t, "serve", "--listen", "127.0.0.1:0", "--data", data)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "in use by another node")
}

func TestSettingsOfAnotherTypeAreNamed(t *testing.T) {
	t.Setenv("CRM_SWEEP", "soon")
	t.Setenv("CRM_STATES", "many")
	file := filepath.Join(t.TempDir(), "crm.yaml")
	require.NoError(t, os.WriteFile(file, []byte("allow-remote: maybe\nlisten: 127.0.0.1:0\n"), 0o600))
	status, _, stderr := crm(t, "serve", "--config", file, "--data", t.TempDir())
	assert.Equal(t, 2, status)
	for _, wrong := range []string{`--sweep cannot be "soon"`, `--states cannot be "many"`, `--allow-remote cannot be "maybe"`, "CRM_SWEEP"} {
		assert.Contains(t, stderr, wrong)
	}
}

func TestServeChecksItsSettingsTogether(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	status, _, stderr := crm(t, "serve", "--redis", "nonsense", "--eventstore", "http://db", "--listen", "here", "--data", data)
	assert.Equal(t, 2, status)
	for _, wrong := range []string{"--redis: ", "--eventstore ", "--listen ", "--hash-key: "} {
		assert.Contains(t, stderr, wrong)
	}
	status, _, _ = crm(t, "serve", "--listen", "here", "--data", data)
	assert.Equal(t, 2, status)
	assert.NoDirExists(t, data, "nothing is made for a server that does not start")
}

// What cannot be read as JSON is passed on by restartServer.
func TestEveryLineOfTheLogIsStructured(t *testing.T) {
	t.Setenv(asProgram, "1")
	var stray bytes.Buffer
	server, err := restartServer(t.Context(), t.TempDir(), "", &stray, "--redis", "redis://127.0.0.1:1")
	require.NoError(t, err)
	time.Sleep(200 * time.Millisecond) // Redis is asked in vain
	server.stop()
	assert.Empty(t, stray.String())
}

// A server that starts before its log says so, and serves once the log is there.
func TestServeAnswersWhileItWaitsForTheLog(t *testing.T) {
	listen, log := freeAddress(t), freeAddress(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{
			"serve", "--listen", listen, "--eventstore", "esdb://" + log + "?tls=false", "--hash-key", strings.Repeat("5a", hashKeyBytes),
		}, io.Discard, io.Discard)
	}()
	get := func(path string) int {
		client := http.Client{Timeout: time.Second}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listen+path, http.NoBody)
		if err != nil {
			return 0
		}
		request.Header.Set("Authorization", "Bearer unknown")
		answer, err := client.Do(request)
		if err != nil {
			return 0
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	require.Eventually(t, func() bool { return get("/healthz") == http.StatusOK }, 20*time.Second, 50*time.Millisecond)
	assert.Equal(t, http.StatusServiceUnavailable, get("/readyz"))
	assert.Equal(t, http.StatusServiceUnavailable, get("/v1/queries/deals"))

	node, err := eventstore.Open(eventstore.Config{Dir: t.TempDir(), Listen: log})
	require.NoError(t, err)
	defer func() { assert.NoError(t, node.Close(context.WithoutCancel(t.Context()))) }()
	require.Eventually(t, func() bool { return get("/readyz") == http.StatusOK }, 30*time.Second, 50*time.Millisecond)
	assert.Equal(t, http.StatusUnauthorized, get("/v1/queries/deals"))
	stop()
	assert.Equal(t, 0, <-ended)
}

func TestServeStopsCleanlyWhileItWaits(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	var stderr bytes.Buffer
	waiting, cancel := context.WithCancel(t.Context())
	context.AfterFunc(ctx, cancel)
	status := run(waiting, []string{
		"serve", "--listen", "127.0.0.1:0", "--eventstore", "esdb://" + freeAddress(t) + "?tls=false", "--hash-key", strings.Repeat("5a", hashKeyBytes),
	}, io.Discard, &stderr)
	assert.Equal(t, 0, status, stderr.String())
}

// freeAddress is one that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
