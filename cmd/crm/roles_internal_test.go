package main

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
)

// Two processes of each role share one log and one Redis. Under load each of the
// six is killed and started again. No acknowledged command is lost, none is
// recorded twice, reads fail nowhere but on a process that is gone, each caller
// reads what it wrote on whichever process it asks, and the read models are those
// of a fresh rebuild.
func TestRolesApartSurviveKills(t *testing.T) {
	t.Setenv(asProgram, "1")
	s := startSides(t)
	s.load(t)
	lived := readEverything(t, s.queries[0].now(), s.loaded.last)
	assert.Equal(t, lived, readEverything(t, s.queries[1].now(), s.loaded.last), "both processes answer alike")
	s.loaded.compare(t, serveConfig{eventstore: s.log})

	fresh, err := restartServer(t.Context(), t.TempDir(), s.token, io.Discard,
		"--eventstore", s.log, "--hash-key", strings.Repeat("5a", hashKeyBytes)) // Redis embedded, so empty
	require.NoError(t, err)
	defer fresh.stop()
	assert.Equal(t, readEverything(t, fresh, s.loaded.last), lived)
}

// sides are the processes of a set-up whose roles are apart.
type sides struct {
	log, redis, token             string
	commands, queries, projectors []*member
	loaded                        load
}

// member is one process at an address that stays the same when it is killed and
// started again.
type member struct {
	address string
	args    []string

	mu     sync.Mutex
	server *childServer // nil: it is gone
	life   int
}

// now is the process that runs, or nil.
func (m *member) now() *childServer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.server
}

// lives is the number of the life it is in; ok is false while it is gone.
func (m *member) lives() (life int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life, m.server != nil
}

func (m *member) start(t *testing.T, token string) {
	t.Helper()
	server, err := restartServer(t.Context(), t.TempDir(), token, io.Discard, m.args...)
	require.NoError(t, err)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.server = server
	m.life++
}

// kill counts the process as gone before it is, so that nobody takes a failure
// in between for one of a process that runs.
func (m *member) kill() {
	m.mu.Lock()
	server := m.server
	m.server = nil
	m.mu.Unlock()
	server.kill()
}

func startSides(t *testing.T) *sides {
	t.Helper()
	address := freeAddress(t)
	s := &sides{log: "esdb://" + address + "?tls=false", redis: redistest.Start(t), loaded: load{acknowledged: map[string]apiclient.Result{}}}
	program, err := os.Executable()
	require.NoError(t, err)
	log := exec.CommandContext(t.Context(), program, "eventstore", "--listen", address, "--data", t.TempDir())
	log.Env = withoutSettings()
	require.NoError(t, log.Start())
	t.Cleanup(func() {
		_ = log.Process.Kill()
		_ = log.Wait()
	})
	of := func(role string) []*member {
		members := make([]*member, 2)
		for i := range members {
			at := freeAddress(t)
			members[i] = &member{address: at, args: []string{
				"--listen", at, "--role", role, "--eventstore", s.log, "--redis", s.redis, "--hash-key", strings.Repeat("5a", hashKeyBytes),
			}}
		}
		return members
	}
	s.commands, s.queries, s.projectors = of(roleCommands), of(roleQueries), of(roleProjector)
	s.commands[0].start(t, "")
	s.token = s.commands[0].now().token
	for _, m := range s.all()[1:] {
		m.start(t, s.token)
	}
	t.Cleanup(func() {
		for _, m := range s.all() {
			if server := m.now(); server != nil {
				server.kill()
			}
		}
	})
	return s
}

func (s *sides) all() []*member {
	return append(append(append([]*member{}, s.commands...), s.queries...), s.projectors...)
}

// between is how many commands are acknowledged between two kills.
const between = 60

// load sends commands until every process was killed and is back, and as many
// again as lie between two kills.
func (s *sides) load(t *testing.T) {
	t.Helper()
	var callers sync.WaitGroup
	done, acknowledged := make(chan struct{}), make(chan struct{}, 1<<20)
	for n := range crashCallers {
		callers.Go(func() {
			for turn := n; ; turn++ {
				select {
				case <-done:
					return
				default:
				}
				if !s.step(t, turn) {
					return
				}
				acknowledged <- struct{}{}
			}
		})
	}
	wait := func() {
		for range between {
			select {
			case <-acknowledged:
			case <-time.After(childStart):
				require.Fail(t, "nothing is acknowledged any more")
			}
		}
	}
	defer callers.Wait()
	defer close(done)
	for _, m := range []*member{s.commands[0], s.queries[0], s.projectors[0], s.commands[1], s.queries[1], s.projectors[1]} {
		wait()
		m.kill()
		wait() // what is left does the work
		m.start(t, s.token)
	}
	wait()
}

// step sends one command, on the other process if one is gone, and reads what it
// led to on both sides of the queries in turn.
func (s *sides) step(t *testing.T, turn int) bool {
	t.Helper()
	cmd := s.loaded.take()
	var result apiclient.Result
	err := s.on(t, s.commands, turn, func(ctx context.Context, c *apiclient.Client) (err error) {
		result, err = c.Send(ctx, cmd)
		return err
	})
	if !assert.NoError(t, err, cmd.Name) {
		return false
	}
	s.loaded.acknowledge(t, cmd, result)
	var seen struct {
		ID       string
		Revision uint64
	}
	noun, _, _ := strings.Cut(result.Stream, "-")
	err = s.on(t, s.queries, turn, func(ctx context.Context, c *apiclient.Client) error {
		return c.Get(ctx, "/v1/queries/"+noun+"s/"+result.ID, url.Values{"min_position": {result.Position.String()}}, &seen)
	})
	return assert.NoError(t, err, "reading what %s wrote", cmd.Name) &&
		assert.GreaterOrEqual(t, seen.Revision, result.Revision, "%s does not see its own writes", noun)
}

// on asks one of the processes, and the other if the first is gone. A process that
// runs all the while must answer.
func (s *sides) on(t *testing.T, members []*member, turn int, ask func(context.Context, *apiclient.Client) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), childStart)
	defer cancel()
	for n := 0; ; n++ {
		m := members[(turn+n)%len(members)]
		life, up := m.lives()
		if !up {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		client, err := apiclient.New("http://"+m.address, s.token, 1)
		if err != nil {
			return err
		}
		client.Patience = 0
		err = ask(ctx, client)
		if _, refused := errors.AsType[*apiclient.Problem](err); err == nil || refused {
			return err
		}
		if after, up := m.lives(); up && after == life {
			return err
		}
	}
}
