package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

const (
	crashes      = 50
	crashCallers = 8
)

// The process is killed at random moments under load. No acknowledged command
// is lost, none is recorded twice, and the read models, which lived through all
// of it, are those of a fresh rebuild.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, redis := t.TempDir(), redistest.Start(t)
	seed := time.Now().UnixNano()
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))

	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()

	load := &load{acknowledged: map[string]apiclient.Result{}}
	for round := range crashes {
		server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redis)
		require.NoError(t, err, "round %d", round)
		load.until(t, server, 1+random.IntN(150))
	}
	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redis)
	require.NoError(t, err)
	load.finish(t, server)
	lived := readEverything(t, server, load.last)
	server.stop()

	load.compare(t, serveConfig{data: data})
	server, err = restartServer(t.Context(), data, token, io.Discard) // Redis embedded, so empty
	require.NoError(t, err)
	defer server.stop()
	assert.Equal(t, readEverything(t, server, load.last), lived)
}

// load is a set of callers who repeat what was not acknowledged.
type load struct {
	mu           sync.Mutex
	acknowledged map[string]apiclient.Result // by key
	pending      []apiclient.Command         // sent, and never answered
	deals        []string
	next         int
	last         domain.Position
}

// until sends commands, and kills the server once so many were acknowledged.
func (l *load) until(t *testing.T, server *childServer, acknowledgements int) {
	t.Helper()
	client := impatient(t, server)
	var (
		callers sync.WaitGroup
		once    sync.Once
		before  = len(l.acknowledged)
	)
	for range crashCallers {
		callers.Go(func() {
			for {
				cmd := l.take()
				result, err := client.Send(t.Context(), cmd)
				if err != nil {
					l.giveBack(cmd)
					_, refused := errors.AsType[*apiclient.Problem](err)
					assert.False(t, refused, "%v", err)
					once.Do(server.kill)
					return
				}
				if l.acknowledge(t, cmd, result)-before >= acknowledgements {
					once.Do(server.kill)
				}
			}
		})
	}
	callers.Wait()
}

// finish repeats what was never answered.
func (l *load) finish(t *testing.T, server *childServer) {
	t.Helper()
	client := impatient(t, server)
	for _, cmd := range l.pending {
		result, err := client.Send(t.Context(), cmd)
		require.NoError(t, err)
		l.acknowledge(t, cmd, result)
	}
}

// impatient is a client that leaves repeating to the test.
func impatient(t *testing.T, server *childServer) *apiclient.Client {
	t.Helper()
	client, err := apiclient.New(server.url, server.token, crashCallers)
	require.NoError(t, err)
	client.Patience = 0
	return client
}

// take is a command never answered, if there is one, or a new one.
func (l *load) take() apiclient.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.pending); n > 0 {
		cmd := l.pending[n-1]
		l.pending = l.pending[:n-1]
		return cmd
	}
	l.next++
	key := fmt.Sprint("command ", l.next)
	key = url.QueryEscape(key)
	switch {
	case l.next%5 == 0:
		return apiclient.Command{Name: "register-customer", Key: key, Body: commands.RegisterCustomer{
			Name: "Customer " + key, Contacts: []commands.Contact{{Kind: "email", Value: fmt.Sprintf("c%d@example.com", l.next)}},
		}}
	case l.next%5 == 1 || len(l.deals) == 0:
		return apiclient.Command{Name: "open-deal", Key: key, Body: commands.OpenDeal{
			Title: "Deal " + key, Amount: domain.Money{Minor: int64(l.next), Currency: "CNY"},
		}}
	case l.next%5 == 2:
		return apiclient.Command{Name: "win-deal", Key: key, Body: commands.WinDeal{DealRef: l.deal()}}
	case l.next%5 == 3:
		return apiclient.Command{Name: "open-ticket", Key: key, Body: commands.OpenTicket{Subject: "Ticket " + key}}
	}
	return apiclient.Command{Name: "assign-deal", Key: key, Body: commands.AssignDeal{DealRef: l.deal(), Owner: fmt.Sprint("owner ", l.next%7)}}
}

func (l *load) deal() commands.DealRef {
	return commands.DealRef{DealID: l.deals[l.next*7919%len(l.deals)]}
}

func (l *load) giveBack(cmd apiclient.Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, cmd)
}

func (l *load) acknowledge(t *testing.T, cmd apiclient.Command, r apiclient.Result) int {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if first, twice := l.acknowledged[cmd.Key]; twice {
		assert.Equal(t, first, r)
	}
	l.acknowledged[cmd.Key] = r
	if cmd.Name == "open-deal" {
		l.deals = append(l.deals, r.ID)
	}
	if r.Position.Compare(l.last) > 0 {
		l.last = r.Position
	}
	return len(l.acknowledged)
}

// compare holds the log against what was acknowledged.
func (l *load) compare(t *testing.T, c serveConfig) {
	t.Helper()
	var s stack
	c.log = slog.New(slog.DiscardHandler)
	log, err := openLog(&s, c)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.close()) }()
	recorded := map[string][]string{} // types by stream and command
	revision := map[string]uint64{}
	for r, err := range log.ReadAll(t.Context(), domain.StartOfLog) {
		require.NoError(t, err)
		of := r.Stream + " " + r.Meta.CausationID
		recorded[of] = append(recorded[of], r.Event.EventType())
		revision[of] = r.Revision
	}
	for key, r := range l.acknowledged {
		of := r.Stream + " " + commands.CommandID("admin", key).String()
		if len(r.Events) == 0 {
			assert.Empty(t, recorded[of], "%s changed nothing", key)
			continue
		}
		assert.Equal(t, r.Events, recorded[of], "%s", key)
		assert.Equal(t, r.Revision, revision[of], "%s", key)
	}
	t.Logf("%d commands acknowledged through all crashes", len(l.acknowledged))
}

// readEverything is what the queries answer, with all pages of the lists.
func readEverything(t *testing.T, server *childServer, position domain.Position) map[string]string {
	t.Helper()
	client, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	answers := map[string]string{}
	for _, path := range []string{"pipeline", "dashboards/sales", "dashboards/tickets"} {
		var answer map[string]json.RawMessage
		get(t, client, path, url.Values{"min_position": {position.String()}}, &answer)
		delete(answer, "position")
		text, err := json.Marshal(answer)
		require.NoError(t, err)
		answers[path] = string(text)
	}
	for _, path := range []string{"customers", "deals", "tickets"} {
		query := url.Values{"min_position": {position.String()}, "limit": {"200"}}
		for n := 0; ; n++ {
			var page struct {
				Items []json.RawMessage
				Next  string
			}
			get(t, client, path, query, &page)
			for i, item := range page.Items {
				answers[fmt.Sprint(path, " ", n, " ", i)] = string(item)
			}
			if page.Next == "" {
				break
			}
			query.Set("cursor", page.Next)
		}
	}
	return answers
}

func get(t *testing.T, client *apiclient.Client, path string, query url.Values, out any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, client.Get(ctx, filepath.Join("/v1/queries", path), query, out))
}
