package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const smallCompany = `departments:
  - name: Sales
    manager: ann
    positions:
      - {title: Seller, reports_to: Head}
      - {title: Head}
    members:
      - {id: ann, name: Ann Li, position: Head}
      - {id: bob, position: Seller}
    departments:
      - name: East
        members: [{id: cem}]
project_roles: {lead: [ann]}
substitutes: [{member: ann, substitute: bob}]
`

func TestOrganisationIsImportedEditedAndPruned(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	good := func(args ...string) string {
		status, stdout, stderr := server.tool(t, append([]string{"organisation"}, args...)...)
		require.Zero(t, status, stderr)
		return stdout
	}
	dir := t.TempDir()
	wanted, exported := filepath.Join(dir, "wanted.yaml"), filepath.Join(dir, "exported.yaml")
	require.NoError(t, os.WriteFile(wanted, []byte(smallCompany), 0o600))
	assert.Contains(t, good("import", wanted, "--dry-run"), "dry run: 10 commands would be sent")
	assert.Contains(t, good("show"), "0 members")
	assert.Contains(t, good("import", wanted), "10 commands were sent")
	assert.Contains(t, good("import", wanted), "nothing to do")
	assert.Contains(t, good("show"), "Sales  manager ann\n  - ann (Ann Li), Head, substitute bob")

	good("export", exported)
	assert.Contains(t, good("import", exported), "nothing to do")
	edit(t, exported, "name: East", "name: Far East", "      - id: bob\n        name: bob\n        position: Seller\n", "", "substitute: bob", "substitute: cem")
	assert.Contains(t, good("import", exported, "--prune", "--dry-run"), "end member bob of Sales")
	status, _, stderr := server.tool(t, "organisation", "import", exported)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "bob stands in for ann", "without --prune that substitution stays")

	require.NoError(t, os.WriteFile(wanted, []byte("departments:\n  - name: Sales\n    manager: zoe\n    members: [{id: a, position: Boss}]\n"), 0o600))
	status, _, stderr = server.tool(t, "organisation", "import", wanted)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, `the position "Boss" of a is not in this department`)
	assert.Contains(t, stderr, `nobody has the id "zoe"`)
	require.NoError(t, os.WriteFile(wanted, []byte("departments:\n  - name: Sales\n    managr: zoe\n"), 0o600))
	_, _, stderr = server.tool(t, "organisation", "import", wanted)
	assert.Contains(t, stderr, wanted+": line 3: field managr not found")
}
