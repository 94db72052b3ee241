package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHeadTellsWhatGetWould(t *testing.T) {
	p := traded(t)
	server := httptest.NewServer(p.service)
	defer server.Close()
	ask := func(method, path, accept string) (int, http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer admin")
		r.Header.Set("Accept", accept)
		answer, err := server.Client().Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		if method == http.MethodHead {
			assert.Empty(t, body, path)
		}
		return answer.StatusCode, answer.Header
	}
	for _, path := range []string{"/v1/queries/deals", "/v1/queries/deals/none", "/v1/queries/events", "/docs", "/healthz", "/readyz", "/v1/nowhere"} {
		wantStatus, want := ask(http.MethodGet, path, "*/*")
		status, header := ask(http.MethodHead, path, "*/*")
		assert.Equal(t, wantStatus, status, path)
		for _, name := range []string{"Content-Type", "ETag", "Content-Language"} {
			assert.Equal(t, want.Get(name), header.Get(name), "%s of %s", name, path)
		}
	}
	_, header := ask(http.MethodHead, "/v1/queries/events", eventStream)
	assert.Equal(t, eventStream, header.Get("Content-Type"), "and ends at once")
	status, _ := ask(http.MethodHead, "/v1/commands/open-deal", "*/*")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
}
