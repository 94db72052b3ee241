package eventstore

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

const (
	// Version is the server version the node reports; clients decide by it which calls to make.
	Version = "24.10.0"

	defaultListen = "127.0.0.1:0"

	// maxEventBytes is EventStoreDB's bound for one event, maxAppendBytes its default for one append: the size of a chunk.
	maxEventBytes  = 16 << 20
	maxAppendBytes = 256 << 20
)

// Config of a node. Only Dir is needed.
type Config struct {
	// Dir holds the data. It is created when missing and belongs to one node at a time.
	Dir string
	// InMemory keeps the data in memory instead, for tests; everything else is the same.
	InMemory bool
	// Listen is the address to serve on, by default a free port of the loopback interface.
	Listen string
	// AllowRemote permits an address beyond loopback. The node cannot tell users apart: whoever reaches it may do anything.
	AllowRemote bool
	// Logger receives what an operator should know; nil is silence.
	Logger *slog.Logger
	// Now is the clock that dates events and ages them; time.Now by default.
	Now func() time.Time
	// MaxAppendBytes bounds the events of one append, 256 MiB by default.
	MaxAppendBytes int
	// CacheBytes is the memory for reading, 256 MiB by default.
	CacheBytes int64
}

// ErrNotLoopback is returned by Open for an address that others could reach, unless AllowRemote is set.
var ErrNotLoopback = errors.New("the embedded event store has no users and no TLS and serves loopback addresses only")

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" && !c.InMemory {
		return c, errors.New("the embedded event store needs a data directory")
	}
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.MaxAppendBytes == 0 {
		c.MaxAppendBytes = maxAppendBytes
	}
	if c.AllowRemote {
		return c, nil
	}
	return c, requireLoopback(c.Listen)
}

func requireLoopback(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("listen address %q: %w", listen, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrNotLoopback, listen)
}
