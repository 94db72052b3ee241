package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

var (
	// ErrInUse is returned by Open when another node holds the data directory.
	ErrInUse = eventlog.ErrInUse
	// ErrFormat is returned by Open for a data directory this version cannot read.
	ErrFormat = eventlog.ErrFormat
)

// Node is a running event store.
type Node struct {
	log      *eventlog.Log
	server   *grpc.Server
	listener net.Listener
	logger   *slog.Logger

	closing chan struct{} // tells subscriptions, which would never end, to end
	served  chan error
	once    sync.Once
	closed  error
}

// Open recovers the data and serves it. The node answers when Open returns.
func Open(c Config) (*Node, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	log, err := eventlog.Open(eventlog.Options{
		Dir: c.Dir, InMemory: c.InMemory, Now: c.Now, Logger: c.Logger, CacheBytes: c.CacheBytes,
	})
	if err != nil {
		return nil, err
	}
	n, err := start(c, log)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	n.logger.Info("event store is serving",
		slog.String("address", n.Addr()), slog.String("data", c.Dir), slog.Uint64("position", log.Last()))
	return n, nil
}

func start(c Config, log *eventlog.Log) (*Node, error) {
	if err := writeUsers(context.Background(), log); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	n := &Node{
		log: log, listener: listener, logger: c.Logger,
		closing: make(chan struct{}), served: make(chan error, 1),
	}
	n.server = n.newServer(c)
	go func() { n.served <- n.serve() }()
	return n, nil
}

func (n *Node) serve() error {
	err := n.server.Serve(n.listener)
	if errors.Is(err, grpc.ErrServerStopped) {
		return nil // Close came before serving began
	}
	return err
}

// Addr is host:port of the running node.
func (n *Node) Addr() string { return n.listener.Addr().String() }

// ConnectionString is what a client needs to reach the node.
func (n *Node) ConnectionString() string { return "esdb://" + n.Addr() + "?tls=false" }

// Stats of this run of the node.
type Stats = eventlog.Stats

// Stats is cheap enough to be asked for every few seconds.
func (n *Node) Stats() Stats { return n.log.Stats() }

// Checkpoint makes dir, which must not exist, a data directory with everything up to the position it returns, and perhaps
// more. It takes hardly any time or space on the file system of the data, and nobody waits for it.
func (n *Node) Checkpoint(dir string) (position uint64, err error) { return n.log.Checkpoint(dir) }

// Close ends subscriptions, lets calls that were begun finish until ctx ends, and releases the data directory. What was
// acknowledged is on disk in any case.
func (n *Node) Close(ctx context.Context) error {
	n.once.Do(func() {
		close(n.closing)
		finished := make(chan struct{})
		go func() {
			n.server.GracefulStop()
			close(finished)
		}()
		select {
		case <-finished:
		case <-ctx.Done():
			n.server.Stop()
			<-finished
		}
		n.closed = errors.Join(<-n.served, n.log.Close())
	})
	return n.closed
}

const closeTimeout = 10 * time.Second

// Run serves until ctx ends, and then closes the node.
func Run(ctx context.Context, c Config) error {
	n, err := Open(c)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err := <-n.served:
		n.served <- err
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return n.Close(closing)
}
