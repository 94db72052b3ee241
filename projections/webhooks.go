package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

// WebhookModel holds one document per webhook, without its secrets.
var WebhookModel = Declare("webhooks", 2, (*Webhook).facts,
	On(func(w *Webhook, r domain.Recorded, e webhook.Created) {
		w.settings(e.Settings)
		w.CreatedAt, w.CreatedBy, w.Begun = r.OccurredAt(), r.Meta.Actor.ID, e.From
		w.is(r, webhook.Active, "", "")
	}),
	On(func(w *Webhook, _ domain.Recorded, e webhook.Changed) { w.settings(e.To) }),
	On(func(w *Webhook, r domain.Recorded, e webhook.SecretRotated) {
		w.SecretRotatedAt = r.OccurredAt()
		if e.PreviousUntil.IsZero() || e.PreviousUntil.After(w.FormerSecretUntil) {
			w.FormerSecretUntil = e.PreviousUntil
		}
	}),
	On(func(w *Webhook, r domain.Recorded, e webhook.Paused) {
		w.is(r, webhook.StatusPaused, "paused", e.Reason)
	}),
	On(func(w *Webhook, r domain.Recorded, _ webhook.Resumed) { w.is(r, webhook.Active, "", "") }),
	On(func(w *Webhook, r domain.Recorded, e webhook.Disabled) {
		w.is(r, webhook.StatusDisabled, e.Code, e.Message)
	}),
	On(func(w *Webhook, r domain.Recorded, e webhook.Removed) {
		w.is(r, webhook.StatusRemoved, "removed", e.Reason)
	}),
	On(func(w *Webhook, _ domain.Recorded, e webhook.ReplayRequested) { w.Begun = e.From }),
	On(func(w *Webhook, r domain.Recorded, e webhook.EventSkipped) {
		w.SkippedCount++
		w.Skipped = append(w.Skipped, SkippedEvent{e.EventID, e.Type, e.Stream, e.Failure, e.Reason, r.Meta.Actor.ID, r.OccurredAt()})
		w.Skipped = w.Skipped[max(len(w.Skipped)-skippedShown, 0):]
	}),
)

// skippedShown is how many of the events that are left out a webhook tells of.
const skippedShown = 20

// Webhook is a webhook as readers see it.
type Webhook struct {
	Head
	URL               string          `json:"url" doc:"Where facts are sent" example:"https://hooks.example.com/annals"`
	Description       string          `json:"description,omitempty" doc:"What it is for" example:"accounting"`
	Types             []string        `json:"types,omitempty" doc:"Only these types; all if there are none" example:"[\"deal.\"]"`
	Masked            bool            `json:"masked,omitempty" doc:"Whether phone numbers and mail addresses are sent masked" example:"false"`
	Status            string          `json:"status" enum:"active,paused,disabled,removed" doc:"Whether facts are sent: paused by somebody, or disabled since nothing got through"`
	StatusSince       time.Time       `json:"status_since" doc:"Since when that is so"`
	Code              string          `json:"code,omitempty" doc:"Why none are sent: paused, removed, gone (the receiver wants no more) or failing (nothing was taken for days)" example:"failing"`
	Reason            string          `json:"reason,omitempty" doc:"Why none are sent, for people" example:"nothing was taken for 120h0m0s; last: answered with 500 Internal Server Error"`
	CreatedAt         time.Time       `json:"created_at" doc:"When it was created"`
	CreatedBy         string          `json:"created_by" doc:"Who created it" example:"ann"`
	SecretRotatedAt   time.Time       `json:"secret_rotated_at,omitzero" doc:"When its secret was exchanged last"`
	FormerSecretUntil time.Time       `json:"former_secret_until,omitzero" doc:"Until then messages are signed with a secret before it as well"`
	Begun             domain.Position `json:"begun" doc:"Where it was told to begin last" example:"8312/8312"`
	SkippedCount      int             `json:"skipped_count,omitempty" doc:"Events that are left out for good" example:"1"`
	Skipped           []SkippedEvent  `json:"skipped,omitempty" doc:"The last 20 of them"`
}

// SkippedEvent is an event that a webhook leaves out.
type SkippedEvent struct {
	EventID   string    `json:"event_id" doc:"Id of the event" example:"7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22"`
	Type      string    `json:"type" doc:"Its type" example:"deal.won.v1"`
	Stream    string    `json:"stream" doc:"Whom it happened to" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Failure   string    `json:"failure,omitempty" doc:"Why it was not taken" example:"answered with 422 Unprocessable Entity"`
	Reason    string    `json:"reason" doc:"Why it is left out" example:"entered there by hand"`
	SkippedBy string    `json:"skipped_by" doc:"Who decided that" example:"ann"`
	SkippedAt time.Time `json:"skipped_at" doc:"When"`
}

func (w *Webhook) settings(s webhook.Settings) {
	w.URL, w.Description, w.Types, w.Masked = s.URL, s.Description, s.Types, s.Masked
}

func (w *Webhook) is(r domain.Recorded, status, code, reason string) {
	if w.Status != status {
		w.StatusSince = r.OccurredAt()
	}
	w.Status, w.Code, w.Reason = status, code, reason
}

const (
	webhooksAll     = "all"
	webhooksRemoved = "removed"
)

func (w *Webhook) facts(f *Facts) {
	switch w.Status {
	case "":
	case webhook.StatusRemoved:
		f.Index(webhooksRemoved, SortTime(w.CreatedAt))
	default:
		f.Index(webhooksAll, SortTime(w.CreatedAt))
	}
}

// Webhooks answers queries about webhooks.
type Webhooks struct{ Views Views }

// WebhookFilter asks for a page of webhooks.
type WebhookFilter struct {
	Paging
	Removed bool `query:"removed" doc:"Those that were removed, instead of those that were not" example:"false"`
}

// List returns a page of webhooks, newest first. It fails with ErrCursor.
func (q Webhooks) List(ctx context.Context, f WebhookFilter) (List, error) {
	l := listing{model: WebhookModel, index: webhooksAll, newest: true, filter: f.Removed}
	if f.Removed {
		l.index = webhooksRemoved
	}
	return list(ctx, q.Views, l, f.Paging)
}

// Get returns one webhook. It fails with webhook.ErrNotFound.
func (q Webhooks) Get(ctx context.Context, id string) (Webhook, error) {
	var w Webhook
	text, err := q.Views.Document(ctx, WebhookModel, id)
	switch {
	case err != nil:
		return w, err
	case text == nil:
		return w, webhook.ErrNotFound
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return w, fmt.Errorf("webhook %s: %w", id, err)
	}
	return w, nil
}

// All lists the webhooks that were not removed, the oldest first.
func (q Webhooks) All(ctx context.Context) ([]Webhook, error) {
	const atOnce = 500
	var all []Webhook
	for after := ""; ; {
		scanned, err := q.Views.Scan(ctx, WebhookModel, Scan{Index: webhooksAll, After: after, Limit: atOnce})
		if err != nil {
			return nil, err
		}
		for _, text := range scanned.Documents {
			var w Webhook
			if text == nil {
				continue
			}
			if err := json.Unmarshal(text, &w); err != nil {
				return nil, fmt.Errorf("webhooks: %w", err)
			}
			all = append(all, w)
		}
		if len(scanned.Members) < atOnce {
			return all, nil
		}
		after = scanned.Members[len(scanned.Members)-1]
	}
}
