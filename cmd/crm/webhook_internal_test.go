package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/projections"
)

const allowLoopback = "--webhook-allow-private=127.0.0.0/8"

// hookReceiver takes facts about deals, and answers with status.
type hookReceiver struct {
	address string
	mu      sync.Mutex
	secret  string
	status  int
	titles  []string // of deals, each when it was taken first
	forged  int
}

func startReceiver(t *testing.T) *hookReceiver {
	t.Helper()
	r := &hookReceiver{status: http.StatusNoContent}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.address = server.URL
	return r
}

func (r *hookReceiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	verifier, failed := standardwebhooks.NewWebhook(r.secret)
	var f feed.Fact
	var data struct{ Title string }
	if err != nil || failed != nil || verifier.Verify(body, request.Header) != nil || json.Unmarshal(body, &f) != nil {
		r.forged++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.status == http.StatusNoContent && json.Unmarshal(f.Data, &data) == nil && data.Title != "" {
		known := false
		for _, t := range r.titles {
			known = known || t == data.Title
		}
		if !known {
			r.titles = append(r.titles, data.Title)
		}
	}
	w.WriteHeader(r.status)
}

func (r *hookReceiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *hookReceiver) has(t *testing.T, titles ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.titles) >= len(titles)
	}, 30*time.Second, 10*time.Millisecond, "%d facts", len(titles))
	r.mu.Lock()
	defer r.mu.Unlock()
	assert.ElementsMatch(t, titles, r.titles)
	assert.Zero(t, r.forged)
}

// From the command line to the receiver: signed, through a server that is killed,
// and from a backup, which has the key of the secrets.
func TestWebhook(t *testing.T) {
	t.Setenv(asProgram, "1")
	receiver, dir := startReceiver(t), t.TempDir()
	server, err := restartServer(t.Context(), filepath.Join(dir, "data"), "", io.Discard, allowLoopback)
	require.NoError(t, err)
	token := server.token
	must := func(args ...string) string {
		t.Helper()
		status, stdout, stderr := server.tool(t, append([]string{"webhook"}, args...)...)
		require.Zero(t, status, stderr)
		return stdout
	}
	var made commands.WebhookSecret
	require.NoError(t, json.Unmarshal([]byte(must("create", receiver.address, "--type", "deal.opened", "--from", "start", "--json")), &made))
	receiver.secret = made.Secret
	titles(t, server, "pumps")
	receiver.has(t, "pumps")
	assert.Contains(t, must("test", made.ID), "taken")
	require.Eventually(t, func() bool { return strings.Contains(must("deliveries", made.ID), "taken") }, 30*time.Second, 50*time.Millisecond)

	receiver.answer(http.StatusServiceUnavailable)
	titles(t, server, "valves")
	require.Eventually(t, func() bool { return strings.Contains(must("show", made.ID), "503 Service Unavailable") }, 30*time.Second, 50*time.Millisecond)
	server.kill()
	receiver.answer(http.StatusNoContent)
	server, err = restartServer(t.Context(), filepath.Join(dir, "data"), token, io.Discard, allowLoopback)
	require.NoError(t, err)
	receiver.has(t, "pumps", "valves")

	must("pause", made.ID, "--reason", "moving house")
	titles(t, server, "pipes")
	require.Eventually(t, func() bool { return strings.Contains(must("show", made.ID), "moving house") }, 30*time.Second, 50*time.Millisecond)
	file := filepath.Join(dir, "backup.tar")
	status, _, stderr := server.tool(t, "backup", "--to", file)
	require.Zero(t, status, stderr)
	server.stop()
	status, _, stderr = crm(t, "restore", "--from", file, "--data", filepath.Join(dir, "restored"))
	require.Zero(t, status, stderr)
	server, err = restartServer(t.Context(), filepath.Join(dir, "restored"), token, io.Discard, allowLoopback)
	require.NoError(t, err)
	defer server.stop()
	must("resume", made.ID)
	receiver.has(t, "pumps", "valves", "pipes")

	must("change", made.ID, "--description", "accounting", "--type", "deal.")
	require.Eventually(t, func() bool {
		var is httpapi.WebhookStanding
		require.NoError(t, json.Unmarshal([]byte(must("show", made.ID, "--json")), &is))
		return is.Description == "accounting" && slices.Equal(is.Types, []string{"deal."})
	}, 30*time.Second, 50*time.Millisecond)
	must("remove", made.ID)
	require.Eventually(t, func() bool { return strings.Contains(must("list"), "there are no webhooks") }, 30*time.Second, 50*time.Millisecond)
	assert.Contains(t, must("list", "--removed"), "removed")
}

