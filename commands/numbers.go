package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/numberrange"
)

// Numbers hands out the numbers of one range (CM-05). Requests that arrive
// while an append is under way share the next one, so numbering costs little
// even when every command needs a number. A command that fails afterwards
// leaves a gap; a number is never handed out twice.
type Numbers struct {
	loop   *Loop
	id     string
	mu     sync.Mutex
	queue  []*numberRequest
	active bool
	state  numberrange.Range // as of the last append; only the active caller touches it
}

type numberRequest struct {
	env     Envelope
	holder  string
	pattern string
	at      time.Time
	zone    *time.Location
	policy  int // version the pattern is of
	number  string
	err     error
	done    chan struct{}
}

// NewNumbers serves one range. The numbers handed out earlier are read at first use.
func NewNumbers(loop *Loop, id string) *Numbers { return &Numbers{loop: loop, id: id} }

// longestShare bounds how many numbers one append hands out.
const longestShare = 200

// assign hands out the next number, dated at in zone.
func (n *Numbers) assign(ctx context.Context, r numberRequest) (string, error) {
	r.done = make(chan struct{})
	n.mu.Lock()
	n.queue = append(n.queue, &r)
	lead := !n.active
	n.active = true
	n.mu.Unlock()
	if lead {
		go n.serve(context.WithoutCancel(ctx))
	}
	select {
	case <-r.done:
		return r.number, r.err
	case <-ctx.Done():
		return "", domain.ErrUnavailable
	}
}

// serve works until nobody waits.
func (n *Numbers) serve(ctx context.Context) {
	for {
		n.mu.Lock()
		batch := n.queue[:min(len(n.queue), longestShare)]
		n.queue = n.queue[len(batch):]
		if len(batch) == 0 {
			n.active = false
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
		n.handOut(ctx, batch)
		for _, r := range batch {
			close(r.done)
		}
	}
}

// handOut gives each request of a batch its number, in one append.
func (n *Numbers) handOut(ctx context.Context, batch []*numberRequest) {
	stream := numberrange.Aggregate.Stream(n.id)
	err := domain.ErrConflict.Because("the number range moved on")
	for range attempts {
		state := n.state
		var events []domain.NewEvent
		for _, r := range batch {
			var decided []numberrange.Event
			if decided, r.err = state.Assign(r.holder, r.pattern, r.at, r.zone); r.err != nil {
				continue
			}
			for _, e := range decided {
				state = numberrange.Evolve(state, e)
				events = append(events, domain.NewEvent{
					ID: derived(r.env.CommandID, "number").String(), Event: e,
					Meta: domain.Meta{
						CorrelationID: cmp.Or(r.env.CorrelationID, r.env.CommandID.String()), CausationID: r.env.CommandID.String(), Command: r.env.Command,
						Actor: r.env.Actor, OccurredAt: r.at, PolicyVersion: r.policy,
					},
				})
				if assigned, ok := e.(numberrange.Assigned); ok {
					r.number = assigned.Number
				}
			}
		}
		if len(events) == 0 {
			return
		}
		_, failed := n.loop.store.Append(ctx, stream, int64(n.state.Count)-1, events)
		if failed == nil {
			n.state = state
			return
		}
		if !errors.Is(failed, domain.ErrConflict) {
			fail(batch, fmt.Errorf("number %s: %w", n.id, failed))
			return
		}
		if failed = n.catchUp(ctx, stream); failed != nil {
			fail(batch, failed)
			return
		}
	}
	fail(batch, err)
}

// catchUp counts the numbers that others handed out.
func (n *Numbers) catchUp(ctx context.Context, stream string) error {
	for rec, err := range n.loop.store.Read(ctx, stream, n.state.Count) {
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		if e, ok := rec.Event.(numberrange.Event); ok {
			n.state = numberrange.Evolve(n.state, e)
		}
	}
	return nil
}

func fail(batch []*numberRequest, err error) {
	for _, r := range batch {
		r.number, r.err = "", err
	}
}
