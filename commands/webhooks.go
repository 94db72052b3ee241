package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

// Webhooks handles the commands on webhooks.
type Webhooks struct {
	Loop *Loop
	// Secrets makes the secret of a webhook and seals it, or opens one; nil: there
	// is no key.
	Secrets interface {
		Secret(webhookID string) (sealed string, err error)
		Open(webhookID, sealed string) (secret string, err error)
	}
	// Place is the position that a text means.
	Place func(ctx context.Context, text string) (domain.Position, error)
	// Address fails for a URL that nothing would be sent to.
	Address func(url string) error
	// Waiting lists the events of a webhook that wait to be sent again.
	Waiting func(ctx context.Context, webhookID string) ([]webhook.Blocked, error)
	Types   []string // wire types there are
}

// keepSecret is how long the secret before is good for if nobody says.
const keepSecret = 24 * time.Hour

// Create fails with webhook.ErrAddress, ErrNoKey, feed.ErrType or as Place does.
func (h Webhooks) Create(ctx context.Context, env Envelope, c CreateWebhook) (WebhookSecret, error) {
	id := newID(env, webhook.Aggregate.Category, "")
	if c.From == "" {
		c.From = "end"
	}
	if err := h.Address(c.URL); err != nil {
		return WebhookSecret{}, err
	}
	from, err := h.Place(ctx, c.From)
	if err != nil {
		return WebhookSecret{}, err
	}
	return h.revealing(ctx, env, id, func(sealed string) (Result, error) {
		result, err := onNew(ctx, h.Loop, webhook.Aggregate, env, id, c, func(w webhook.Webhook, m moment) ([]webhook.Event, error) {
			return w.Create(webhook.Created{WebhookID: id, Settings: webhook.Settings(c.WebhookSettings), From: from, Secret: sealed, CreatedAt: m.at}, h.Types)
		})
		return existing(result, err, env, webhook.ErrExists, id)
	})
}

// Change fails with webhook.ErrAddress, ErrRemoved or feed.ErrType.
func (h Webhooks) Change(ctx context.Context, env Envelope, c ChangeWebhook) (Result, error) {
	if err := h.Address(c.URL); err != nil {
		return Result{}, err
	}
	return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) {
		return w.Change(webhook.Settings(c.WebhookSettings), h.Types)
	})
}

// Pause fails with webhook.ErrRemoved.
func (h Webhooks) Pause(ctx context.Context, env Envelope, c PauseWebhook) (Result, error) {
	return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) { return w.Pause(c.Reason) })
}

// Resume fails with webhook.ErrRemoved.
func (h Webhooks) Resume(ctx context.Context, env Envelope, c ResumeWebhook) (Result, error) {
	return h.onOne(ctx, env, c.WebhookID, c, webhook.Webhook.Resume)
}

// Remove ends a webhook for good.
func (h Webhooks) Remove(ctx context.Context, env Envelope, c RemoveWebhook) (Result, error) {
	return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) { return w.Remove(c.Reason) })
}

// Replay fails with webhook.ErrRemoved, or as Place does.
func (h Webhooks) Replay(ctx context.Context, env Envelope, c ReplayWebhook) (Result, error) {
	from, err := h.Place(ctx, c.From)
	if err != nil {
		return Result{}, err
	}
	return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) { return w.Replay(from) })
}

// Skip fails with webhook.ErrNotWaiting, ErrSkippedOnce, ErrSkipped or ErrRemoved.
func (h Webhooks) Skip(ctx context.Context, env Envelope, c SkipWebhookEvent) (Result, error) {
	waiting, err := h.Waiting(ctx, c.WebhookID)
	if err != nil {
		return Result{}, err
	}
	return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) { return w.Skip(c.EventID, c.Reason, waiting) })
}

// RotateSecret fails with webhook.ErrNoKey, ErrRemoved or ErrSecrets.
func (h Webhooks) RotateSecret(ctx context.Context, env Envelope, c RotateWebhookSecret) (WebhookSecret, error) {
	keep := keepSecret
	if c.KeepSeconds != nil {
		keep = time.Duration(*c.KeepSeconds) * time.Second
	}
	return h.revealing(ctx, env, c.WebhookID, func(sealed string) (Result, error) {
		return h.onOne(ctx, env, c.WebhookID, c, func(w webhook.Webhook) ([]webhook.Event, error) {
			return w.Rotate(sealed, h.Loop.now(), keep)
		})
	})
}

// revealing makes a secret, keeps it, and tells the one that was kept: that of
// the first time if the command is repeated.
func (h Webhooks) revealing(ctx context.Context, env Envelope, id string, keep func(sealed string) (Result, error)) (WebhookSecret, error) {
	if h.Secrets == nil {
		return WebhookSecret{}, webhook.ErrNoKey
	}
	sealed, err := h.Secrets.Secret(id)
	if err != nil {
		return WebhookSecret{}, fmt.Errorf("make a secret: %w", err)
	}
	result, err := keep(sealed)
	if err != nil {
		return WebhookSecret{}, err
	}
	for rec, err := range h.Loop.store.Read(ctx, result.Stream, 0) {
		if err != nil {
			return WebhookSecret{}, err
		}
		if rec.Meta.CausationID != env.CommandID.String() {
			continue
		}
		switch e := rec.Event.(type) {
		case webhook.Created:
			sealed = e.Secret
		case webhook.SecretRotated:
			sealed = e.Secret
		}
	}
	secret, err := h.Secrets.Open(id, sealed)
	return WebhookSecret{result, secret}, err
}

func (h Webhooks) onOne(ctx context.Context, env Envelope, id string, command any, decide func(webhook.Webhook) ([]webhook.Event, error)) (Result, error) {
	return onOne(ctx, h.Loop, webhook.Aggregate, env, id, command, func(w webhook.Webhook, _ moment) ([]webhook.Event, error) { return decide(w) })
}
