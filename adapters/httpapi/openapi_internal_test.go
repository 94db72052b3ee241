package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operations yields every operation of the OpenAPI document.
func operations(s *service) []*huma.Operation {
	var all []*huma.Operation
	for _, item := range s.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, op)
			}
		}
	}
	return all
}

func TestEveryOperationIsDocumented(t *testing.T) { checkDocumented(t, start(t, Limits{}).service) }

// checkDocumented is what a reader of the OpenAPI document may rely on.
func checkDocumented(t *testing.T, s *service) {
	t.Helper()
	for _, op := range operations(s) {
		name := op.OperationID
		assert.NotEmpty(t, name)
		assert.NotEmpty(t, op.Summary, name)
		assert.False(t, strings.HasSuffix(op.Summary, "."), "%s: a summary is no sentence", name)
		assert.NotEmpty(t, op.Description, name)
		assert.NotEmpty(t, op.Tags, name)
		assert.NotEmpty(t, op.Extensions["x-roles"], name)
		assert.Equal(t, op.Extensions["x-scopes"], scopesFor(name, side(op.Method)), name)
		assert.NotEmpty(t, op.Extensions["x-error-codes"], name)
		assert.NotEmpty(t, op.Security, name)
		for _, param := range op.Parameters {
			assert.NotEmpty(t, param.Description, "%s %s", name, param.Name)
		}
		checkAnswers(t, s, op)
		if op.Method == http.MethodPost {
			assert.Equal(t, commandPath+name, op.Path)
			checkContent(t, s, name+" request", op.RequestBody.Content["application/json"])
		} else {
			assert.True(t, strings.HasPrefix(op.Path, queryPath), op.Path)
		}
	}
}

func checkAnswers(t *testing.T, s *service, op *huma.Operation) {
	t.Helper()
	good := 0
	for status, response := range op.Responses {
		if name, ok := strings.CutPrefix(response.Ref, "#/components/responses/"); ok {
			require.Contains(t, s.api.OpenAPI().Components.Responses, name)
			response = s.api.OpenAPI().Components.Responses[name]
		}
		assert.NotEmpty(t, response.Description, "%s %s", op.OperationID, status)
		switch {
		case status == "304":
		case status[0] == '2':
			good++
			checkContent(t, s, op.OperationID+" answer", response.Content["application/json"])
		default:
			assert.NotEmpty(t, response.Extensions["x-error-codes"], "%s %s", op.OperationID, status)
			require.Contains(t, response.Content, problemJSON, "%s %s", op.OperationID, status)
			assert.NotNil(t, response.Content[problemJSON].Example)
		}
	}
	assert.Positive(t, good, op.OperationID)
	for _, status := range []string{"401", "403", "422", "500", "503"} {
		assert.Contains(t, op.Responses, status, op.OperationID)
	}
}

// checkContent checks that there is an example, and that it fits the schema.
func checkContent(t *testing.T, s *service, what string, media *huma.MediaType) {
	t.Helper()
	require.NotNil(t, media, what)
	require.NotNil(t, media.Example, what)
	text, err := json.Marshal(media.Example)
	require.NoError(t, err, what)
	var example any
	require.NoError(t, json.Unmarshal(text, &example), what)
	found := &huma.ValidateResult{}
	huma.Validate(s.api.OpenAPI().Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, example, found)
	assert.Empty(t, found.Errors, "%s: %s", what, text)
}

func TestOpenAPIIsServed(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodGet, "/openapi.json", "analyst", "")
	require.Equal(t, http.StatusOK, w.Code)
	var document struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &document))
	assert.True(t, strings.HasPrefix(document.OpenAPI, "3.1"))
	assert.Contains(t, document.Paths, "/v1/commands/open-job")

	w = f.do(t, http.MethodGet, "/openapi.yaml", "analyst", "")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), "x-roles:")
}

func TestCreationIsDocumentedAs201(t *testing.T) {
	f := start(t, Limits{})
	assert.Contains(t, f.documented(http.MethodPost, "/v1/commands/open-job").Responses, "201")
	assert.NotContains(t, f.documented(http.MethodPost, "/v1/commands/move-job").Responses, "201")
}

func TestDocsWorkOffline(t *testing.T) {
	f := start(t, Limits{})
	for path, want := range map[string]string{
		"/docs": "<!doctype html>", "/docs/": "<!doctype html>", "/docs/start.js": "/openapi.json",
		"/docs/swagger-ui.css": ".swagger-ui", "/docs/swagger-ui-bundle.js": "SwaggerUIBundle", "/docs/favicon-32x32.png": "PNG",
	} {
		w := f.do(t, http.MethodGet, path, "analyst", "")
		require.Equal(t, http.StatusOK, w.Code, path)
		assert.Contains(t, w.Body.String(), want, path)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
		assert.NotContains(t, f.do(t, http.MethodGet, "/docs", "analyst", "").Body.String(), "https://")
	}
	w := f.do(t, http.MethodGet, "/docs/swagger-ui.css", "analyst", "", "Accept-Encoding: gzip, br")
	assert.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	assert.Less(t, w.Body.Len(), 50_000)
}
