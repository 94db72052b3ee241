package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// edit changes an exported file.
func edit(t *testing.T, name string, pairs ...string) {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // the test's own file
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, string(text), pairs[i])
		text = []byte(strings.Replace(string(text), pairs[i], pairs[i+1], 1))
	}
	require.NoError(t, os.WriteFile(name, text, 0o600))
}

func TestPolicyIsExportedEditedAndImported(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	good := func(args ...string) string {
		status, stdout, stderr := server.tool(t, append([]string{"policy"}, args...)...)
		require.Zero(t, status, stderr)
		return stdout
	}
	file := filepath.Join(t.TempDir(), "pack.yaml")
	good("export", file)
	assert.Contains(t, good("import", file), "nothing differs from version 1")
	assert.Contains(t, good("versions"), "in force now")

	edit(t, file, "churn_after: P3M ", "churn_after: P100D ", "reminder_hour: 9", "reminder_hour: 8")
	status, stdout, _ := crm(t, "policy", "check", file)
	assert.Zero(t, status)
	assert.Contains(t, stdout, "good")
	dry := good("import", file, "--dry-run")
	assert.Contains(t, dry, "customers.churn_after")
	assert.Contains(t, dry, "nothing was published")
	assert.NotContains(t, good("versions"), "\n2 ")
	assert.Contains(t, good("import", file, "--effective-from", "2024-06-01"), "published as version 2")
	diff := good("diff", "1", "2")
	assert.Contains(t, diff, "customers.churn_after")
	assert.Contains(t, diff, "engagement.reminder_hour")
	assert.Contains(t, good("show", "--version", "1"), "churn_after: P3M #")
	assert.Contains(t, good("show", "--at", "2024-06-02"), "churn_after: P100D #")
	assert.Contains(t, good("show", "--at", "2024-05-30"), "churn_after: P3M #", "before it is in force")
	assert.Contains(t, good("show"), "# version 2, in force from")

	status, _, stderr := server.tool(t, "policy", "import", file, "--dry-run")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "version 2 was published since")
	assert.Contains(t, good("import", file, "--force"), "applies from then on anyway")

	edit(t, file, "churn_after: P100D ", "churn_after: P400M ", "zone: Asia/Shanghai", "zone: Mars")
	status, _, stderr = crm(t, "policy", "check", file)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "pack.zone: line ")
	assert.Contains(t, stderr, "pack.customers.churn_after: line ")
	assert.Contains(t, stderr, "2 problems")
	status, _, stderr = server.tool(t, "policy", "diff", "1", "7")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "there is no version 7")
	status, _, stderr = server.tool(t, "policy", "export", file)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "not written over")
}
