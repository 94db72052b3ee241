package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBadBodies(t *testing.T) {
	with := func(fields string) string { return `{"job_id":"` + jobID + `","stage":"done"` + fields + `}` }
	tests := map[string]struct {
		body       string
		wantStatus int
		wantCode   string
	}{
		"empty":                 {"", 400, "body_missing"},
		"blank":                 {" \n", 400, "body_missing"},
		"cut off":               {`{"job_id":`, 400, "malformed_json"},
		"trailing garbage":      {moving + "x", 400, "malformed_json"},
		"two values":            {moving + moving, 400, "malformed_json"},
		"not JSON":              {"stage=done", 400, "malformed_json"},
		"raw NUL":               {with(",\"x\":\"\x00\""), 400, "malformed_json"},
		"null":                  {"null", 422, "validation_failed"},
		"array":                 {"[]", 422, "validation_failed"},
		"string":                {`"x"`, 422, "validation_failed"},
		"unknown field":         {with(`,"colour":"red"`), 422, "validation_failed"},
		"missing field":         {`{"stage":"done"}`, 422, "validation_failed"},
		"wrong type":            {with(`,"count":"many"`), 422, "validation_failed"},
		"fraction":              {with(`,"count":1.5`), 422, "validation_failed"},
		"out of range":          {with(`,"count":1001`), 422, "validation_failed"},
		"overflow":              {with(`,"count":1e30`), 422, "validation_failed"},
		"infinite":              {with(`,"count":1e400`), 400, "malformed_json"},
		"no UUID":               {`{"job_id":"1","stage":"done"}`, 422, "validation_failed"},
		"UUID in capitals":      {`{"job_id":"` + strings.ToUpper(jobID) + `","stage":"done"}`, 422, "validation_failed"},
		"UUID as URN":           {`{"job_id":"urn:uuid:` + jobID + `","stage":"done"}`, 422, "validation_failed"},
		"UUID in braces":        {`{"job_id":"{` + jobID + `}","stage":"done"}`, 422, "validation_failed"},
		"UUID without dashes":   {`{"job_id":"` + strings.ReplaceAll(jobID, "-", "") + `","stage":"done"}`, 422, "validation_failed"},
		"too long":              {`{"job_id":"` + jobID + `","stage":"` + strings.Repeat("x", 21) + `"}`, 422, "validation_failed"},
		"no time":               {with(`,"occurred_at":"yesterday"`), 422, "validation_failed"},
		"absurd time":           {with(`,"occurred_at":"99999-01-01T00:00:00Z"`), 422, "validation_failed"},
		"given twice":           {with(`,"stage":"open"`), 400, "duplicate_field"},
		"twice in another case": {with(`,"Stage":"open"`), 400, "duplicate_field"},
		"twice, escaped":        {with(`,"st\u0061ge":"open"`), 400, "duplicate_field"},
		"twice, odd letters":    {with(`,"ſtage":"open"`), 400, "duplicate_field"},
		"broken UTF-8":          {with(",\"x\":\"\xff\""), 400, "invalid_utf8"},
		"half a surrogate":      {`{"job_id":"` + jobID + `","stage":"\ud800"}`, 400, "invalid_utf8"},
		"surrogate, no low":     {`{"job_id":"` + jobID + `","stage":"\ud800\u0041"}`, 400, "invalid_utf8"},
		"escaped NUL":           {`{"job_id":"` + jobID + `","stage":"a\u0000b"}`, 400, "control_character"},
		"escape character":      {`{"job_id":"` + jobID + `","stage":"a\u001bb"}`, 400, "control_character"},
		"backspace":             {`{"job_id":"` + jobID + `","stage":"a\bb"}`, 400, "control_character"},
		"DEL":                   {`{"job_id":"` + jobID + `","stage":"a` + "\x7f" + `b"}`, 400, "control_character"},
		"deep arrays":           {strings.Repeat("[", 100_000), 400, "too_deeply_nested"},
		"deep objects":          {strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), 400, "too_deeply_nested"},
		"too large":             {`{"stage":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large"},
		"only brackets closing": {"]]]}}}", 400, "malformed_json"},
	}
	f := start(t, Limits{})
	for name, tt := range tests {
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", tt.body)
		p := problemIn(t, w)
		assert.Equal(t, tt.wantStatus, p.Status, "%s: %s", name, w.Body)
		assert.Equal(t, tt.wantCode, p.Code, "%s: %s", name, w.Body)
		assert.Less(t, w.Body.Len(), 2000, "%s: the answer must not repeat a large request", name)
	}
	assert.Empty(t, f.moved, "no command was carried out")
}

func TestGoodBodies(t *testing.T) {
	tests := map[string]struct{ body, wantStage string }{
		"plain":             {moving, "done"},
		"characters":        {`{"job_id":"` + jobID + `","stage":"完成 \ud83d\ude00\n\t\u00e4"}`, "完成 😀\n\tä"},
		"null for optional": {`{"job_id":"` + jobID + `","stage":"done","occurred_at":null}`, "done"},
		"white space":       {" \r\n" + moving + "\n", "done"},
	}
	f := start(t, Limits{})
	for name, tt := range tests {
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", tt.body)
		assert.Equal(t, http.StatusOK, w.Code, "%s: %s", name, w.Body)
		assert.Equal(t, tt.wantStage, f.moved.Stage, name)
	}
}

func TestMediaTypes(t *testing.T) {
	f := start(t, Limits{})
	for contentType, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON": 200,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/jsonp": 415, ";;": 415,
	} {
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving, "Content-Type: "+contentType)
		assert.Equal(t, want, w.Code, contentType)
	}
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving, "Content-Encoding: gzip")
	assert.Equal(t, "unsupported_media_type", problemIn(t, w).Code)
}

func TestBadHeaders(t *testing.T) {
	f := start(t, Limits{})
	for _, header := range []string{
		"Idempotency-Key: " + strings.Repeat("k", 256), "Idempotency-Key: two words", "Idempotency-Key: schlüssel",
		"If-Match: 3", `If-Match: "three"`, `If-Match: W/"3"`, `If-Match: "-1"`, `If-Match: "99999999999999999999"`,
		"X-Correlation-ID: " + strings.Repeat("c", 129),
	} {
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving, header)
		p := problemIn(t, w)
		assert.Equal(t, "validation_failed", p.Code, header)
		if assert.NotEmpty(t, p.Errors, header) {
			assert.True(t, strings.HasPrefix(p.Errors[0].Location, "header."), p.Errors[0].Location)
		}
	}
}

// A body that breaks off or is announced larger than it may be is the caller's
// fault, not ours.
func TestBodyThatCannotBeRead(t *testing.T) {
	f := start(t, Limits{})
	r := request(t, http.MethodPost, "/v1/commands/move-job", "sales", "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"job`), broken{}))
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	assert.Equal(t, "body_unreadable", problemIn(t, w).Code)

	r = request(t, http.MethodPost, "/v1/commands/move-job", "sales", "")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, 2<<20))), -1
	w = httptest.NewRecorder()
	f.ServeHTTP(w, r)
	assert.Equal(t, "body_too_large", problemIn(t, w).Code)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
