package eventstoredb

import (
	"context"
	"errors"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var errDropped = errors.New("the connection was given up")

// through makes one call into the driver, past the doorway of the generation.
func through[T any](ctx context.Context, g *generation, call func(context.Context, *esdb.Client) (T, error)) (T, error) {
	g.doorway.RLock()
	in := &entering{Context: ctx, leave: g.doorway.RUnlock}
	defer in.passed()
	if g.dropped.Load() {
		var none T
		return none, errDropped
	}
	return call(in, g.client)
}

// entering is the context of one call into the driver. The driver gets its
// connection, which takes no context, and then derives the context of the call
// from this one. That is how the doorway learns that the call is through.
type entering struct {
	context.Context
	leave func()
}

// Deadline is what deriving a context asks first.
func (e *entering) Deadline() (deadline time.Time, ok bool) {
	e.passed()
	return e.Context.Deadline()
}

// passed is called by one goroutine at a time: the one inside the driver.
func (e *entering) passed() {
	if e.leave != nil {
		e.leave()
		e.leave = nil
	}
}

// failing is what the driver logs about a call that failed, in the goroutine of
// that call, before it reports the connection as lost.
const failing = "unexpected exception: %v"

// heed watches what the driver logs for the loss of the connection, and closes
// the doorway before the driver acts on it.
func (c *Client) heed(g *generation, format string, args []any) {
	if format != failing || len(args) != 1 {
		return
	}
	if err, ok := args[0].(error); ok && status.Code(err) == codes.Unavailable {
		c.abandon(g, err)
		g.doorway.Lock()   // waits for those inside; who comes later sees the drop
		g.doorway.Unlock() //nolint:staticcheck // there is nothing to do in between
	}
}
