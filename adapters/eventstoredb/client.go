// Package eventstoredb reads and writes the event log through the EventStoreDB
// client, and keeps that client alive.
//
// It owns supervision (a client of the driver that lost its server stays dead
// and its callers hang, so it is watched and replaced), the mapping of the
// driver's errors, retries that repeat the same event ids, the wire form of
// events, and subscriptions that resume by themselves. It does not own what
// events mean, nor the server: the same code talks to a cluster, a single node
// and the embedded node.
package eventstoredb

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// Config says which log to use and how patient to be with it.
type Config struct {
	// ConnectionString is esdb://host:2113?tls=false or esdb+discover://….
	ConnectionString string
	Registry         domain.Registry
	Logger           *slog.Logger // nothing is logged without one
	// Deadline bounds every append and every step of a read, retries included;
	// 5 s if zero. It is also how long a server may stay silent before its
	// connection is given up.
	Deadline time.Duration
}

// Client is safe for concurrent use. It dials on first use and needs no server
// to be there when it is made.
type Client struct {
	dial     esdb.Configuration
	registry domain.Registry
	log      *slog.Logger
	deadline time.Duration

	current atomic.Pointer[generation] // nil while there is no connection

	mu         sync.Mutex
	connecting bool
	changed    chan struct{} // closed, and replaced, when current was set
	made       uint64        // generations so far
	reason     error         // why the last attempt to connect failed
	redial     pause         // used by the one goroutine that connects

	life context.Context // ends with Close, not with a call
	end  context.CancelFunc
}

// Connect prepares a client. It fails only when the connection string cannot
// be read; a server that is away shows as domain.ErrUnavailable on use.
func Connect(cfg Config) (*Client, error) {
	dial, err := esdb.ParseConnectionString(cfg.ConnectionString)
	if err != nil {
		return nil, fmt.Errorf("event log connection string: %w", err)
	}
	if err := dial.Validate(); err != nil {
		return nil, fmt.Errorf("event log connection string: %w", err)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Deadline <= 0 {
		cfg.Deadline = 5 * time.Second
	}
	life, end := context.WithCancel(context.Background())
	return &Client{
		dial: *dial, registry: cfg.Registry, log: cfg.Logger, deadline: cfg.Deadline,
		changed: make(chan struct{}), redial: pause{limit: lastRedial}, life: life, end: end,
	}, nil
}

// Close ends all calls and subscriptions in progress. Later calls fail with
// domain.ErrUnavailable.
func (c *Client) Close() {
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := c.current.Swap(nil); g != nil {
		g.drop()
	}
}
