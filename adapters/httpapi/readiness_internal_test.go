package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestReadinessByDependency(t *testing.T) {
	since := time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	all := []Dependency{
		{Name: "log", Status: Fine, Needed: true, Since: since},
		{Name: "redis", Status: Failing, Since: since, Detail: "the read models are out of reach"},
	}
	h := New(Config{Logger: slog.New(slog.DiscardHandler), Health: func(context.Context) []Dependency { return all }})
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return w.Code, w.Body.String()
	}
	status, body := get("/readyz")
	assert.Equal(t, http.StatusOK, status, "what is not needed does not count")
	assert.Contains(t, body, `"status":"failing"`)
	status, body = get("/readyz/log")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"name":"log","status":"ok","needed":true,"since":"2024-05-31T09:30:00Z","latency_seconds":0}`, body)
	status, body = get("/readyz/redis")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, body, "out of reach")
	status, _ = get("/readyz/moon")
	assert.Equal(t, http.StatusNotFound, status)
	status, _ = get("/readyzz")
	assert.Equal(t, http.StatusUnauthorized, status, "it is another path")

	all[1].Needed = true
	status, body = get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, body, `"missing":["the read models are out of reach"]`)
}
