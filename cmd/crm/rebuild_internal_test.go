package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// record appends a history to a log, each stream in its order.
func record(t *testing.T, log *eventstoredb.Client, history []domain.Recorded) domain.Position {
	t.Helper()
	streams, order := map[string][]domain.NewEvent{}, []string{}
	for _, r := range history {
		if streams[r.Stream] == nil {
			order = append(order, r.Stream)
		}
		streams[r.Stream] = append(streams[r.Stream], domain.NewEvent{ID: uuid.NewString(), Event: r.Event, Meta: r.Meta})
	}
	var mu sync.Mutex
	var end domain.Position
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(32)
	for _, stream := range order {
		group.Go(func() error {
			done, err := log.Append(ctx, stream, commands.NoStream, streams[stream])
			mu.Lock()
			defer mu.Unlock()
			if done.Position.Compare(end) > 0 {
				end = done.Position
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
	return end
}

// recordOffline does so while no server runs on data.
func recordOffline(t *testing.T, data string, history []domain.Recorded) domain.Position {
	t.Helper()
	var s stack
	log, err := openLog(&s, serveConfig{data: data, log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	return record(t, log, history)
}

// tool runs this program against a server.
func (s *childServer) tool(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return crm(t, append(args, "--server", s.url, "--token", s.token)...)
}

// builds are those of the deals, by label.
func (s *childServer) builds(t *testing.T) map[string]httpapi.Build {
	t.Helper()
	status, stdout, stderr := s.tool(t, "rebuild", "list", "deals", "--json")
	require.Zero(t, status, stderr)
	var l httpapi.BuildList
	require.NoError(t, json.Unmarshal([]byte(stdout), &l))
	all := map[string]httpapi.Build{}
	for _, b := range l.Items {
		all[b.Build] = b
	}
	return all
}

// ES-07: the process is killed in the middle of a rebuild. Queries go on with
// what is served, the rebuild goes on where it was, and what comes out is what a
// fresh build gives.
func TestKilledInTheMiddleOfARebuild(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, redisURL := t.TempDir(), redistest.Start(t)
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	end := recordOffline(t, data, projectionstest.Deals(10_000, 500))

	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	before := readEverything(t, server, end)
	status, _, stderr := server.tool(t, "rebuild", "deals", "--no-switch", "--detach")
	require.Zero(t, status, stderr)
	var killedAt float64
	require.Eventually(t, func() bool {
		for _, b := range server.builds(t) {
			if !b.Served && b.Phase == "replaying" && b.Progress > 0.05 {
				killedAt = b.Progress
				return true
			}
		}
		return false
	}, time.Minute, time.Millisecond)
	server.kill()
	require.Less(t, killedAt, 0.98, "it was not complete")

	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	rebuilt := ""
	for label, b := range server.builds(t) {
		if !b.Served {
			rebuilt = label
			assert.GreaterOrEqual(t, b.Progress, killedAt, "it goes on where it was")
		}
	}
	assert.Equal(t, before, readEverything(t, server, end), "what is served is what it was")

	status, stdout, stderr := server.tool(t, "rebuild", "deals") // looks on
	require.Zero(t, status, stderr)
	assert.Contains(t, stderr, "was begun already")
	assert.Contains(t, stdout, "waits to be switched")
	b := server.builds(t)[rebuilt]
	require.NotNil(t, b.Comparison)
	assert.True(t, b.Comparison.Clean())
	assert.EqualValues(t, 10_001, b.Comparison.Documents.Total, "and the policy their facts are under")
	status, _, stderr = server.tool(t, "rebuild", "switch", "deals")
	require.Zero(t, status, stderr)
	assert.True(t, server.builds(t)[rebuilt].Served)
	assert.Equal(t, before, readEverything(t, server, end))

	server.stop()
	server, err = restartServer(t.Context(), data, token, io.Discard) // Redis embedded, so empty
	require.NoError(t, err)
	defer server.stop()
	assert.Equal(t, before, readEverything(t, server, end))
}

// Queries hammer the server while read models are rebuilt under them, and while
// commands go on. None fails, and none sees an older answer than one before.
func TestReadsGoOnThroughRebuilds(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	client := impatient(t, server)
	open := func(n int) domain.Position {
		result, err := client.Send(t.Context(), apiclient.Command{Name: "open-deal", Key: fmt.Sprint("deal-", n), Body: commands.OpenDeal{
			Title: fmt.Sprint("Deal ", n), Amount: domain.Money{Minor: 100, Currency: "CNY"},
		}})
		require.NoError(t, err)
		return result.Position
	}
	position := open(0)
	patient, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	get(t, patient, "deals", url.Values{"min_position": {position.String()}}, &struct{}{}) // its first build is served

	done := make(chan struct{})
	group, ctx := errgroup.WithContext(t.Context())
	for range 2 {
		group.Go(func() error {
			seen := int64(0)
			for {
				select {
				case <-done:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				default:
				}
				var page struct{ Total int64 }
				if err := client.Get(ctx, "/v1/queries/deals", nil, &page); err != nil {
					return err
				}
				if page.Total < seen {
					return fmt.Errorf("%d deals after %d", page.Total, seen)
				}
				seen = page.Total
			}
		})
	}
	for n := 1; n < 40; n++ {
		if n%10 == 1 {
			status, _, stderr := server.tool(t, "rebuild", "--detach")
			require.Zero(t, status, stderr)
		}
		position = open(n)
	}
	status, _, stderr := server.tool(t, "rebuild")
	close(done)
	require.NoError(t, group.Wait())
	require.Zero(t, status, stderr)
	var page struct{ Total int64 }
	get(t, client, "deals", url.Values{"min_position": {position.String()}}, &page)
	assert.EqualValues(t, 40, page.Total)
}

// Somebody changes a record in Redis. A repair and a rebuild both find it.
func TestTamperedRecordIsFound(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, redisURL := t.TempDir(), redistest.Start(t)
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	end := recordOffline(t, data, projectionstest.Deals(50, 10))
	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	defer server.stop()
	before := readEverything(t, server, end)
	id := projectionstest.JobID(7)
	tamper(t, redisURL, id)

	status, stdout, stderr := server.tool(t, "repair", "deals", id)
	assert.Equal(t, 1, status)
	assert.Contains(t, stdout, `"nobody"`)
	assert.Contains(t, stderr, "--mend")
	status, stdout, _ = server.tool(t, "rebuild", "deals")
	assert.Equal(t, 1, status)
	assert.Contains(t, stdout, "1 of 51 records")
	assert.Contains(t, stdout, "owner")
	status, _, stderr = server.tool(t, "rebuild", "rollback", "deals")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "build_under_way")

	status, stdout, stderr = server.tool(t, "repair", "deals", id, "--mend")
	require.Zero(t, status, stderr)
	assert.Contains(t, stdout, "put right")
	assert.Equal(t, before, readEverything(t, server, end))
	status, _, stderr = server.tool(t, "rebuild", "compare", "deals")
	require.Zero(t, status, stderr, "the served build is right again, so the other takes its place")
	status, _, stderr = server.tool(t, "rebuild", "rollback", "deals")
	require.Zero(t, status, stderr)
	status, stdout, stderr = server.tool(t, "rebuild", "drop", "deals")
	require.Zero(t, status, stderr)
	assert.NotContains(t, stdout, "way back")
	assert.Equal(t, before, readEverything(t, server, end))
	status, _, stderr = server.tool(t, "rebuild", "cancel", "deals")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "not_building")
	status, _, stderr = server.tool(t, "rebuild", "nothing")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "unknown_read_model")
}

// tamper changes the owner of a stored deal.
func tamper(t *testing.T, redisURL, id string) {
	t.Helper()
	client, err := redisviews.Connect(redisURL)
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	keys, err := client.Keys(t.Context(), "{*:deals:v*}:d:"+id).Result()
	require.NoError(t, err)
	require.Len(t, keys, 1)
	text, err := client.Get(t.Context(), keys[0]).Result()
	require.NoError(t, err)
	changed := strings.Replace(text, `"owner":"owner7"`, `"owner":"nobody"`, 1)
	require.NotEqual(t, text, changed)
	require.NoError(t, client.Set(t.Context(), keys[0], changed, redis.KeepTTL).Err())
}

// spoiled is an event that no release can read.
type spoiled struct {
	DealID int `json:"deal_id"`
}

func (spoiled) EventType() string { return "deal.stage_moved.v1" }

// An event that cannot be folded is parked, and given up for a reason, which
// outlives Redis and is asked for by whoever wonders.
func TestParkedEventIsGivenUpWithAReason(t *testing.T) {
	t.Setenv(asProgram, "1")
	data := t.TempDir()
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	history := projectionstest.Deals(3, 3)
	stream := "deal-" + projectionstest.JobID(1)
	for i := range history {
		if history[i].Stream == stream && history[i].Revision == 2 {
			history[i].Event = spoiled{DealID: 1}
		}
	}
	recordOffline(t, data, history)
	server, err = restartServer(t.Context(), data, token, io.Discard)
	require.NoError(t, err)

	require.Eventually(t, func() bool {
		_, stdout, _ := server.tool(t, "parked", "list")
		return strings.Contains(stdout, stream)
	}, childStart, 50*time.Millisecond)
	status, stdout, _ := server.tool(t, "parked", "show", "deals", stream)
	assert.Zero(t, status)
	assert.Contains(t, stdout, "waits behind an earlier one")
	status, stdout, stderr := server.tool(t, "parked", "retry", "deals", stream)
	assert.Equal(t, 1, status, stdout)
	assert.Contains(t, stderr, "still parked")
	status, _, stderr = server.tool(t, "parked", "discard", "deals", stream)
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "--reason")
	status, stdout, stderr = server.tool(t, "parked", "discard", "deals", stream, "--up-to", "2", "--reason", "a broken import")
	require.Zero(t, status, stderr)
	assert.Contains(t, stdout, "1 folded, 1 given up, 0 still parked")
	server.stop()

	server, err = restartServer(t.Context(), data, token, io.Discard) // Redis embedded, so empty
	require.NoError(t, err)
	defer server.stop()
	var deal struct{ Status string }
	require.Eventually(t, func() bool {
		return impatient(t, server).Get(t.Context(), "/v1/queries/deals/"+projectionstest.JobID(1), nil, &deal) == nil
	}, childStart, 50*time.Millisecond, "nothing is parked, so it is served")
	status, stdout, _ = server.tool(t, "parked", "show", "deals")
	assert.Zero(t, status)
	assert.Contains(t, stdout, "nothing is parked")
	assert.Contains(t, stdout, "given up by admin")
	assert.Contains(t, stdout, "a broken import")
	assert.Contains(t, stdout, stream)
}
