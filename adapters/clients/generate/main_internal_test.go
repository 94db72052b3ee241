package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheGoClientIsOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(t, err)
	code, err := generate(document)
	require.NoError(t, err)
	committed, err := os.ReadFile("../annals/client.gen.go")
	require.NoError(t, err)
	assert.True(t, string(committed) == string(code), "adapters/clients/annals is not of docs/openapi.json: run make generate")
}

func TestWhatCannotBeGenerated(t *testing.T) {
	_, err := generate([]byte("{"))
	require.Error(t, err)
	require.Error(t, run(nil))
	require.ErrorIs(t, run([]string{"nowhere.json", "nowhere.go"}), os.ErrNotExist)
}

// Editors and linters of callers point at what will go.
func TestTheGoClientSaysWhatIsDeprecated(t *testing.T) {
	document, err := os.ReadFile("../testdata/deprecated.json")
	require.NoError(t, err)
	code, err := generate(document)
	require.NoError(t, err)
	const notice = `//\n\t*// Deprecated: since 2027-01-01, and may be removed from 2028-01-01 on; `
	assert.Regexp(t, notice+`leave it out\n\tSpeed `, string(code))
	for _, receiver := range []string{`\tShiftJob`, `func \(c \*Client\) ShiftJob`, `\tShiftJobWithResponse`, `func \(c \*ClientWithResponses\) ShiftJobWithResponse`} {
		assert.Regexp(t, notice+`use move-job\n`+receiver+`\(`, string(code))
	}
	assert.NotRegexp(t, `Deprecated: .*\n.*MoveJob`, string(code))
}
