package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const app = "https://app.example"

func TestOtherOriginsAreKeptAway(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "", "Origin: "+app)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.NotContains(t, w.Header(), "Access-Control-Allow-Origin")
	w = f.do(t, http.MethodOptions, "/v1/queries/jobs", "", "", "Origin: "+app, "Access-Control-Request-Method: GET")
	assert.Equal(t, http.StatusUnauthorized, w.Code)
}

func TestOriginsThatMayRead(t *testing.T) {
	f := start(t, Limits{})
	f.cors = newCORS([]string{app})
	for _, token := range []string{"sales", ""} {
		w := f.do(t, http.MethodGet, "/v1/queries/jobs", token, "", "Origin: "+app)
		assert.Equal(t, app, w.Header().Get("Access-Control-Allow-Origin"), "problems can be read, too")
		assert.Contains(t, w.Header().Values("Vary"), "Origin")
		assert.NotContains(t, w.Header(), "Access-Control-Allow-Credentials")
		exposed := strings.Split(w.Header().Get("Access-Control-Expose-Headers"), ", ")
		for _, name := range []string{"Etag", "Link", "Location", "Ratelimit", "Ratelimit-Policy", "Retry-After"} {
			assert.Contains(t, exposed, name)
		}
	}
	for _, other := range []string{"https://app.example.evil.example", "http://app.example", "https://app.example:8443", "null"} {
		w := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "", "Origin: "+other)
		assert.NotContains(t, w.Header(), "Access-Control-Allow-Origin", other)
		assert.Contains(t, w.Header().Values("Vary"), "Origin", other)
	}
}

func TestPreflight(t *testing.T) {
	f := start(t, Limits{})
	f.cors = newCORS([]string{app})
	ask := func(method, headers string) http.Header {
		w := f.do(t, http.MethodOptions, "/v1/commands/move-job", "", "", "Origin: "+app,
			"Access-Control-Request-Method: "+method, "Access-Control-Request-Headers: "+headers)
		assert.Equal(t, http.StatusNoContent, w.Code)
		return w.Header()
	}
	h := ask(http.MethodPost, "authorization,content-type,idempotency-key,if-match")
	assert.Equal(t, app, h.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, http.MethodPost, h.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "authorization,content-type,idempotency-key,if-match", h.Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "600", h.Get("Access-Control-Max-Age"))
	assert.NotContains(t, ask(http.MethodDelete, "authorization"), "Access-Control-Allow-Origin")
	assert.NotContains(t, ask(http.MethodPost, "x-other"), "Access-Control-Allow-Origin")

	w := f.do(t, http.MethodOptions, "/v1/commands/move-job", "", "", "Origin: "+app)
	assert.Equal(t, http.StatusUnauthorized, w.Code, "no preflight")
}

func TestAnyOriginWithoutCredentials(t *testing.T) {
	f := start(t, Limits{})
	f.cors = newCORS([]string{"*"})
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "", "Origin: "+app)
	assert.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
	assert.NotContains(t, w.Header(), "Access-Control-Allow-Credentials")
}
