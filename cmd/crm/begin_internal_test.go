package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// titles opens a deal, if a title is given, and returns those of all deals.
func titles(t *testing.T, server *childServer, title string) []string {
	t.Helper()
	client, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	at := url.Values{}
	if title != "" {
		result, err := client.Send(t.Context(), apiclient.Command{Name: "open-deal", Key: title, Body: commands.OpenDeal{Title: title, Amount: domain.Money{Minor: 1, Currency: "CNY"}}})
		require.NoError(t, err)
		at.Set("min_position", result.Position.String())
	}
	var list struct {
		Items []struct{ Title string }
	}
	require.NoError(t, client.Get(t.Context(), "/v1/queries/deals", at, &list))
	all := []string{}
	for _, item := range list.Items {
		all = append(all, item.Title)
	}
	return all
}

// The data directory is gone, and Redis still full of what was made from it: it
// is not taken for what the new log says, and the old log finds it again.
func TestRedisOfAnotherLog(t *testing.T) {
	t.Setenv(asProgram, "1")
	first, second, redis := t.TempDir(), t.TempDir(), redistest.Start(t)
	serve := func(data, token string) *childServer {
		server, err := restartServer(t.Context(), data, token, io.Discard, "--redis", redis)
		require.NoError(t, err)
		return server
	}
	server := serve(first, "")
	token := server.token
	assert.Equal(t, []string{"pumps"}, titles(t, server, "pumps"))
	server.stop()

	server = serve(second, "")
	assert.Equal(t, []string{"valves"}, titles(t, server, "valves"))
	server.stop()

	server = serve(first, token)
	defer server.stop()
	assert.Equal(t, []string{"pumps"}, titles(t, server, ""))
}

// A process that is not to write to the log says what it waits for, and serves
// once another one has begun it.
func TestServeWaitsForALogThatIsBegun(t *testing.T) {
	node, err := eventstore.Open(eventstore.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { assert.NoError(t, node.Close(context.WithoutCancel(t.Context()))) }()
	shared := []string{
		"--eventstore", node.ConnectionString(), "--redis", redistest.Start(t), "--hash-key", strings.Repeat("5a", hashKeyBytes), "--role",
	}
	serve := func(role string) (address string, stop func()) {
		address = freeAddress(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, append([]string{"serve", "--listen", address}, append(shared, role)...), io.Discard, io.Discard)
		}()
		return address, func() {
			cancel()
			assert.Equal(t, 0, <-ended)
		}
	}
	queries, stop := serve(roleQueries)
	defer stop()
	require.Eventually(t, func() bool { return strings.Contains(readiness(t, queries), "no process that serves commands") }, childStart, childStart/1000)
	for _, role := range []string{roleCommands, roleProjector} {
		_, stop := serve(role)
		defer stop()
	}
	require.Eventually(t, func() bool { return strings.Contains(readiness(t, queries), `"ready"`) }, childStart, childStart/1000)
}

// readiness is what a server says about itself; empty if it does not answer.
func readiness(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/readyz", http.NoBody)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(answer.Body)
	return string(body)
}
