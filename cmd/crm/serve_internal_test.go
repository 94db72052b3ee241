package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
