package eventstoredb

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// generation is one client of the driver, from being connected to being given
// up. The driver's client must not be closed while a call is inside it (it
// would panic), so the last call to leave a dropped generation closes it.
//
// Nor may a call ask the driver for its connection once another has reported it
// lost: the driver would look for the server itself, heeding no context, and
// leave the old connection open for good. So a call holds the doorway until it
// has its connection, and a loss is reported when nobody is in it.
type generation struct {
	client  *esdb.Client
	batch   *batcher // nil: the driver appends
	number  uint64
	version Version
	tells   bool // when a subscription has caught up; servers before 24.10 do not

	doorway sync.RWMutex

	users   atomic.Int64
	dropped atomic.Bool
	closing sync.Once
	useful  atomic.Bool  // it has answered at least once
	silent  atomic.Int64 // start of the first call since the last answer, Unix ns; 0 when all is well

	gone context.Context // tells subscriptions to move on
	tell context.CancelFunc
}

func newGeneration(number uint64) *generation {
	g := &generation{number: number}
	g.gone, g.tell = context.WithCancel(context.Background())
	return g
}

// drop lets nobody in any more. It reports whether it was the first to do so.
func (g *generation) drop() bool {
	if g.dropped.Swap(true) {
		return false
	}
	g.tell()
	if g.users.Load() == 0 {
		g.close()
	}
	return true
}

// enter keeps the generation open until leave. It fails once it was dropped.
func (g *generation) enter() bool {
	g.users.Add(1)
	if g.dropped.Load() {
		g.leave()
		return false
	}
	return true
}

func (g *generation) leave() {
	if g.users.Add(-1) == 0 && g.dropped.Load() {
		g.close()
	}
}

func (g *generation) close() {
	g.closing.Do(func() {
		_ = g.client.Close() // it never fails
		g.batch.close()
	})
}

func (g *generation) asked(now time.Time) { g.silent.CompareAndSwap(0, now.UnixNano()) }

func (g *generation) answered() {
	g.silent.Store(0)
	if !g.useful.Load() {
		g.useful.Store(true)
	}
}

// silence is how long calls have gone without a single answer.
func (g *generation) silence(now time.Time) time.Duration {
	since := g.silent.Load()
	if since == 0 {
		return 0
	}
	return time.Duration(now.UnixNano() - since)
}
