package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/bench"
)

// benchConfig is the settings of bench, checked.
type benchConfig struct {
	seconds           float64
	events            int
	only              []string
	redis, eventstore string
	data, profile     string
	stdout, stderr    io.Writer
}

func newBench() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a server against the bare limits of this machine",
		Long: `Start an event store, a Redis and a server of their own, each in a process of its
own, and measure them side by side with the bare client of the event store and a
bare Redis query. Prints one table: figure, what it is held against, ratio, goal.

The load generator runs on the same machine, so figures are lower than what a
server alone reaches, and only ratios carry over to another machine.

--eventstore and --redis measure servers that run already. They must be empty,
and what is written there stays.`,
		Example: "  crm bench\n  crm bench --only commands,record --seconds 10\n  crm bench --events 1000000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			c := benchConfig{
				seconds: v.GetFloat64("seconds"), events: v.GetInt("events"), only: v.GetStringSlice("only"),
				redis: v.GetString("redis"), eventstore: v.GetString("eventstore"), data: v.GetString("data"), profile: v.GetString("profile"),
				stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(),
			}
			var p problems
			if c.seconds < 0.5 {
				p.add("--seconds %g: want at least 0.5", c.seconds)
			}
			if c.events < 10_000 {
				p.add("--events %d: want at least 10000", c.events)
			}
			for _, name := range c.only {
				if !slices.Contains(bench.Sections(), name) {
					p.add("--only %q: want some of %s", name, strings.Join(bench.Sections(), ", "))
				}
			}
			if err := p.err(); err != nil {
				return err
			}
			return runBench(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.Float64("seconds", 4, "how long each figure is measured")
	flags.Int("events", 250_000, "size of the log when it is large")
	flags.StringSlice("only", nil, "sections to run: "+strings.Join(bench.Sections(), ", "))
	flags.String("redis", "", "Redis `url` whose databases 0 and 1 are empty, redis://host:6379; started if empty")
	flags.String("eventstore", "", "connection string of an empty event store; started if empty")
	flags.String("data", "", "`directory` to keep the data in; a temporary one if empty")
	flags.String("profile", "", "loopback `address` on which the measured server answers go tool pprof")
	cmd.AddCommand(newBenchBare())
	return cmd
}

func runBench(ctx context.Context, c benchConfig) (err error) {
	dir := c.data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "annals-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	around, err := startAround(ctx, c, dir, &s)
	if err != nil {
		return err
	}
	return bench.Run(ctx, bench.Config{
		Server: around.server.host(), Token: around.server.token, EventStore: around.eventstore, Redis: around.redis, Bare: around.bare.host(),
		Registry: types(), Projector: around.projector, Processes: around.processes, Dir: dir, Setup: around.setup,
		Measure: time.Duration(c.seconds * float64(time.Second)), Events: c.events, Only: c.only, Out: c.stdout,
	})
}

// benchAround is everything that runs around the load generator.
type benchAround struct {
	config            benchConfig
	dir               string
	redis, eventstore string
	key               string
	setup             string
	server, bare      *benchChild
	processes         []bench.Process
}

func (a *benchAround) takesPart(name string, pid int) {
	a.processes = append(a.processes, bench.Process{Name: name, PID: pid})
}

func startAround(ctx context.Context, c benchConfig, dir string, s *stack) (*benchAround, error) {
	a := &benchAround{config: c, dir: dir, redis: c.redis, eventstore: c.eventstore, key: strings.Repeat("5a", hashKeyBytes)}
	store, cache := a.eventstore, a.redis
	if a.eventstore == "" {
		node, err := startChild(ctx, s, c.stderr, "eventstore", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "eventstore"))
		if err != nil {
			return nil, err
		}
		a.eventstore, store = "esdb://"+node.host()+"?tls=false", "crm eventstore in a process of its own"
		a.takesPart("event store", node.pid)
	}
	if a.redis == "" {
		address, pid, err := startRedis(ctx, s, dir)
		if err != nil {
			return nil, err
		}
		a.redis, cache = address, "the embedded one in this process, as no redis-server is installed"
		if pid != 0 {
			cache = "redis-server in a process of its own"
			a.takesPart("Redis", pid)
		}
	}
	var err error
	if a.redis, err = emptied(ctx, a.redis, 0); err != nil {
		return nil, err
	}
	if a.server, err = startChild(ctx, s, c.stderr, append(a.serve(roleAll, a.redis), "--profile", c.profile)...); err != nil {
		return nil, err
	}
	if a.server.token == "" {
		return nil, errors.New("the event store is not empty: only the first start on a new one gives the token to measure with")
	}
	if a.bare, err = startChild(ctx, s, c.stderr, "bench", "bare", "--redis", a.redis); err != nil {
		return nil, err
	}
	a.takesPart("server", a.server.pid)
	a.takesPart("bare router", a.bare.pid)
	a.takesPart("generator", os.Getpid())
	a.setup = fmt.Sprintf("event store: %s; Redis: %s; server: crm serve, commands, queries and projector in one process; bare router: another;\nload generator and bare client: this process; all on this machine, all data under %s",
		store, cache, dir)
	return a, nil
}

func (a *benchAround) serve(role, redis string) []string {
	return []string{
		"serve", "--listen", "127.0.0.1:0", "--commands-per-minute", "0", "--queries-per-minute", "0", "--role", role, "--data", filepath.Join(a.dir, "serve"),
		"--eventstore", a.eventstore, "--redis", redis, "--hash-key", a.key,
	}
}

// projector starts a server that only projects, into the second database of
// Redis, which is emptied for it.
func (a *benchAround) projector(ctx context.Context) (redis string, stop func(), err error) {
	if redis, err = emptied(ctx, a.redis, 1); err != nil {
		return "", nil, err
	}
	var s stack
	stop = func() {
		_ = s.close() // a child that ends badly has said so itself
		_, _ = emptied(context.WithoutCancel(ctx), a.redis, 1)
	}
	if _, err := startChild(ctx, &s, a.config.stderr, a.serve(roleProjector, redis)...); err != nil {
		stop()
		return "", nil, err
	}
	return redis, stop, nil
}
