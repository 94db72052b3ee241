package commands

import (
	"context"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/annals-crm/annals/domain"
)

// Loop is what the one load-fold-decide-append loop works with; see execute.
type Loop struct {
	store     EventStore
	snapshots Snapshots
	policy    *PolicyState
	now       func() time.Time
	log       *slog.Logger
	states    *lru.Cache[string, any] // stream -> *folded[S]
	trace     Trace
	lanes     lanes
	keyLanes  lanes // of reservations, which are made from inside other commands
}

// LoopConfig wires a Loop.
type LoopConfig struct {
	Store     EventStore
	Snapshots Snapshots // may be nil: every long stream is then read whole once
	Policy    *PolicyState
	Now       func() time.Time
	Logger    *slog.Logger
	States    int // folded states kept in memory
	Trace     Trace
}

// Trace is told of every command, and by what it returns how that went. The
// parent it returns is kept with the events. Nil: nobody is told.
type Trace func(ctx context.Context, command, stream string) (_ context.Context, parent string, ended func(error))

// NewLoop starts with nothing in memory.
func NewLoop(c LoopConfig) (*Loop, error) {
	states, err := lru.New[string, any](c.States)
	if err != nil {
		return nil, err
	}
	return &Loop{
		store: c.Store, snapshots: c.Snapshots, policy: c.Policy, now: c.Now, log: c.Logger, trace: c.Trace,
		states: states, lanes: newLanes(), keyLanes: newLanes(),
	}, nil
}

// skew is how far a sender's clock may run ahead of ours.
const skew = time.Minute

// earliest is when facts begin. A time before it was never meant.
var earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// moment is the business time of a command and the policy in force then. It
// fails with domain.ErrFuture or domain.ErrTooEarly.
func (l *Loop) moment(env Envelope) (moment, error) {
	now := domain.Instant(l.now())
	at := now
	if !env.OccurredAt.IsZero() {
		at = domain.Instant(env.OccurredAt)
	}
	if at.Before(earliest) {
		return moment{}, domain.ErrTooEarly
	}
	if at.After(now.Add(skew)) {
		return moment{}, domain.ErrFuture.Because("occurred_at %s lies in the future; it is %s now", at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	return moment{at, l.policy.State().InForce(at)}, nil
}

// lanes let one command at a time work on a stream, so that writers of one
// process queue up instead of colliding in the log. Streams share lanes by
// hash, so a command that runs inside another one needs lanes of its own.
type lanes []chan struct{}

func newLanes() lanes {
	l := make(lanes, 1024)
	for i := range l {
		l[i] = make(chan struct{}, 1)
	}
	return l
}

// enter waits for the lane of a stream, or for ctx.
func (l lanes) enter(ctx context.Context, stream string) (leave func(), err error) {
	lane := l[fnv32(stream)%uint32(len(l))]
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, domain.ErrUnavailable.Because("too many commands are waiting for this record; repeat the request with the same Idempotency-Key")
	}
}

func fnv32(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
