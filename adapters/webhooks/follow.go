package webhooks

import (
	"context"
	"errors"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

// checkpointEvery is how often the place goes into the log, if it has moved.
const checkpointEvery = 10 * time.Minute

var (
	errDisabled = errors.New("the webhook was disabled")
	errLogEnds  = errors.New("the log is not read any further")
)

// follow lets what comes wait behind what else waits in its stream, and sends
// what is due. It returns nil when the webhook is not active any more.
func (j *job) follow(parent context.Context) error {
	if err := j.prepare(parent); err != nil || j.hook.Status != webhook.Active {
		return err
	}
	ctx, cancel := context.WithCancel(parent)
	defer func() {
		cancel()
		j.finish(parent)
	}()
	pages := j.d.config.Log.Facts(ctx, j.place.Position, j.hook.Filter().Prefixes())
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		j.begin(ctx)
		if j.untilKept() <= 0 {
			j.keep(ctx) // while others are on their way
		}
		in := pages
		if len(j.place.waiting) >= waitingMost {
			in = nil
		}
		timer.Reset(min(j.untilDue(), j.untilKept()))
		var err error
		select {
		case page, open := <-in:
			if !open {
				return errLogEnds
			}
			j.take(page)
		case s := <-j.steps:
			err = j.settle(ctx, s)
		case <-timer.C:
		case <-tick.C:
			j.checkpoint(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
		if errors.Is(err, errDisabled) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// take lets the facts of a page wait for their turn.
func (j *job) take(page domain.Page) {
	now, room := j.d.config.Now(), factsMost-j.place.held()
	j.behind = time.Time{}
	for _, r := range page.Events {
		fact, ok := feed.Of(r)
		if !ok || !j.hook.Wants(fact) {
			continue
		}
		if j.place.add(fact, now, room > 0) {
			room--
		}
		j.unsaved = true
	}
	if n := len(page.Events); n > 0 && !page.CaughtUp {
		j.behind = page.Events[n-1].RecordedAt
	}
	j.place.Position = page.To
	j.moved(nil)
}

// finish takes in what was under way when the work was stopped: what was taken is
// not sent again, what was not waits.
func (j *job) finish(ctx context.Context) {
	for j.busy > 0 {
		_ = j.settle(ctx, <-j.steps) // whatever is wrong shows again when the work goes on
	}
	if !j.lost.Load() { // or it is for another process to say where it is
		j.keep(ctx)
	}
}
