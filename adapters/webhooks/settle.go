package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

// journalMost is how many attempts are kept to look at.
const journalMost = 1000

// settle takes in how sending facts of a stream went, and returns what goes into
// the journal.
func (j *job) settle(s sent) []attempt {
	for i := range s.tries {
		a := &s.tries[i]
		if a.answer.taken() {
			j.taken()
			continue
		}
		j.calm.failed(a.Stream, a.answer.retryAfter, j.d.config.Now())
		if j.place.FailingSince.IsZero() {
			j.place.FailingSince = a.At
		}
	}
	if len(s.facts) == 0 {
		return s.tries
	}
	first := s.facts[0]
	b := j.place.blocked[first.Stream]
	if b == nil || b.EventID != first.ID {
		b = &blocked{Blocked: webhook.Blocked{
			Stream: first.Stream, Revision: first.Revision, EventID: first.ID, Type: first.Type, RecordedAt: first.RecordedAt,
		}}
		j.place.blocked[first.Stream] = b
	}
	b.Next = domain.Instant(j.d.config.Now())
	if a := s.last(); a != nil && !a.answer.taken() {
		if b.Since.IsZero() {
			b.Since = a.At
		}
		b.Attempts, b.Status, b.Error = a.Number, a.Status, a.Error
		b.Next = domain.Instant(later(b.Next.Add(pause(b.Attempts, a.answer.retryAfter)), j.calm.until))
		a.Next = b.Next
	}
	return s.tries
}

// taken notes that the receiver is there. If it was down, all that waits is due.
func (j *job) taken() {
	j.place.FailingSince = time.Time{}
	if !j.calm.taken() {
		return
	}
	for _, b := range j.place.blocked {
		b.Next = j.d.config.Now()
	}
}

// save keeps the place and the journal, and gives the webhook up when nothing
// gets through any more. A Redis out of reach costs repeats at most.
func (j *job) save(ctx context.Context, journal []attempt) error {
	j.show()
	state, err := json.Marshal(j.place.progress())
	if err != nil {
		return fmt.Errorf("place of the webhook: %w", err)
	}
	lines := make([]string, len(journal))
	for i, a := range journal {
		line, err := json.Marshal(a.Attempt)
		if err != nil {
			return fmt.Errorf("journal of the webhook: %w", err)
		}
		lines[i] = string(line)
	}
	if err := j.d.config.Store.SaveDeliveries(ctx, j.id, string(state), lines, journalMost); err != nil {
		j.d.config.Logger.WarnContext(ctx, "the place of a webhook was not kept", "webhook", j.id, "error", err)
	}
	return j.giveUp(ctx, journal)
}

// giveUp disables a webhook whose receiver says it is gone, or takes nothing for
// long.
func (j *job) giveUp(ctx context.Context, journal []attempt) error {
	now := j.d.config.Now()
	for _, a := range journal {
		e := webhook.Disabled{WebhookID: j.id, FailingSince: domain.Instant(j.place.FailingSince)}
		switch {
		case a.answer.gone():
			e.Code, e.Message = "gone", "the receiver answered with 410 Gone"
		case !a.answer.taken() && !j.place.FailingSince.IsZero() && now.Sub(j.place.FailingSince) >= j.d.config.GiveUp:
			e.Code, e.Message = "failing", "nothing was taken for "+j.d.config.GiveUp.String()+"; last: "+a.Error
		default:
			continue
		}
		j.d.config.Logger.WarnContext(ctx, "webhook disabled", "webhook", j.id, "code", e.Code)
		if err := j.d.config.Decisions.Disable(ctx, j.id, e); err != nil {
			return fmt.Errorf("disable the webhook: %w", err)
		}
		return errDisabled
	}
	return nil
}

// checkpoint puts the place into the log, if it has moved.
func (j *job) checkpoint(ctx context.Context) {
	if !j.unsaved {
		return
	}
	if err := j.d.config.Decisions.Checkpoint(ctx, j.id, j.place.progress()); err != nil {
		j.d.config.Logger.WarnContext(ctx, "the place of a webhook was not recorded", "webhook", j.id, "error", err)
		return
	}
	j.unsaved = false
}
