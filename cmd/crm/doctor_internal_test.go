package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/commands"
)

// visited is a report as crm doctor prints it, by check.
func visited(t *testing.T, stdout string) (status string, checks map[string]finding) {
	t.Helper()
	var r report
	require.NoError(t, json.Unmarshal([]byte(stdout), &r), stdout)
	checks = map[string]finding{}
	for _, f := range r.Checks {
		checks[f.Check] = f
		if f.Status == warned || f.Status == failed {
			assert.NotEmpty(t, f.Means, "%+v", f)
			assert.NotEmpty(t, f.Do, "%+v", f)
		}
	}
	return r.Status, checks
}

// A set-up that is well is told to be, while a server runs on it and while none
// does; what is not well is told with what it means, and fails if it must.
func TestDoctor(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, redisURL := filepath.Join(t.TempDir(), "data"), redistest.Start(t)
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	result, err := impatient(t, server).Send(t.Context(), apiclient.Command{Name: "register-customer", Key: "ann", Body: commands.RegisterCustomer{
		Name: "Ann Archer", Contacts: []commands.Contact{{Kind: "email", Value: "ann@example.com"}},
	}})
	require.NoError(t, err)
	readEverything(t, server, result.Position)

	t.Run("server", func(t *testing.T) {
		status, stdout, stderr := server.tool(t, "doctor", "--strict")
		require.Zero(t, status, stdout+stderr)
		for _, check := range []string{"server clock", "ready", "token", "server read models", "server lag", "server parked events", "server builds held", "open files", "log connections"} {
			assert.Regexp(t, `(?m)^`+check+` +ok `, stdout)
		}
		_, stdout, _ = crm(t, "doctor", "--server", server.url, "--json")
		_, checks := visited(t, stdout)
		assert.Equal(t, unchecked, checks["token"].Status)
		assert.NotContains(t, checks, "server lag")
		code, stdout, stderr := crm(t, "doctor", "--server", server.url, "--token", "crm_wrong", "--json")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "checks failed")
		_, checks = visited(t, stdout)
		assert.Equal(t, failed, checks["token"].Status)
		assert.NotContains(t, stdout, "crm_wrong")
	})
	t.Run("set-up in use", func(t *testing.T) {
		code, stdout, stderr := crm(t, "doctor", "--data", data, "--redis", redisURL, "--json")
		require.Zero(t, code, stderr)
		_, checks := visited(t, stdout)
		assert.Equal(t, unchecked, checks["event log"].Status)
		assert.Contains(t, checks["event log"].Found, "--server")
	})
	server.stop()

	t.Run("set-up", func(t *testing.T) {
		code, stdout, stderr := crm(t, "doctor", "--data", data, "--redis", redisURL, "--json")
		status, checks := visited(t, stdout)
		if disk := checks["disk space"]; disk.Status == passed { // that is the machine's
			require.Zero(t, code, stderr)
			assert.Equal(t, passed, status)
		} else {
			assert.NotEmpty(t, disk.Do)
		}
		for _, check := range []string{
			"settings", "data directory", "key hash.key", "hash key", "webhook key", "event log", "event log version", "log clock", "hash key of the log",
			"redis", "redis version", "redis eviction", "redis memory", "redis clock", "read models", "lag", "parked events", "builds held",
		} {
			assert.Equal(t, passed, checks[check].Status, "%s: %+v", check, checks[check])
		}
		assert.NotContains(t, stdout, "ann@example.com", "who is in the log is nobody's business")
	})
	t.Run("another hash key", func(t *testing.T) {
		other := strings.Repeat("ab", hashKeyBytes)
		code, stdout, _ := crm(t, "doctor", "--data", data, "--hash-key", other, "--json")
		assert.Equal(t, 1, code)
		_, checks := visited(t, stdout)
		assert.Equal(t, failed, checks["hash key of the log"].Status)
		assert.NotContains(t, stdout, other)
	})
	t.Run("others may read", func(t *testing.T) {
		require.NoError(t, os.Chmod(data, 0o755))
		require.NoError(t, os.Chmod(filepath.Join(data, hashFile), 0o644))
		code, stdout, _ := crm(t, "doctor", "--data", data, "--json")
		assert.Equal(t, 1, code)
		_, checks := visited(t, stdout)
		assert.Equal(t, warned, checks["data directory"].Status)
		assert.Equal(t, failed, checks["key hash.key"].Status)
		assert.Contains(t, checks["key hash.key"].Do, "chmod 600")
		require.NoError(t, os.Chmod(filepath.Join(data, hashFile), 0o600))
		code, _, stderr := crm(t, "doctor", "--data", data)
		assert.Zero(t, code, stderr)
		code, _, stderr = crm(t, "doctor", "--data", data, "--strict")
		assert.Equal(t, 1, code, "a warning counts, too")
		assert.Contains(t, stderr, "warn")
	})
	t.Run("Redis that evicts", func(t *testing.T) {
		client, err := redisviews.Connect(redisURL)
		require.NoError(t, err)
		defer func() { _ = client.Close() }()
		require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
		_, stdout, _ := crm(t, "doctor", "--data", data, "--redis", redisURL, "--json")
		_, checks := visited(t, stdout)
		assert.Equal(t, warned, checks["redis eviction"].Status, "without a bound it evicts nothing")
		require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1gb").Err())
		code, stdout, _ := crm(t, "doctor", "--data", data, "--redis", redisURL, "--json")
		assert.Equal(t, 1, code)
		_, checks = visited(t, stdout)
		assert.Equal(t, failed, checks["redis eviction"].Status)
	})
	t.Run("Redis that is empty", func(t *testing.T) {
		_, stdout, _ := crm(t, "doctor", "--data", data, "--redis", redistest.Start(t), "--json")
		_, checks := visited(t, stdout)
		assert.Equal(t, warned, checks["read models"].Status)
		assert.Equal(t, passed, checks["lag"].Status, "nobody projects while the log is here")
		assert.Contains(t, checks["lag"].Found, "when one does")
	})
}

