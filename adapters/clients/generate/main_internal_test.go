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
