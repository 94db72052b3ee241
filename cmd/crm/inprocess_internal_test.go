package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/openapitest"
)

// inProcess is a server in this process, put together as crm serve does it, and
// what it says of itself.
type inProcess struct {
	url, token string
	document   *openapitest.Document
}

// serveInProcess serves until the test ends; args are further flags of serve.
func serveInProcess(tb testing.TB, args ...string) *inProcess {
	tb.Helper()
	cmd := newServe()
	stdout, printed := io.Pipe()
	cmd.SetOut(printed)
	require.NoError(tb, cmd.ParseFlags(append([]string{"--listen", "127.0.0.1:0", "--data", tb.TempDir()}, args...)))
	v, err := settings(cmd)
	require.NoError(tb, err)
	c, err := readServeConfig(v, cmd)
	require.NoError(tb, err)
	c.log = slog.New(slog.DiscardHandler)

	ctx, stop := context.WithCancel(context.Background())
	p, err := open(ctx, c)
	require.NoError(tb, err)
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx) }()
	tb.Cleanup(func() {
		stop()
		assert.NoError(tb, <-ended)
		p.close()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(tb, err)
	s := &inProcess{url: "http://" + p.listener.Addr().String(), token: strings.TrimSpace(strings.TrimPrefix(line, "admin token: "))}
	require.Eventually(tb, func() bool {
		status, _ := s.get(tb, "/readyz")
		return status == http.StatusOK
	}, time.Minute, 10*time.Millisecond)
	_, text := s.get(tb, "/openapi.json")
	s.document, err = openapitest.Load(text)
	require.NoError(tb, err)
	return s
}

func (s *inProcess) get(tb testing.TB, path string) (status int, body []byte) {
	tb.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.url+path, http.NoBody)
	require.NoError(tb, err)
	answer, err := s.Do(r)
	require.NoError(tb, err)
	defer func() { _ = answer.Body.Close() }()
	body, err = io.ReadAll(answer.Body)
	require.NoError(tb, err)
	return answer.StatusCode, body
}

// Do sends a request as the administrator. It fails for an answer that is not as
// the document of the server has it.
func (s *inProcess) Do(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if s.document == nil || !strings.HasPrefix(r.URL.Path, "/v1/") {
		return answer, nil
	}
	return answer, s.document.Check(s.document.Find(r.Method, r.URL), answer.StatusCode, answer.Header, body)
}
