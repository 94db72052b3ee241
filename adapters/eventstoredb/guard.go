package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
)

const lastRetry = 250 * time.Millisecond

// retry makes a call until the server has answered it or the deadline is over,
// on a new connection when the old one broke. A call that was not answered ends
// in domain.ErrUnavailable with its cause. An error of the server is returned
// as the driver gave it.
func retry[T any](parent context.Context, c *Client, what string, call func(context.Context, *generation) (T, error)) (T, error) {
	return persist(parent, c, what, func(ctx context.Context, g *generation) (T, error) { return guarded(ctx, g, call) })
}

// persist is retry for calls that heed their context and leave the generation
// by themselves.
func persist[T any](parent context.Context, c *Client, what string, call func(context.Context, *generation) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(parent, c.deadline)
	defer cancel()
	var (
		none T
		last error
	)
	wait := pause{limit: lastRetry}
	for {
		g, err := c.acquire(ctx)
		if err != nil {
			return none, unavailable(what, last, err)
		}
		value, err := call(ctx, g)
		switch judge(err) {
		case answered:
			g.answered()
			return value, err
		case broken:
			c.abandon(g, err)
		case transient:
			if !wait.sleep(ctx) {
				if g.silence(time.Now()) >= c.deadline {
					c.abandon(g, err)
				}
				return none, unavailable(what, last, err)
			}
		}
		last = err
	}
}

// guarded makes one call that returns when ctx ends even if the driver does
// not: while it looks for its server it heeds no context. The call it leaves
// behind keeps the generation open until it comes back.
func guarded[T any](ctx context.Context, g *generation, call func(context.Context, *generation) (T, error)) (T, error) {
	g.asked(time.Now())
	result := make(chan outcome[T], 1)
	go func() {
		defer g.leave()
		var o outcome[T]
		defer func() {
			if r := recover(); r != nil { // the driver panics on answers it does not expect
				o.err = fmt.Errorf("%w: %v", errPanic, r)
			}
			result <- o
		}()
		o.value, o.err = call(ctx, g)
	}()
	select {
	case o := <-result:
		return o.value, o.err
	case <-ctx.Done():
		select {
		case o := <-result:
			return o.value, o.err
		default:
			var none T
			return none, ctx.Err()
		}
	}
}

type outcome[T any] struct {
	value T
	err   error
}

// abandon gives a generation up; whoever needs one next connects anew.
func (c *Client) abandon(g *generation, cause error) {
	if g.drop() {
		c.log.WarnContext(c.life, "lost the event log", "generation", g.number, "error", cause)
	}
}

// unavailable names the first failure that says something, so that a caller who
// ran out of time learns what of.
func unavailable(what string, causes ...error) error {
	cause := errors.Join(causes...)
	return fmt.Errorf("%s: %w: %w", what, domain.ErrUnavailable, cause)
}
