package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bodies that no command takes.
func hopelessBodies() []string {
	return []string{
		"", " ", "{", "}", "[]", "null", "true", "1", `"text"`, "{}x", `{"a"}`, `{"a":}`, "{'a':1}", "\x00", "\xff\xfe",
		`{"no_such_field":1}`, `{"occurred_at":1}`, `{"occurred_at":"soon"}`, `{"occurred_at":"0000-00-00T00:00:00Z"}`,
		"{\"a\":\"\xc3\x28\"}", `{"a":"\ud800"}`, `{"a":"\u0000"}`, `{"a":1,"a":2}`, `{"a":1,"A":2}`,
		strings.Repeat("[", 1000), strings.Repeat(`{"a":`, 1000), `{"a":"` + strings.Repeat("x", 2<<20) + `"}`,
	}
}

// What is put in the place of each value of a good request.
func oddValues() []string {
	return []string{
		"null", "true", "1", "-1", "1.5", "1e30", "-9223372036854775809", "18446744073709551616", `""`, `" "`, `"\n"`, `"x"`,
		`"` + strings.Repeat("長", 20_000) + `"`, `"\u202e"`, `"'; drop table"`, `"../../etc"`, `"{{7*7}}"`, "[]", "[null]", `["x",1]`, "{}", `{"a":{}}`,
		`"2024-02-30"`, `"2024-05-31T25:00:00Z"`, `"00000000-0000-0000-0000-000000000000"`, `"5F0C8A52-6A1E-5D0C-9F6A-0F6F5D3A1B11"`,
	}
}

// Whatever is sent, the sender is told what is wrong, and it is never our fault.
func TestNoInputIsAFaultOfOurs(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	for _, op := range operations(p.service) {
		if op.Method == http.MethodPost {
			hammerBody(t, p, op)
		} else {
			hammerParameters(t, p, op)
		}
	}
}

func hammerBody(t *testing.T, p *program, op *huma.Operation) {
	t.Helper()
	for _, body := range hopelessBodies() {
		w := p.do(t, op.Method, op.Path, body)
		code := problemIn(t, w).Code
		assert.True(t, w.Code >= 400 && w.Code < 500, "%s: %d for %.60q", op.OperationID, w.Code, body)
		assert.Contains(t, op.Extensions["x-error-codes"], code, op.OperationID)
	}
	text, err := json.Marshal(op.RequestBody.Content["application/json"].Example)
	require.NoError(t, err)
	var good map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &good))
	for name := range good {
		for _, value := range oddValues() {
			odd := maps.Clone(good)
			odd[name] = json.RawMessage(value)
			body, err := json.Marshal(odd)
			require.NoError(t, err)
			w := p.do(t, op.Method, op.Path, string(body))
			assert.Less(t, w.Code, 500, "%s: %s = %.60q: %s", op.OperationID, name, value, w.Body)
			if w.Code >= 400 {
				assert.Contains(t, op.Extensions["x-error-codes"], problemIn(t, w).Code, "%s: %s = %.60q", op.OperationID, name, value)
			}
		}
	}
}

func hammerParameters(t *testing.T, p *program, op *huma.Operation) {
	t.Helper()
	values := append(oddValues(), "\x00", "\xff", "a\nb", "%", "&", "#", "*", "9999999999999999999999", "-0")
	for _, param := range op.Parameters {
		for _, value := range values {
			value = strings.Trim(value, `"`)
			path, query := strings.Replace(op.Path, "{id}", jobID, 1), ""
			var headers []string
			switch param.In {
			case "path":
				path = strings.Replace(op.Path, "{id}", url.PathEscape(value), 1)
			case "query":
				query = "?" + param.Name + "=" + url.QueryEscape(value)
			case "header":
				headers = []string{param.Name + ": " + value}
			}
			w := p.do(t, op.Method, path+query, "", headers...)
			assert.True(t, w.Code < 500 || w.Code == http.StatusServiceUnavailable && param.Name == minPosition,
				"%s: %s = %.60q: %d %s", op.OperationID, param.Name, value, w.Code, w.Body)
			if w.Code >= 400 {
				problemIn(t, w)
			}
		}
	}
}
