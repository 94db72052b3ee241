package bench

import (
	"context"
	"fmt"
	"net/url"
	"time"
)

// visible measures from the acknowledgement of a command until the answer of a
// query that includes it, the query itself among it.
func (b *bench) visible(ctx context.Context) error {
	if err := b.filled(ctx, fewEvents); err != nil {
		return err
	}
	b.report.section("From acknowledgement until a query with min_position has answered", "")
	const load = 1000
	for _, at := range []struct {
		what string
		rate int
		most float64
	}{{"at rest", 0, 25}, {fmt.Sprintf("at %s commands a second", number(load)), load, 150}} {
		s, reached, err := b.seen(ctx, at.rate)
		if err != nil {
			return err
		}
		taken := s.sorted()
		if at.rate > 0 {
			b.report.figure(at.what+": commands per second, reached", reached, "", goal{})
		}
		b.report.figure(fmt.Sprintf("%s: half of %d within", at.what, len(taken)), milliseconds(quantile(taken, 0.5)), " ms", goal{})
		b.report.figure(at.what+": 99 % within", milliseconds(quantile(taken, 0.99)), " ms", below(at.most, " ms"))
	}
	return nil
}

// probers are how many callers look at what they have just done.
const probers = 2

// seen looks for moves of its own while others move deals at a rate.
func (b *bench) seen(ctx context.Context, rate int) (s sample, reached float64, err error) {
	const loaders = 16
	moving, err := b.movers(ctx, loaders)
	if err != nil {
		return s, 0, err
	}
	defer moving.end()
	under, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	start, before := time.Now(), moving.total()
	if rate > 0 {
		go func() { done <- moving.paced(under, rate) }()
	} else {
		close(done)
	}
	for range probers {
		s.slices = append(s.slices, slice{})
	}
	probing, err := newCallers(probers, func(caller int) (op, func(), error) {
		c, err := dial(ctx, b.config.Server)
		if err != nil {
			return nil, nil, err
		}
		m := b.newMover(c, loaders+caller, loaders+probers)
		return func(ctx context.Context, n int) error {
			rest(ctx, 7*time.Millisecond) // as callers do; it also meets every phase of the projector
			took, err := b.look(m, n)
			s.slices[caller].taken = append(s.slices[caller].taken, took)
			return err
		}, c.close, m.settle()
	})
	if err != nil {
		return s, 0, err
	}
	defer probing.end()
	if _, err := probing.run(ctx, b.config.Measure/4); err != nil {
		return s, 0, err
	}
	for i := range s.slices {
		s.slices[i].taken = s.slices[i].taken[:0] // that was the warm-up
	}
	if _, err := probing.run(ctx, b.config.Measure*2); err != nil {
		return s, 0, err
	}
	reached = float64(moving.total()-before) / time.Since(start).Seconds()
	stop()
	return s, reached, <-done
}

// look moves a deal and asks for it as of the position of the answer.
func (b *bench) look(m *mover, n int) (time.Duration, error) {
	deal, answer, err := m.move(n)
	if err != nil {
		return 0, err
	}
	position, err := positionOf(answer)
	if err != nil {
		return 0, err
	}
	request := b.requests.get("/v1/queries/deals/" + deal + "?min_position=" + url.QueryEscape(position.String()))
	start := time.Now()
	_, err = m.conn.do(request)
	return time.Since(start), err
}
