package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A log is not served with another hash key than its own. Its webhook key is
// made anew, as for data that had none, and that is told.
func TestKeysThatAreMissing(t *testing.T) {
	t.Setenv(asProgram, "1")
	data := filepath.Join(t.TempDir(), "data")
	hash, hooks := filepath.Join(data, hashFile), filepath.Join(data, webhookKeyFile)
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	kept, err := os.ReadFile(hash)
	require.NoError(t, err)
	require.NoError(t, os.Remove(hash))
	require.NoError(t, os.Remove(hooks))

	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // so that it ends in any case
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	status, _, stderr := crm(t, "serve", "--data", data, "--listen", taken.Addr().String())
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "the hash key of the log in "+eventStoreDir(data)+" is missing")
	assert.Contains(t, stderr, "from a backup")
	assert.NoFileExists(t, hash)
	assert.NoFileExists(t, hooks)

	server, err = restartServer(t.Context(), data, token, io.Discard, "--hash-key", strings.TrimSpace(string(kept)))
	require.NoError(t, err)
	server.stop()
	assert.NoFileExists(t, hash)
	require.NoError(t, os.WriteFile(hash, kept, 0o600))
	server, err = restartServer(t.Context(), data, token, io.Discard)
	require.NoError(t, err)
	server.stop()

	require.NoError(t, os.Remove(hooks))
	var logged bytes.Buffer
	c := serveConfig{data: data, log: slog.New(slog.NewTextHandler(&logged, nil))}
	made, err := webhookKey("", c)
	require.NoError(t, err)
	assert.FileExists(t, hooks)
	assert.Contains(t, logged.String(), "level=WARN")
	assert.Contains(t, logged.String(), "crm webhook rotate-secret")
	logged.Reset()
	again, err := webhookKey("", c)
	require.NoError(t, err)
	assert.Equal(t, made, again)
	c.data = filepath.Join(t.TempDir(), "new")
	_, err = webhookKey("", c)
	require.NoError(t, err)
	assert.Empty(t, logged.String(), "nothing was sealed with another one")
}
