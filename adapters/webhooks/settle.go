package webhooks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

// settle takes in what was done for a stream.
func (j *job) settle(ctx context.Context, done step) error {
	s := j.place.waiting[done.stream]
	s.busy = false
	j.busy--
	switch {
	case done.err != nil:
		s.more = true
		return done.err
	case done.sent == nil:
		s.facts, s.more = done.read, s.more || done.more
		if len(s.facts) > 0 && s.facts[0].ID != s.EventID {
			s.Blocked = first(s.facts[0], s.Next)
		}
	case done.sent.answer.taken():
		j.taken(s)
	default:
		j.failed(s, done.sent)
	}
	if len(s.facts) == 0 && !s.more {
		delete(j.place.waiting, s.Stream)
	}
	j.unsaved = true
	j.moved(done.sent)
	return j.giveUp(ctx, done.sent)
}

// taken goes on to the next fact of a stream. If the receiver was down, all that
// waits is due.
func (j *job) taken(s *stream) {
	now := j.d.config.Now()
	if s.facts = s.facts[1:]; len(s.facts) > 0 {
		s.Blocked = first(s.facts[0], now)
	} else {
		s.Blocked = webhook.Blocked{Stream: s.Stream, Revision: s.Revision + 1, Next: now}
	}
	j.place.FailingSince = time.Time{}
	if !j.calm.taken() {
		return
	}
	for _, other := range j.place.waiting {
		other.Next = now
	}
}

// failed lets a stream wait for another attempt.
func (j *job) failed(s *stream, a *attempt) {
	now := j.d.config.Now()
	j.calm.failed(s.Stream, a.answer.retryAfter, now)
	if j.place.FailingSince.IsZero() {
		j.place.FailingSince = a.At
	}
	if s.Since.IsZero() {
		s.Since = a.At
	}
	s.Attempts, s.Status, s.Error = a.Number, a.Status, a.Error
	s.Next = domain.Instant(later(now.Add(pause(s.Attempts, a.answer.retryAfter)), j.calm.until))
	a.Next = s.Next
	s.more = s.more || len(s.facts) > 1
	s.facts = slices.Clone(s.facts[:1]) // those behind it would be held for long
}

// giveUp disables a webhook whose receiver says it is gone, or takes nothing for
// long.
func (j *job) giveUp(ctx context.Context, a *attempt) error {
	e := webhook.Disabled{WebhookID: j.id, FailingSince: domain.Instant(j.place.FailingSince)}
	switch {
	case a == nil || a.answer.taken():
		return nil
	case a.answer.gone():
		e.Code, e.Message = "gone", "the receiver answered with 410 Gone"
	case j.d.config.Now().Sub(j.place.FailingSince) >= j.d.config.GiveUp:
		e.Code, e.Message = "failing", "nothing was taken for "+j.d.config.GiveUp.String()+"; last: "+a.Error
	default:
		return nil
	}
	j.d.config.Logger.WarnContext(ctx, "webhook disabled", "webhook", j.id, "code", e.Code)
	if err := j.d.config.Decisions.Disable(ctx, j.id, e); err != nil {
		return fmt.Errorf("disable the webhook: %w", err)
	}
	return errDisabled
}
