package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDoctorReadsTheWebhookKey(t *testing.T) {
	data, wrong := t.TempDir(), strings.Repeat("xy", hashKeyBytes)
	require.NoError(t, os.WriteFile(filepath.Join(data, webhookKeyFile), []byte("abc\n"), 0o600))
	for name, tt := range map[string]struct {
		args          []string
		status, found string
	}{
		"file":            {[]string{"--data", data}, failed, webhookKeyFile + " must be 64 hexadecimal digits"},
		"flag":            {[]string{"--data", data, "--webhook-key", wrong}, failed, "--webhook-key must be 64 hexadecimal digits"},
		"right flag":      {[]string{"--data", data, "--webhook-key", strings.Repeat("5a", hashKeyBytes)}, passed, "can be read"},
		"not there yet":   {[]string{"--data", t.TempDir()}, unchecked, "not there yet"},
		"no webhooks":     {[]string{"--data", data, "--eventstore", "esdb://127.0.0.1:1?tls=false"}, unchecked, "no webhooks"},
		"not a directory": {[]string{"--data", filepath.Join(data, webhookKeyFile)}, failed, webhookKeyFile},
	} {
		t.Run(name, func(t *testing.T) {
			_, stdout, _ := crm(t, append([]string{"doctor", "--json"}, tt.args...)...)
			_, checks := visited(t, stdout)
			assert.Equal(t, tt.status, checks["webhook key"].Status, "%+v", checks["webhook key"])
			assert.Contains(t, checks["webhook key"].Found, tt.found)
			assert.NotContains(t, stdout, wrong)
		})
	}
}

// Where nobody can make a file, not even root, crm serve cannot either.
func TestDoctorWritesToTheDataDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	unwritable := []string{filepath.Join(file, "data")}
	if runtime.GOOS == "linux" {
		unwritable = append(unwritable, "/proc/self", "/proc/annals/data")
	}
	for _, data := range unwritable {
		_, stdout, _ := crm(t, "doctor", "--data", data, "--json")
		_, checks := visited(t, stdout)
		assert.Equal(t, failed, checks["data directory"].Status, "%s: %+v", data, checks["data directory"])
	}
	data := t.TempDir()
	_, stdout, _ := crm(t, "doctor", "--data", data, "--json")
	_, checks := visited(t, stdout)
	assert.NotEqual(t, failed, checks["data directory"].Status)
	left, err := os.ReadDir(data)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing stays")
}
