package apiclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
	conflicts    = 8 // the server has already decided again several times by itself
)

// UnreachableError says that the server did not serve a request in the time
// the caller had.
type UnreachableError struct {
	Waited time.Duration
	Last   error
}

func (e *UnreachableError) Error() string {
	if e.Waited < time.Second {
		return fmt.Sprintf("the server is out of reach: %v", e.Last)
	}
	return fmt.Sprintf("the server was out of reach for %s: %v", e.Waited.Round(time.Second), e.Last)
}

func (e *UnreachableError) Unwrap() error { return e.Last }

// transportError is a failure to get any answer; the request may have been done.
type transportError struct{ error }

func (e *transportError) Unwrap() error { return e.error }

// repeat tries until the answer is final, the patience has run out or ctx ends.
// Every command carries an Idempotency-Key, so one whose answer was lost is safe
// to repeat.
func (c *Client) repeat(ctx context.Context, try func(context.Context) error) error {
	var waited time.Duration
	for attempt := 0; ; attempt++ {
		started := time.Now()
		err := try(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		asked, again := retryable(err, attempt)
		if !again {
			return err
		}
		wait := max(asked, backOff(attempt))
		waited += time.Since(started) + wait
		if waited > c.Patience {
			return &UnreachableError{Waited: waited - wait, Last: err}
		}
		if err := c.Pause(ctx, wait); err != nil {
			return err
		}
	}
}

// retryable tells whether the same request may succeed later, and how long the
// server asked to wait.
func retryable(err error, attempt int) (time.Duration, bool) {
	if _, ok := errors.AsType[*transportError](err); ok {
		return 0, true
	}
	p, ok := errors.AsType[*Problem](err)
	if !ok {
		return 0, false
	}
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return p.retryAfter, true
	case http.StatusConflict:
		return p.retryAfter, p.Code == "conflict" && !p.outdated && attempt < conflicts
	}
	return 0, false
}

// backOff doubles from attempt to attempt; the random half keeps callers that
// failed together from coming back together.
func backOff(attempt int) time.Duration {
	d := min(firstPause<<min(attempt, 10), longestPause)
	return d/2 + rand.N(d/2+1)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
