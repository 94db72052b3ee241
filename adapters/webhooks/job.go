package webhooks

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/domain/webhook"
)

// Pauses after failures of ours, such as a log that is away.
const (
	again      = time.Second
	longestOff = time.Minute
)

// job is the work on one webhook. All but what is said to be shared belongs to
// the goroutine of follow.
type job struct {
	d     *Deliverer
	id    string
	stop  context.CancelFunc
	knows atomic.Int64 // shared: revision of the webhook it works with; MaxInt64 before
	shown atomic.Pointer[shown]
	lost  atomic.Bool // shared: another process may work on the webhook

	hook    webhook.Webhook
	secrets map[string]string // sealed -> open
	place   place
	calm    calm
	behind  time.Time // when the fact reached last was recorded; zero when caught up
	steps   chan step
	busy    int // steps that are still to come
	journal []attempt
	movedAt time.Time // zero: the place is kept
	unkept  bool      // it could not be the last time
	unsaved bool      // in the log
}

func newJob(d *Deliverer, id string, stop context.CancelFunc) *job {
	j := &job{d: d, id: id, stop: stop, secrets: map[string]string{}}
	j.knows.Store(math.MaxInt64)
	j.shown.Store(&shown{})
	return j
}

// work sends until ctx ends, the lease is lost or the webhook is no longer
// active.
func (j *job) work(ctx context.Context) {
	var holding sync.WaitGroup
	holding.Go(func() { j.hold(ctx) })
	for off := again; ctx.Err() == nil; off = min(2*off, longestOff) {
		begun := j.d.config.Now()
		err := j.follow(ctx)
		if err == nil || ctx.Err() != nil {
			break
		}
		if j.d.config.Now().Sub(begun) > longestOff {
			off = again
		}
		j.d.config.Logger.WarnContext(ctx, "webhook interrupted; it goes on where it was", "webhook", j.id, "error", err)
		j.interrupted()
		select {
		case <-time.After(off):
		case <-ctx.Done():
		}
	}
	j.stop()
	holding.Wait()
	last, done := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer done()
	j.checkpoint(last)
	_ = j.d.config.Store.Release(last, lease(j.id), j.d.owner) // or it runs out
}

// hold keeps the webhook, and stops the work when it was lost, or may have been:
// two that send at once would mix up the order.
func (j *job) hold(ctx context.Context) {
	tick := time.NewTicker(held / 5)
	defer tick.Stop()
	kept := j.d.config.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked := j.d.config.Now()
		mine, err := j.d.config.Store.Lease(ctx, lease(j.id), j.d.owner, held)
		switch {
		case err == nil && mine && j.d.config.Now().Sub(kept) < held: // else another may have had it meanwhile
			kept = asked
		case err == nil, asked.Sub(kept) >= held-held/5:
			j.lost.Store(true)
			j.stop()
			return
		}
	}
}

// prepare finds out what the webhook is and where it was.
func (j *job) prepare(ctx context.Context) error {
	hook, last, err := j.d.config.Decisions.Find(ctx, j.id)
	if err != nil {
		return fmt.Errorf("what the webhook is: %w", err)
	}
	j.hook, j.calm = hook, newCalm()
	j.knows.Store(int64(last.Revision))
	for i, sealed := range hook.Secrets(j.d.config.Now()) {
		secret, err := j.d.config.Key.Open(j.id, sealed)
		switch {
		case err == nil:
			j.secrets[sealed] = secret
		case i == 0:
			return err
		default: // rotated since the key was lost
			j.d.config.Logger.WarnContext(ctx, "the secret before the last rotation signs no more", "webhook", j.id, "error", err)
		}
	}
	progress, err := j.d.progress(ctx, hook)
	if err != nil {
		return err
	}
	j.place = newPlace(progress, j.d.config.Now())
	if since := j.place.FailingSince; !since.IsZero() && since.Before(last.RecordedAt) {
		j.place.FailingSince = last.RecordedAt // what was decided since deserves its own time
	}
	j.steps = make(chan step, atOnce)
	j.moved(nil)
	j.show()
	return nil
}