// What is out of reach, or was never there, is told as that; nothing is made, and
// no secret of the settings is shown.
func TestDoctorWhereNothingWorks(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	key := strings.Repeat("cd", hashKeyBytes)
	code, stdout, _ := crm(t, "doctor", "--data", data, "--hash-key", key, "--json",
		"--eventstore", "esdb://admin:changeit@127.0.0.1:1?tls=false", "--redis", "redis://:opensesame@127.0.0.1:1")
	assert.Equal(t, 1, code)
	_, checks := visited(t, stdout)
	for _, check := range []string{"event log", "redis"} {
		assert.Equal(t, failed, checks[check].Status, check)
	}
	for _, secret := range []string{key, "changeit", "opensesame"} {
		assert.NotContains(t, stdout, secret)
	}
	code, stdout, _ = crm(t, "doctor", "--eventstore", "nonsense:changeit@db", "--redis", "opensesame@cache", "--sweep", "1ms", "--json")
	assert.Equal(t, 1, code)
	_, checks = visited(t, stdout)
	assert.Contains(t, checks["settings"].Found, "--sweep")
	assert.Equal(t, failed, checks["hash key"].Status)
	assert.NotContains(t, stdout, "changeit")
	assert.NotContains(t, stdout, "opensesame")

	code, stdout, stderr := crm(t, "doctor", "--data", data, "--json")
	assert.Zero(t, code, stderr)
	_, checks = visited(t, stdout)
	assert.Equal(t, unchecked, checks["data directory"].Status)
	assert.NoDirExists(t, data)

	code, stdout, _ = crm(t, "doctor", "--server", "http://127.0.0.1:1", "--json")
	assert.Equal(t, 1, code)
	_, checks = visited(t, stdout)
	assert.Equal(t, failed, checks["server"].Status)
	code, stdout, _ = crm(t, "doctor", "--config", filepath.Join(t.TempDir(), "none.yaml"), "--json")
	assert.Equal(t, 1, code)
	_, checks = visited(t, stdout)
	assert.Equal(t, failed, checks["settings"].Status)
}

func TestDoctorHoldsClocksApart(t *testing.T) {
	for _, tt := range []struct {
		ahead, precision time.Duration
		want             string
	}{
		{0, 0, passed},
		{-2 * time.Second, 0, passed},
		{-3 * time.Second, 0, warned},
		{3 * time.Second, 2 * time.Second, passed},
		{time.Minute, 0, warned},
		{-61 * time.Second, 0, failed},
	} {
		d := &visit{now: time.Now}
		d.checkClock("clock", "the server", tt.ahead, tt.precision)
		assert.Equal(t, tt.want, d.Checks[0].Status, "%+v", tt)
	}
}
