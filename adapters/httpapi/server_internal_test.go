package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve runs a server for h and returns its address, a way to stop it and how it ended.
func serve(t *testing.T, h http.Handler, grace time.Duration) (url string, stop func(), ended chan error) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	ended = make(chan error, 1)
	go func() {
		ended <- NewServer(h, Limits{}, slog.New(slog.DiscardHandler), grace).Serve(ctx, l)
	}()
	return "http://" + l.Addr().String(), cancel, ended
}

func TestStoppingLetsRequestsFinish(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	url, stop, ended := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "done")
	}), time.Minute)

	answer := make(chan string, 1)
	go func() {
		defer close(answer)
		r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, http.NoBody)
		if !assert.NoError(t, err) {
			return
		}
		w, err := http.DefaultClient.Do(r)
		if !assert.NoError(t, err) {
			return
		}
		body, err := io.ReadAll(w.Body)
		assert.NoError(t, err)
		assert.NoError(t, w.Body.Close())
		answer <- string(body)
	}()
	<-entered
	stop()
	close(release)
	assert.Equal(t, "done", <-answer)
	assert.NoError(t, <-ended)
}

func TestStoppingDoesNotWaitForEver(t *testing.T) {
	entered := make(chan struct{})
	url, stop, ended := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}), time.Millisecond)
	go func() {
		if r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, http.NoBody); err == nil {
			if w, err := http.DefaultClient.Do(r); err == nil {
				_ = w.Body.Close()
			}
		}
	}()
	<-entered
	stop()
	assert.ErrorIs(t, <-ended, context.DeadlineExceeded)
}
