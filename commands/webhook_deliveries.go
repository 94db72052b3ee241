package commands

import (
	"context"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/webhook"
)

// Disable records that nothing gets through to a webhook any more. One that is
// not active stays as it is.
func (h Webhooks) Disable(ctx context.Context, id string, e webhook.Disabled) error {
	env := fresh("disable-webhook")
	_, err := h.onOne(ctx, env, id, e, func(w webhook.Webhook) ([]webhook.Event, error) { return w.Disable(e) })
	return err
}

// Checkpoint records how far a webhook has come.
func (h Webhooks) Checkpoint(ctx context.Context, id string, p webhook.Progress) error {
	e := webhook.Checkpointed{WebhookID: id, Progress: p}
	_, err := onNew(ctx, h.Loop, webhook.ProgressAggregate, fresh("checkpoint-webhook"), id, e, func(p webhook.Progress, _ moment) ([]webhook.ProgressEvent, error) {
		return p.Checkpoint(e)
	})
	return err
}

// Find is a webhook as the log has it, and the last event it is made of. It
// fails with webhook.ErrNotFound.
func (h Webhooks) Find(ctx context.Context, id string) (w webhook.Webhook, last domain.Recorded, err error) {
	for rec, err := range h.Loop.store.Read(ctx, webhook.Aggregate.Stream(id), 0) {
		if err != nil {
			return w, last, err
		}
		if e, ok := rec.Event.(webhook.Event); ok {
			w, last = webhook.Evolve(w, e), rec
		}
	}
	if w.ID == "" {
		return w, last, webhook.ErrNotFound
	}
	return w, last, nil
}

// fresh is the envelope of what the program does by itself, whenever it does.
func fresh(command string) Envelope {
	return Envelope{
		Command: command, CommandID: uuid.New(), Fresh: true,
		Actor: domain.Actor{ID: access.System, Role: access.System},
	}
}
