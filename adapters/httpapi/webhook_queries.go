package httpapi

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// WebhookPath names a webhook in a path.
type WebhookPath struct {
	ID string `path:"id" format:"uuid" doc:"Id of the webhook" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// WebhookStanding is a webhook, and how it is doing.
type WebhookStanding struct {
	projections.Webhook
	Position     domain.Position   `json:"position" doc:"Every fact up to here was taken, but for those that wait" example:"8312/8312"`
	WorkedOn     bool              `json:"worked_on" doc:"Whether a process sends it. An active one waits otherwise: for a process with the role projector and the webhook key, started without --send-webhooks=false" example:"true"`
	FailingSince *time.Time        `json:"failing_since,omitempty" doc:"Since when nothing is taken at all; not there if the last attempt was"`
	Waiting      []webhook.Blocked `json:"waiting" doc:"Facts that are to be sent, and those that were not taken, each with the time of its next attempt; later ones of their streams wait behind them" nullable:"false"`
}

// WebhookDeliveryFilter asks for what was sent to a webhook.
type WebhookDeliveryFilter struct {
	WebhookPath
	Outcome string `query:"outcome" enum:"taken,failed" doc:"Only attempts that came out so"`
	EventID string `query:"event_id" maxLength:"100" doc:"Only attempts to send this event" example:"7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22"`
	Limit   int    `query:"limit" doc:"Most attempts to return" default:"50" minimum:"1" maximum:"1000"`
}

// WebhookDeliveries is what was sent to a webhook.
type WebhookDeliveries struct {
	Items []webhook.Attempt `json:"items" doc:"The latest attempts first; the last thousand of a webhook are kept" nullable:"false"`
}

// onWebhooks are the queries about webhooks.
func (q *Queries) onWebhooks() []route {
	watchers, hooks := roles(access.Auditor), projections.Webhooks{Views: q.Views}
	return []route{
		list[projections.Webhook]("webhooks", "list-webhooks", "List webhooks, newest first", watchers, projections.WebhookModel, hooks.List),
		figures("webhooks/{id}", "get-webhook", "Read a webhook, where it is in the log and what waits", watchers,
			func(ctx context.Context, in WebhookPath) (WebhookStanding, error) {
				hook, err := hooks.Get(ctx, in.ID)
				if err != nil {
					return WebhookStanding{}, err
				}
				return q.standing(ctx, hook)
			}, projections.WebhookModel).failing(webhook.ErrNotFound),
		figures("webhooks/{id}/deliveries", "list-webhook-deliveries", "Read what was sent to a webhook, and what came of it", watchers,
			q.deliveries).failing(webhook.ErrNotFound),
	}
}

func (q *Queries) standing(ctx context.Context, hook projections.Webhook) (WebhookStanding, error) {
	at, err := q.Webhooks.Progress(ctx, hook.ID)
	if err != nil {
		return WebhookStanding{}, err
	}
	s := WebhookStanding{Webhook: hook, Position: at.Position, Waiting: at.Blocked}
	if s.Waiting == nil {
		s.Waiting = []webhook.Blocked{}
	}
	if !at.FailingSince.IsZero() {
		s.FailingSince = &at.FailingSince
	}
	s.WorkedOn, err = q.Webhooks.WorkedOn(ctx, hook.ID)
	return s, err
}

func (q *Queries) deliveries(ctx context.Context, f WebhookDeliveryFilter) (WebhookDeliveries, error) {
	all, err := q.Webhooks.Attempts(ctx, f.ID)
	found := WebhookDeliveries{Items: []webhook.Attempt{}}
	for _, a := range all {
		fits := (f.Outcome == "" || a.Taken == (f.Outcome == "taken")) && (f.EventID == "" || f.EventID == a.EventID)
		if fits && len(found.Items) < f.Limit {
			found.Items = append(found.Items, a)
		}
	}
	return found, err
}
