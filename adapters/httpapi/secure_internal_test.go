package httpapi

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryAnswerIsSealed(t *testing.T) {
	f := start(t, Limits{})
	for _, path := range []string{"/v1/queries/jobs", "/v1/nowhere", "/healthz", "/metrics", "/openapi.json", "/docs"} {
		for _, token := range []string{"", "admin"} {
			h := f.do(t, http.MethodGet, path, token, "").Header()
			assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
			assert.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'", path)
			assert.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
			assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
			assert.Equal(t, "same-origin", h.Get("Cross-Origin-Resource-Policy"), path)
			assert.Empty(t, h.Get("Strict-Transport-Security"), path)
			assert.Empty(t, h.Get("Server"), path)
		}
	}
}

func TestPagesAreSealed(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	for path, policy := range map[string]string{
		"/docs": docsPolicy,
		"/v1/queries/deals/" + jobID + "/history?format=html": reportPolicy,
	} {
		w := p.do(t, http.MethodGet, path, "")
		assert.Equal(t, http.StatusOK, w.Code, path)
		assert.Equal(t, []string{policy}, w.Header().Values("Content-Security-Policy"), path)
		assert.Equal(t, "DENY", w.Header().Get("X-Frame-Options"), path)
		assert.Contains(t, w.Header().Get("Permissions-Policy"), "camera=()", path)
	}
}

func TestEncryptedAnswersInsistOnIt(t *testing.T) {
	f := start(t, Limits{})
	r := request(t, http.MethodGet, "/v1/queries/jobs", "sales", "")
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	assert.Equal(t, "max-age=31536000", w.Header().Get("Strict-Transport-Security"))
}
