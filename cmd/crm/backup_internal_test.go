package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
)

// A server is backed up while it works. What is restored from the backup has
// every command that was acknowledged before it was begun, once, and its read
// models are those of its own log, although the same Redis holds those of the one
// that went on.
func TestBackUpUnderLoad(t *testing.T) {
	t.Setenv(asProgram, "1")
	redis, dir := redistest.Start(t), t.TempDir()
	server, err := startServer(t.Context(), filepath.Join(dir, "data"), io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	server, err = restartServer(t.Context(), filepath.Join(dir, "data"), token, io.Discard, "--redis", redis)
	require.NoError(t, err)

	before := &load{acknowledged: map[string]apiclient.Result{}}
	before.some(t, server, 300)
	during := &load{acknowledged: map[string]apiclient.Result{}, next: 1_000_000}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for done := false; !done; {
			during.some(t, server, 20)
			select {
			case <-stop:
				done = true
			default:
			}
		}
	}()
	file := filepath.Join(dir, "backup.tar")
	out, err := server.command(t.Context(), "backup", "--to", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	close(stop)
	<-stopped
	assert.NotEmpty(t, during.acknowledged)
	server.kill()

	status, verified, stderr := crm(t, "backup", "verify", file)
	require.Equal(t, 0, status, stderr)
	assert.Contains(t, verified, "is whole")

	restored := filepath.Join(dir, "restored")
	status, told, stderr := crm(t, "restore", "--from", file, "--data", restored)
	require.Equal(t, 0, status, stderr)
	assert.Contains(t, told, "goes on as")
	before.compare(t, serveConfig{data: restored})

	server, err = restartServer(t.Context(), restored, token, io.Discard, "--redis", redis)
	require.NoError(t, err)
	before.some(t, server, 20) // it goes on, over what the first one did after the backup
	lived := readEverything(t, server, before.last)
	server.stop()
	server, err = restartServer(t.Context(), restored, token, io.Discard) // Redis embedded, so empty
	require.NoError(t, err)
	defer server.stop()
	assert.Equal(t, readEverything(t, server, before.last), lived)
}

// some sends commands until so many more were acknowledged.
func (l *load) some(t *testing.T, server *childServer, n int) {
	t.Helper()
	client := impatient(t, server)
	for range n {
		cmd := l.take()
		result, err := client.Send(t.Context(), cmd)
		if !assert.NoError(t, err, cmd.Name) {
			return
		}
		l.acknowledge(t, cmd, result)
	}
}

// A backup is there when it is whole, and not before; it takes the place of no
// file; and it is not put into a directory that holds anything.
func TestBackupsAreWholeOrNotThere(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, dir := t.TempDir(), t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	titles(t, server, "pumps")
	file := filepath.Join(dir, "backup.tar")
	status, _, stderr := crm(t, "backup", "--to", file, "--data", data)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "a server is running on it")
	out, err := server.command(t.Context(), "backup", "--to", dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	made, err := filepath.Glob(filepath.Join(dir, "annals-*.tar"))
	require.NoError(t, err)
	require.Len(t, made, 1)

	t.Run("cut off", func(t *testing.T) {
		whole, err := os.ReadFile(made[0])
		require.NoError(t, err)
		half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(whole[:len(whole)/2])
		})
		cut := serveOn(t, half)
		status, _, stderr := crm(t, "backup", "--to", file, "--server", cut)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "the backup is a part of one")
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, left, 1, "nothing stays")

		require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), whole[:len(whole)/2], 0o600))
		status, _, stderr = crm(t, "restore", "--from", filepath.Join(dir, "half"), "--data", filepath.Join(dir, "new"))
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "the backup is a part of one")
		key, err := os.ReadFile(filepath.Join(data, hashFile))
		require.NoError(t, err)
		broken := bytes.Clone(whole)
		broken[bytes.Index(broken, key)] ^= 1
		require.NoError(t, os.WriteFile(filepath.Join(dir, "broken"), broken, 0o600))
		status, _, stderr = crm(t, "backup", "verify", filepath.Join(dir, "broken"))
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "is not what it was made of")
	})
	t.Run("in the way", func(t *testing.T) {
		out, err := server.command(t.Context(), "backup", "--to", made[0]).CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "there already")
		status, _, stderr := crm(t, "restore", "--from", made[0], "--data", data)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "already; restore into a new directory")
	})
	t.Run("half restored", func(t *testing.T) {
		half := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(half, restoring), 0o700))
		status, _, stderr := crm(t, "serve", "--listen", "127.0.0.1:0", "--data", half)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "a restore into it was not finished")
	})
	t.Run("only for administrators", func(t *testing.T) {
		var secret bytes.Buffer
		create := server.command(t.Context(), "token", "create", "--name", "eve", "--role", "auditor")
		create.Stdout = &secret
		require.NoError(t, create.Run())
		status, _, stderr := crm(t, "backup", "--to", file, "--server", server.url, "--token", strings.TrimSpace(secret.String()))
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "this needs one of the roles admin")
	})
	server.stop()
	status, _, stderr = crm(t, "backup", "--to", file, "--data", data)
	assert.Equal(t, 0, status, stderr)
	assert.FileExists(t, file)
	assert.NoDirExists(t, filepath.Join(data, copying))
}

// serveOn answers on an address of its own until the test ends.
func serveOn(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