func TestWebhooksAreNotSentInside(t *testing.T) {
	t.Setenv(asProgram, "1")
	receiver := startReceiver(t)
	server, err := restartServer(t.Context(), t.TempDir(), "", io.Discard, "--webhook-allow-private=10.0.0.0/8")
	require.NoError(t, err)
	defer server.stop()
	for _, address := range []string{receiver.address, strings.Replace(receiver.address, "http://", "https://", 1)} {
		status, _, stderr := server.tool(t, "webhook", "create", address)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, "webhook_address")
	}
	named := strings.NewReplacer("http://", "https://", "127.0.0.1", "localhost").Replace(receiver.address)
	status, stdout, stderr := server.tool(t, "webhook", "create", named, "--json")
	require.Zero(t, status, stderr)
	var made commands.WebhookSecret
	require.NoError(t, json.Unmarshal([]byte(stdout), &made))
	status, _, stderr = server.tool(t, "webhook", "test", made.ID)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "the host is not public")
	assert.NotContains(t, stderr, made.Secret)
}

// An active webhook that no process works on is told of wherever people look.
func TestWebhookThatNobodySends(t *testing.T) {
	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	status, stdout, stderr := server.tool(t, "webhook", "create", "https://hooks.example.com/annals", "--type", "deal.lost", "--json")
	require.Zero(t, status, stderr)
	var made commands.WebhookSecret
	require.NoError(t, json.Unmarshal([]byte(stdout), &made))
	told := func(args ...string) string {
		t.Helper()
		status, stdout, stderr := server.tool(t, args...)
		require.Zero(t, status, stderr)
		return stdout
	}
	require.Eventually(t, func() bool { return strings.Contains(told("webhook", "show", made.ID, "--json"), `"worked_on": true`) }, 30*time.Second, 50*time.Millisecond)
	assert.NotContains(t, told("webhook", "list"), "nobody sends")
	assert.Regexp(t, `(?m)^webhooks +ok `, told("doctor"))
	server.stop()

	server, err = restartServer(t.Context(), data, token, io.Discard, "--send-webhooks=false")
	require.NoError(t, err)
	defer server.stop()
	require.Eventually(t, func() bool { return strings.Contains(told("webhook", "list"), "active, nobody sends") }, 30*time.Second, 50*time.Millisecond)
	assert.Contains(t, told("webhook", "show", made.ID), nobodySends)
	assert.Regexp(t, `(?m)^webhooks +warn +active, but nobody sends: `+made.ID, told("doctor"))
	told("webhook", "pause", made.ID)
	require.Eventually(t, func() bool { return !strings.Contains(told("webhook", "list"), "nobody sends") }, 30*time.Second, 50*time.Millisecond)
}

func TestWebhookSettings(t *testing.T) {
	t.Setenv(asProgram, "1")
	for _, c := range [][2]string{
		{"--webhook-allow-private=10.0.0.0", "is no network such as 10.0.0.0/8"},
		{"--webhook-key=abc", "--webhook-key: must be 64 hexadecimal digits"},
	} {
		status, _, stderr := crm(t, "serve", "--data", t.TempDir(), c[0])
		assert.Equal(t, 2, status)
		assert.Contains(t, stderr, c[1])
	}
}

func TestPrintedWebhooks(t *testing.T) {
	var out strings.Builder
	w := projections.Webhook{URL: "https://hooks.example.com", Status: "active", StatusSince: time.Unix(0, 0)}
	w.ID = "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"
	require.NoError(t, printWebhooks(&out, []projections.Webhook{w}, nil))
	assert.Contains(t, out.String(), fmt.Sprintf("%s  active  %s  all    https://hooks.example.com", w.ID, local(w.StatusSince)))
	out.Reset()
	require.NoError(t, printDeliveries(&out, nil))
	assert.Equal(t, "nothing was sent\n", out.String())
}
