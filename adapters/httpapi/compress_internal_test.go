package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnswersAreCompressedAsAsked(t *testing.T) {
	f := start(t, Limits{})
	f.list.Items = page(50)
	plain := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "")
	assert.Empty(t, plain.Header().Get("Content-Encoding"))
	assert.Equal(t, []string{acceptEncoding, "Accept-Language, Authorization"}, plain.Header().Values("Vary"))
	for asked, want := range map[string]string{"gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "gzip;q=0": "", "br": "", "identity": ""} {
		w := f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "", "Accept-Encoding: "+asked)
		assert.Equal(t, want, w.Header().Get("Content-Encoding"), asked)
		assert.Equal(t, []string{acceptEncoding, "Accept-Language, Authorization"}, w.Header().Values("Vary"), asked)
		assert.Equal(t, plain.Body.String(), unpacked(t, w), asked)
		if want != "" {
			assert.Less(t, w.Body.Len(), plain.Body.Len()/3, asked)
			assert.Empty(t, w.Header().Get("Content-Length"), asked)
		}
	}
}

// unpacked is the body of an answer as it was before it was compressed.
func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body io.Reader = strings.NewReader(w.Body.String())
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(body)
		require.NoError(t, err)
		body = z
	case "zstd":
		z, err := zstd.NewReader(body)
		require.NoError(t, err)
		defer z.Close()
		body = z
	}
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	return string(text)
}

func TestSmallAnswersAreNotCompressed(t *testing.T) {
	f := start(t, Limits{})
	f.views.documents[jobID] = []byte(document3)
	w := f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "", "Accept-Encoding: gzip")
	assert.Empty(t, w.Header().Get("Content-Encoding"))
	assert.Equal(t, document3, w.Body.String())
	assert.Equal(t, http.StatusForbidden, f.do(t, http.MethodGet, "/v1/queries/dashboards/jobs", "sales", "", "Accept-Encoding: gzip").Code)
}

// The tag is that of the revision, so it is the same however it was sent.
func TestTagsHoldForCompressedAnswers(t *testing.T) {
	f := start(t, Limits{})
	f.views.documents[jobID] = []byte(document3[:len(document3)-1] + `,"title":"` + strings.Repeat("x", 3000) + `"}`)
	w := f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "", "Accept-Encoding: gzip")
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	tag := w.Header().Get("ETag")
	assert.Equal(t, `"3"`, tag)
	for _, encoding := range []string{"gzip", "identity"} {
		w = f.do(t, http.MethodGet, "/v1/queries/jobs/"+jobID, "sales", "", "Accept-Encoding: "+encoding, "If-None-Match: "+tag)
		assert.Equal(t, http.StatusNotModified, w.Code)
		assert.Empty(t, w.Body.String())
		assert.Empty(t, w.Header().Get("Content-Encoding"))
		assert.Equal(t, tag, w.Header().Get("ETag"))
	}
}

func TestWhatIsCompressedAlreadyStays(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodGet, "/docs/swagger-ui.css", "sales", "", "Accept-Encoding: gzip")
	assert.Equal(t, []string{"gzip"}, w.Header().Values("Content-Encoding"))
	assert.Contains(t, unpacked(t, w), ".swagger-ui")
	w = f.do(t, http.MethodGet, "/docs/favicon-32x32.png", "sales", "", "Accept-Encoding: zstd")
	assert.Empty(t, w.Header().Get("Content-Encoding"))
	for _, media := range []string{mediaXLSX, "text/event-stream", "text/event-stream; charset=utf-8", "image/png"} {
		assert.False(t, compressible(media), media)
	}
	for _, media := range []string{"application/json", problemJSON, "text/csv; charset=utf-8", "text/html"} {
		assert.True(t, compressible(media), media)
	}
}

// A stream arrives piece by piece although its caller takes compressed answers.
func TestStreamsAreNotHeldBack(t *testing.T) {
	seen := make(chan struct{})
	url, _, _ := serve(t, compressed(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		assert.NoError(t, http.NewResponseController(w).Flush())
		<-seen
	}), 0)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	r.Header.Set(acceptEncoding, "gzip, zstd")
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	line := make([]byte, len("data: 1\n\n"))
	_, err = io.ReadFull(w.Body, line)
	require.NoError(t, err)
	assert.Equal(t, "data: 1\n\n", string(line))
	close(seen)
	require.NoError(t, w.Body.Close())
}
