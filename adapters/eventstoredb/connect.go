package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

const (
	lastRedial = time.Second // at most between two attempts to connect
	// The driver's client dies for good when it runs out of discovery attempts.
	endless = 1 << 30
)

var errClosed = errors.New("the client of the event log is closed")

// acquire returns the current generation, entered, and waits for one while
// there is none. It fails when ctx ends or the client is closed.
func (c *Client) acquire(ctx context.Context) (*generation, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if g := c.current.Load(); g != nil && g.enter() {
			return g, nil
		}
		changed, err := c.wanted()
		if err != nil {
			return nil, err
		}
		select {
		case <-changed:
		case <-c.life.Done():
			return nil, errClosed
		case <-ctx.Done():
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.reason != nil {
				return nil, fmt.Errorf("%w: %w", ctx.Err(), c.reason)
			}
			return nil, ctx.Err()
		}
	}
}

// wanted sees to it that one goroutine, not one per caller, is connecting.
func (c *Client) wanted() (changed <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		return nil, errClosed
	}
	if g := c.current.Load(); g != nil {
		if !g.dropped.Load() {
			done := make(chan struct{})
			close(done)
			return done, nil
		}
		c.current.Store(nil)
		if !c.connecting && g.useful.Load() {
			c.redial.reset()
		}
	}
	if !c.connecting {
		c.connecting = true
		go c.connect()
	}
	return c.changed, nil
}

// connect tries until there is a generation or the client is closed. It holds
// back at first when the generations before never answered anything.
func (c *Client) connect() {
	if c.redial.next > 0 && !c.redial.sleep(c.life) {
		return
	}
	c.redial.next = max(c.redial.next, 1)
	for {
		g, err := c.open()
		if c.publish(g, err) {
			return
		}
		c.log.WarnContext(c.life, "event log is out of reach", "error", err)
		if !c.redial.sleep(c.life) {
			return
		}
	}
}

// publish reports whether the work of connect is done.
func (c *Client) publish(g *generation, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		if g != nil {
			g.drop()
		}
		return true
	}
	if c.reason = err; err != nil {
		return false
	}
	c.connecting = false
	c.current.Store(g)
	close(c.changed)
	c.changed = make(chan struct{})
	c.log.InfoContext(c.life, "connected to the event log", "generation", g.number)
	return true
}

// open returns a client of the driver that has found its server. A first client
// with one attempt finds out whether there is a server at all and dies if not;
// the one that is kept may look for ever, so its callers are never left hanging
// in a client that is dead.
func (c *Client) open() (*generation, error) {
	probe, err := c.driver(1, nil)
	if err != nil {
		return nil, err
	}
	version, err := probe.GetServerVersion()
	_ = probe.Close() // it never fails
	if err != nil {
		return nil, fmt.Errorf("find the event log: %w", err)
	}
	c.made++
	g := newGeneration(c.made)
	g.version = Version{version.Major, version.Minor, version.Patch}
	g.tells = g.version.AtLeast(24, 10)
	if g.client, err = c.driver(endless, g); err != nil {
		return nil, err
	}
	g.enter()
	found := make(chan error, 1)
	go func() {
		defer g.leave()
		_, err := g.client.GetServerVersion()
		found <- err
	}()
	select {
	case err = <-found:
	case <-time.After(c.deadline): // rare: the server left between the two
		err = context.DeadlineExceeded
	}
	if err == nil {
		g.batch, err = newBatcher(g.gone, c.dial, g.client)
	}
	if err != nil {
		g.drop()
		return nil, fmt.Errorf("find the event log again: %w", err)
	}
	return g, nil
}

func (c *Client) driver(attempts int, g *generation) (*esdb.Client, error) {
	dial := c.dial
	dial.MaxDiscoverAttempts = attempts
	debug := c.log.Enabled(c.life, slog.LevelDebug)
	dial.Logger = func(level esdb.LogLevel, format string, args ...any) {
		if g != nil {
			c.heed(g, format, args)
		}
		if debug {
			c.log.DebugContext(c.life, "event log driver", "level", level, "message", fmt.Sprintf(format, args...))
		}
	}
	client, err := esdb.NewClient(&dial)
	if err != nil {
		return nil, fmt.Errorf("event log driver: %w", err)
	}
	return client, nil
}
