package webhooks

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

const (
	// blockedMost bounds the streams that wait: behind so many nothing new is
	// begun.
	blockedMost = 100
	// checkpointEvery is how often the place goes into the log, if it has moved.
	checkpointEvery = 10 * time.Minute
	// keepTimeout bounds how long keeping the place may take.
	keepTimeout = 5 * time.Second
)

var (
	errDisabled = errors.New("the webhook was disabled")
	errLogEnds  = errors.New("the log is not read any further")
)

// follow sends what comes and tries again what was not taken. It returns nil when
// the webhook is not active any more.
func (j *job) follow(parent context.Context) error {
	if err := j.prepare(parent); err != nil || j.hook.Status != webhook.Active {
		return err
	}
	ctx, cancel := context.WithCancel(parent)
	defer func() {
		cancel()
		j.retries.Wait()
		j.settleRetries(parent)
	}()
	pages := j.d.config.Log.Facts(ctx, j.place.Position, j.hook.Filter().Prefixes())
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		in := pages
		if j.waits() {
			in = nil
		}
		timer.Reset(j.untilDue())
		var given error
		select {
		case page, open := <-in:
			if !open {
				return errLogEnds
			}
			given = j.take(ctx, page)
		case <-timer.C:
			j.retryDue(ctx)
		case r := <-j.results:
			given = j.retried(ctx, r)
		case <-tick.C:
			j.checkpoint(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
		if errors.Is(given, errDisabled) {
			return nil
		}
		if given != nil {
			return given
		}
	}
	return ctx.Err()
}

// waits tells whether nothing new is begun for now.
func (j *job) waits() bool {
	return j.calm.until.After(j.d.config.Now()) || len(j.place.blocked) >= blockedMost || j.calm.down() && j.trying() > 0
}

// take sends a page: its streams beside each other, the facts of each in order.
// Those of blocked streams wait. While the receiver is down one stream after the
// other is tried, and none after the first that fails.
func (j *job) take(ctx context.Context, page domain.Page) error {
	groups := j.group(page)
	if len(groups) > 0 {
		j.behind = page.Events[0].RecordedAt
		j.show()
	}
	places := make(chan struct{}, atOnce)
	if j.calm.down() {
		places = make(chan struct{}, 1)
	}
	done := make([]sent, len(groups))
	left := atomic.Int64{} // streams that may fail before the receiver counts as down
	left.Store(int64(max(downAfter-len(j.calm.failing), 1)))
	var wait sync.WaitGroup
	for i, facts := range groups {
		places <- struct{}{}
		wait.Go(func() {
			defer func() { <-places }()
			if done[i] = (sent{facts: facts}); left.Load() <= 0 {
				return
			}
			done[i] = j.deliver(ctx, facts, 1)
			switch last := done[i].last(); {
			case last == nil || last.answer.taken():
			case last.answer.retryAfter > 0:
				left.Store(0)
			default:
				left.Add(-1)
			}
		})
	}
	wait.Wait()
	if j.lost.Load() {
		return ctx.Err() // what was sent is sent again, by another process
	}
	var journal []attempt
	for _, s := range done {
		journal = append(journal, j.settle(s)...)
	}
	j.place.Position = page.To
	j.behind = time.Time{}
	if n := len(page.Events); n > 0 && !page.CaughtUp {
		j.behind = page.Events[n-1].RecordedAt
	}
	j.unsaved = j.unsaved || len(groups) > 0
	return j.keep(ctx, journal)
}

// keep is save, also when the work is being stopped: what was taken is not sent
// again then, what was not waits.
func (j *job) keep(ctx context.Context, journal []attempt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	return j.save(ctx, journal)
}

// group puts the facts of a page that are sent now together by stream.
func (j *job) group(page domain.Page) [][]feed.Fact {
	var groups [][]feed.Fact
	at := map[string]int{}
	for _, r := range page.Events {
		fact, ok := feed.Of(r)
		if !ok || !j.hook.Wants(fact) {
			continue
		}
		if b := j.place.blocked[r.Stream]; b != nil {
			b.more = true
			continue
		}
		i, begun := at[r.Stream]
		if !begun {
			i = len(groups)
			at[r.Stream] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], fact)
	}
	return groups
}
