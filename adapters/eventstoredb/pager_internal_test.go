package eventstoredb

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
)

type desk struct {
	*testing.T
	box   *mailbox
	out   chan domain.Page
	began time.Time
	next  uint64
}

// atDesk runs a pager on made-up letters and made-up time.
func atDesk(t *testing.T, cfg PagesConfig, work func(*desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{T: t, box: newMailbox(cfg.Size, 1<<20), out: make(chan domain.Page), began: time.Now()}
		cfg.Bytes = 1 << 20
		p := &pager{cfg: cfg, box: d.box, out: d.out, decode: func(e *esdb.RecordedEvent) domain.Recorded {
			return domain.Recorded{Revision: e.EventNumber}
		}}
		ctx, cancel := context.WithCancel(t.Context())
		go p.run(ctx)
		work(d)
		cancel()
		synctest.Wait()
	})
}

func (d *desk) events(n int) {
	for range n {
		d.next++
		d.box.put(d.Context(), letter{event: &esdb.RecordedEvent{EventNumber: d.next}, at: domain.Position{Commit: d.next}})
	}
}

func (d *desk) turn(turn turn) { d.box.put(d.Context(), letter{turn: turn}) }

// page asserts what comes next and how long after the start.
func (d *desk) page(after time.Duration, events int, caughtUp bool) {
	d.Helper()
	page := <-d.out
	assert.Equal(d, after, time.Since(d.began))
	assert.Len(d, page.Events, events)
	assert.Equal(d, caughtUp, page.CaughtUp)
}

func (d *desk) silence(length time.Duration) {
	d.Helper()
	select {
	case page := <-d.out:
		assert.Fail(d, "unexpected page", "%+v", page)
	case <-time.After(length):
	}
}

const ms = time.Millisecond

func TestPagesFarFromTheEndWaitToFill(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Linger: 5 * ms}, func(d *desk) {
		go d.events(23)
		d.page(0, 10, false)
		d.page(0, 10, false)
		d.page(20*ms, 3, false)
		d.silence(time.Minute)
	})
}

func TestPagesFarFromTheEndAreLarger(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Times: 3, Linger: 5 * ms}, func(d *desk) {
		go d.events(63)
		d.page(0, 30, false)
		d.page(0, 30, false)
		d.page(20*ms, 3, false)
		d.turn(live)
		d.page(20*ms, 0, true)
		for range 2 { // a full page waits for nothing
			d.events(10)
			d.page(20*ms, 10, true)
		}
		d.events(3)
		d.page(25*ms, 3, true)
	})
}

func TestPagesAtTheEndGoOutAtOnce(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Linger: 5 * ms}, func(d *desk) {
		d.events(3)
		d.turn(live)
		d.page(0, 3, true)
		d.silence(10 * ms)
		d.events(1)
		d.page(10*ms, 1, true)
		d.events(1)
		d.silence(2 * ms)
		d.events(1)
		d.page(15*ms, 2, true) // paced
		d.turn(live)
		d.silence(time.Minute)
	})
}

func TestEveryCatchingUpIsToldOnce(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Linger: 5 * ms}, func(d *desk) {
		d.turn(live)
		d.page(0, 0, true)
		d.turn(behind)
		d.silence(time.Second)
		d.turn(live)
		d.page(time.Second, 0, true)
		d.turn(live)
		d.turn(behind)
		d.silence(time.Minute)
	})
}

func TestPositionsAloneAreRare(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Linger: 5 * ms}, func(d *desk) {
		d.turn(live)
		d.page(0, 0, true)
		for i := range 5 {
			d.box.put(d.Context(), letter{at: domain.Position{Commit: uint64(100 + i)}})
			d.silence(100 * ms)
		}
		d.page(time.Second, 0, true)
		d.silence(time.Minute)
	})
}

func TestPagesGrowWhileNobodyReceives(t *testing.T) {
	atDesk(t, PagesConfig{Size: 10, Linger: 5 * ms}, func(d *desk) {
		d.turn(live)
		d.page(0, 0, true)
		for range 4 {
			d.events(2)
			time.Sleep(50 * ms)
		}
		d.page(200*ms, 8, true)
	})
}

func TestTheMailboxHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, put := newMailbox(2, 1<<20), 0
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for ctx.Err() == nil {
				box.put(ctx, letter{at: domain.Position{Commit: 1}})
				put++
			}
		}()
		synctest.Wait()
		assert.Equal(t, 2, put)
		assert.Len(t, box.take(nil), 2)
		synctest.Wait()
		assert.Equal(t, 4, put)
		cancel()
		synctest.Wait()
	})
}

func TestCatchingUpWithoutBeingTold(t *testing.T) {
	end := domain.Position{Commit: 5, Prepare: 5}
	assert.Equal(t, same, reached(domain.Position{Commit: 4, Prepare: 4}, &end))
	assert.Equal(t, live, reached(domain.Position{Commit: 6, Prepare: 6}, &end))
	assert.Equal(t, same, reached(domain.Position{Commit: 7, Prepare: 7}, &end))
}
