package webhooks

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

// retried is what came of trying a blocked stream again.
type retried struct {
	stream string
	sent   sent
	err    error // of ours
}

// trying is how many blocked streams are tried right now.
func (j *job) trying() (n int) {
	for _, b := range j.place.blocked {
		if b.trying {
			n++
		}
	}
	return n
}

// due is the blocked stream to try next, if any is not being tried, and when.
func (j *job) due() (next *blocked, at time.Time) {
	if trying := j.trying(); trying >= atOnce || j.calm.down() && trying > 0 {
		return nil, at
	}
	for _, b := range j.place.blocked {
		if !b.trying && (next == nil || b.Next.Before(next.Next)) {
			next = b
		}
	}
	if next != nil {
		at = later(next.Next, j.calm.until)
	}
	return next, at
}

// untilDue is how long there is nothing to try again.
func (j *job) untilDue() time.Duration {
	next, at := j.due()
	if next == nil {
		return time.Hour
	}
	return max(at.Sub(j.d.config.Now()), 0)
}

// retryDue begins to try again what is due.
func (j *job) retryDue(ctx context.Context) {
	for b, at := j.due(); b != nil && !at.After(j.d.config.Now()); b, at = j.due() {
		b.trying, b.more = true, false
		of, upTo := b.Blocked, j.place.Position
		j.retries.Go(func() {
			j.results <- j.retry(ctx, of, upTo) // has room for as many as are tried at once
		})
	}
}

// retry sends what a stream holds from the blocked fact on, up to a position:
// what is behind that has not been passed over yet.
func (j *job) retry(ctx context.Context, b webhook.Blocked, upTo domain.Position) retried {
	done := retried{stream: b.Stream}
	number := b.Attempts + 1
	for r, err := range j.d.config.Log.FactsOf(ctx, b.Stream, b.Revision) {
		if err != nil {
			done.err = err
			break
		}
		if r.Position.Compare(upTo) > 0 {
			break
		}
		fact, ok := feed.Of(r)
		if !ok || !j.hook.Wants(fact) {
			continue
		}
		if fact.ID != b.EventID {
			number = 1
		}
		s := j.deliver(ctx, []feed.Fact{fact}, number)
		done.sent.tries = append(done.sent.tries, s.tries...)
		if done.sent.facts = s.facts; len(s.facts) > 0 {
			break
		}
	}
	return done
}

// retried takes in how trying a stream again went.
func (j *job) retried(ctx context.Context, r retried) error {
	b := j.place.blocked[r.stream]
	b.trying = false
	if r.err != nil && len(r.sent.tries) == 0 {
		return r.err
	}
	journal := j.settle(r.sent)
	switch now := j.place.blocked[r.stream]; {
	case now != b: // further on in the stream
	case len(r.sent.facts) > 0:
	case b.more || r.err != nil: // it has grown meanwhile, or was not read to its end
		if n := len(journal); n > 0 {
			b.Revision = journal[n-1].Revision + 1
		}
		b.EventID, b.Attempts, b.Since, b.Status, b.Error, b.Next = "", 0, time.Time{}, 0, "", j.d.config.Now()
	default:
		delete(j.place.blocked, r.stream)
	}
	j.unsaved = true
	if err := j.keep(ctx, journal); err != nil {
		return err
	}
	return r.err
}

// settleRetries takes in how those went that were under way when the work was
// stopped.
func (j *job) settleRetries(ctx context.Context) {
	for !j.lost.Load() {
		select {
		case r := <-j.results:
			_ = j.retried(ctx, r) // whatever is wrong shows again when the work goes on
		default:
			return
		}
	}
}
