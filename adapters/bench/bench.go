// Package bench measures a running server against the bare limits of the
// machine it runs on: the event store's own client, Redis behind a plain router.
// It owns the load and the table; it does not own the processes, which cmd
// starts, nor any goal but those it prints beside the figures.
//
// Both sides of a comparison are measured in short turns, in one run, with the
// load generator on the same machine. Only ratios carry over to another one.
package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// Config says where everything runs. The log and Redis must be new.
type Config struct {
	Server     string // host:port of crm serve
	Token      string // of an administrator
	EventStore string // esdb://…, the node that Server uses
	Redis      string // redis://…, the one that Server uses
	Bare       string // host:port of BareHandler on the same Redis
	Registry   domain.Registry
	// Projector starts a server that only projects, into a Redis of its own that
	// is empty, whose URL it returns. stop ends it.
	Projector func(ctx context.Context) (redis string, stop func(), err error)
	Processes []Process     // that take part
	Dir       string        // on the disk that holds the log
	Setup     string        // what runs where, for the reader
	Measure   time.Duration // of each figure
	Events    int           // in the log when it is large
	Only      []string      // names of sections; all if empty
	Out       io.Writer
}

// section is one part of the table.
type section struct {
	name string
	run  func(*bench, context.Context) error
}

// sections in the order they run: what needs a log of nothing but records comes
// before what adds other events to it.
var sections = []section{
	{"dashboards", (*bench).dashboards},
	{"rebuild", (*bench).rebuild},
	{"analyses", (*bench).analyses},
	{"record", (*bench).record},
	{"queries", (*bench).queries},
	{"commands", (*bench).commands},
	{"visible", (*bench).visible},
	{"past", (*bench).past},
	{"operations", (*bench).operations},
	{"import", (*bench).importing},
}

// Sections are the names that Config.Only may hold.
func Sections() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// bench is one run.
type bench struct {
	config   Config
	report   report
	requests requests
	log      *eventstoredb.Client
	bare     *esdb.Client
	views    *redisviews.Store
	logID    string // which read models to look at
	seed     *seed
}

// Run measures and prints. It fails when anything does not answer as it should:
// a figure of refused requests would be worth nothing.
func Run(ctx context.Context, c Config) error {
	b := &bench{config: c, report: report{out: c.Out}, requests: requests{c.Server, c.Token}}
	defer b.report.flush()
	var err error
	if b.log, err = eventstoredb.Connect(eventstoredb.Config{ConnectionString: c.EventStore, Registry: c.Registry}); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer b.log.Close()
	if b.bare, err = bareClient(c.EventStore); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = b.bare.Close() }()
	redis, err := redisviews.Connect(c.Redis)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { _ = redis.Close() }()
	if b.logID, err = commands.LogID(ctx, b.log); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	b.views = redisviews.New(redis, redisviews.Config{Log: b.logID})
	b.seed = newSeed(b.log)
	if err := b.introduce(); err != nil {
		return err
	}
	for _, s := range sections {
		if len(c.Only) > 0 && !slices.Contains(c.Only, s.name) {
			continue
		}
		if err := s.run(b, ctx); err != nil {
			return fmt.Errorf("bench %s: %w", s.name, err)
		}
	}
	return nil
}

func bareClient(connection string) (*esdb.Client, error) {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		return nil, err //nolint:wrapcheck // wrapped by the caller
	}
	config.Logger = nil
	return esdb.NewClient(config) //nolint:wrapcheck // wrapped by the caller
}

func (b *bench) introduce() error {
	disk, err := syncTime(b.config.Dir)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	_, err = fmt.Fprintf(b.config.Out, "Annals beside the bare limits of this machine, %s\n%s; a write of 4 KiB is durable after %.2g ms; load average %s\n%s\n%s measured per figure after warm-up, sides in turns; rates are the median of %d slices;\nµs is processor time per operation, by process, which other work on the machine hardly changes\n",
		time.Now().Format(time.DateTime), machine(), milliseconds(disk), loadAverage(), strings.TrimSpace(b.config.Setup), b.config.Measure, slicesPerRun)
	return err
}

// connected makes callers that each have a connection to address.
func connected(ctx context.Context, count int, address string, begin func(caller int, c *conn) op) (*callers, error) {
	return newCallers(count, func(caller int) (op, func(), error) {
		c, err := dial(ctx, address)
		if err != nil {
			return nil, nil, err
		}
		return begin(caller, c), c.close, nil
	})
}

// asking makes callers that send requests as they are, each picked by n.
func asking(ctx context.Context, count int, address string, pick func(caller, n int) []byte) (*callers, error) {
	return connected(ctx, count, address, func(caller int, c *conn) op {
		return func(_ context.Context, n int) error {
			_, err := c.do(pick(caller, n))
			return err
		}
	})
}
