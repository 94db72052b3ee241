package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// op is one operation of one caller, the n-th it does.
type op func(ctx context.Context, n int) error

// callers do operations side by side, each one after the other. They keep
// their connections and their count from one slice of time to the next.
type callers struct {
	ops   []op
	done  []atomic.Int64
	close []func()
}

// newCallers makes count callers; begin makes the operation of one.
func newCallers(count int, begin func(caller int) (op, func(), error)) (*callers, error) {
	c := &callers{done: make([]atomic.Int64, count)}
	for i := range count {
		do, end, err := begin(i)
		if err != nil {
			c.end()
			return nil, err
		}
		c.ops, c.close = append(c.ops, do), append(c.close, end)
	}
	return c, nil
}

func (c *callers) end() {
	for _, end := range c.close {
		end()
	}
}

// run lets all callers work for a while. An operation that fails ends it.
func (c *callers) run(ctx context.Context, d time.Duration) (slice, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var working sync.WaitGroup
	taken := make([][]time.Duration, len(c.ops))
	start := time.Now()
	for i, do := range c.ops {
		working.Go(func() {
			for last := start; last.Sub(start) < d && ctx.Err() == nil; {
				if err := do(ctx, int(c.done[i].Load())); err != nil {
					cancel(err)
					return
				}
				c.done[i].Add(1)
				now := time.Now()
				taken[i] = append(taken[i], now.Sub(last))
				last = now
			}
		})
	}
	working.Wait()
	s := slice{elapsed: time.Since(start)}
	for _, t := range taken {
		s.taken = append(s.taken, t...)
	}
	return s, context.Cause(ctx)
}

// measure runs callers for a while after a warm-up.
func (b *bench) measure(ctx context.Context, c *callers) (*sample, error) {
	s := &sample{}
	return s, b.alternate(ctx, contender{c, s})
}

// contender is one side of a comparison.
type contender struct {
	callers *callers
	sample  *sample
}

// slicesPerRun is how often sides take turns: noise on the machine then meets
// all of them, and the median of slices leaves out the worst of it.
const slicesPerRun = 8

// alternate gives every side its time in short turns, after a warm-up.
func (b *bench) alternate(ctx context.Context, sides ...contender) error {
	d := b.config.Measure
	for _, side := range sides {
		if _, err := side.callers.run(ctx, max(d/4, 500*time.Millisecond)); err != nil {
			return err
		}
	}
	for range slicesPerRun {
		for _, side := range sides {
			before := used(b.config.Processes)
			s, err := side.callers.run(ctx, d/slicesPerRun)
			if err != nil {
				return err
			}
			s.used = used(b.config.Processes)
			for i := range s.used {
				s.used[i] -= before[i]
			}
			if len(s.taken) == 0 {
				return errors.New("nothing was done in a whole slice")
			}
			side.sample.slices = append(side.sample.slices, s)
		}
	}
	return nil
}

// total is how many operations all callers have done.
func (c *callers) total() int {
	n := 0
	for i := range c.done {
		n += int(c.done[i].Load())
	}
	return n
}
