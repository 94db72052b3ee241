package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/openapitest"
)

const committedDocument = "../../docs/openapi.json"

func TestTheOpenAPIDocumentIsComplete(t *testing.T) {
	status, text, stderr := crm(t, "openapi")
	require.Equal(t, 0, status, stderr)
	document, err := openapitest.Load([]byte(text))
	require.NoError(t, err)
	assert.NotEmpty(t, document.Operations)
	assert.Empty(t, document.Gaps())

	committed, err := os.ReadFile(committedDocument)
	require.NoError(t, err)
	assert.True(t, string(committed) == text, "docs/openapi.json is not of this version: run make generate")
}
