package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// moved is how many deals the callers of one measurement move, in turns.
const moved = 2000

// mover moves deals of its own forth and back between the first two stages.
type mover struct {
	b       *bench
	conn    *conn
	deals   []string
	stages  []bool // whether each stands in the second stage
	request []byte
}

// newMover takes every count-th open deal, starting with the caller-th.
func (b *bench) newMover(c *conn, caller, count int) *mover {
	m := &mover{b: b, conn: c}
	open := 0
	for n := 0; n < b.seed.deals() && open < moved; n++ {
		if !openDeal(n) {
			continue
		}
		if open%count == caller {
			m.deals, m.stages = append(m.deals, b.seed.id("deal", n)), append(m.stages, n%2 == 1)
		}
		open++
	}
	return m
}

// move sends the n-th move and returns the deal and the answer.
func (m *mover) move(n int) (deal string, answer []byte, err error) {
	at := n % len(m.deals)
	deal = m.deals[at]
	body := `{"deal_id":"` + deal + `","stage":"opportunity"}`
	if m.stages[at] {
		body = `{"deal_id":"` + deal + `","stage":"lead","reason":"budget was cut"}`
	}
	m.request = m.b.requests.post(m.request[:0], "move-deal", "", body)
	if answer, err = m.conn.do(m.request); err == nil {
		m.stages[at] = !m.stages[at]
	}
	return deal, answer, err
}

// settle finds out where each deal stands: measurements before may have moved it.
func (m *mover) settle() error {
	for i, deal := range m.deals {
		record, err := m.conn.do(m.b.requests.get("/v1/queries/deals/" + deal))
		if err != nil {
			return err
		}
		stage, err := field(record, "stage")
		if err != nil {
			return err
		}
		m.stages[i] = stage == "opportunity"
	}
	return nil
}

// movers makes callers that move deals, each its own.
func (b *bench) movers(ctx context.Context, count int) (*callers, error) {
	return newCallers(count, func(caller int) (op, func(), error) {
		c, err := dial(ctx, b.config.Server)
		if err != nil {
			return nil, nil, err
		}
		m := b.newMover(c, caller, count)
		if err := m.settle(); err != nil {
			c.close()
			return nil, nil, err
		}
		return func(_ context.Context, n int) error {
			_, _, err := m.move(n)
			return err
		}, c.close, nil
	})
}

// paced does so many operations a second in all until ctx ends. Who falls behind
// catches up, so that a stall of the server does not lower the load.
func (c *callers) paced(ctx context.Context, rate int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var working sync.WaitGroup
	every := time.Duration(len(c.ops)) * time.Second / time.Duration(rate)
	for i, do := range c.ops {
		working.Go(func() {
			next := time.Now().Add(every * time.Duration(i) / time.Duration(len(c.ops)))
			for rest(ctx, time.Until(next)) {
				if err := do(ctx, int(c.done[i].Load())); err != nil {
					cancel(fmt.Errorf("under load: %w", err))
					return
				}
				c.done[i].Add(1)
				next = next.Add(every)
			}
		})
	}
	working.Wait()
	if err := context.Cause(ctx); err != context.Canceled { //nolint:errorlint // as the context package gives it
		return err
	}
	return nil
}

// rest tells whether ctx still goes on after d.
func rest(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
