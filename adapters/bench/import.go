package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/domain"
)

const (
	imported = 20_000
	inFlight = 64
)

// importing registers many customers as an import would: each under a key that
// makes it repeatable, and with an address that is checked to be nobody else's.
func (b *bench) importing(ctx context.Context) error {
	run := "i" + uuid.NewString()[:8]
	requests := make([][]byte, imported)
	for n := range requests {
		requests[n] = b.requests.post(nil, "register-customer", fmt.Sprintf("%s-%d", run, n), registration(run, n))
	}
	var next atomic.Int64
	ends := make([]domain.Position, inFlight)
	group, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for i := range inFlight {
		group.Go(func() error {
			c, err := dial(ctx, b.config.Server)
			if err != nil {
				return err
			}
			defer c.close()
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= imported {
					return nil
				}
				answer, err := c.do(requests[n])
				if err != nil {
					return err
				}
				if ends[i], err = positionOf(answer); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err //nolint:wrapcheck // wrapped by the section
	}
	took := time.Since(start)
	var end domain.Position
	for _, one := range ends {
		if one.Compare(end) > 0 {
			end = one
		}
	}
	if err := b.reached(context.WithoutCancel(ctx), end); err != nil {
		return err
	}
	b.report.section(fmt.Sprintf("Import of %s customers over HTTP with duplicate check, %d in flight", number(imported), inFlight), "")
	b.report.figure("all acknowledged after", took.Seconds(), " s", below(20, " s"))
	b.report.figure("all visible after", time.Since(start).Seconds(), " s", goal{})
	b.report.figure("customers per second", imported/took.Seconds(), "", goal{})
	return nil
}
