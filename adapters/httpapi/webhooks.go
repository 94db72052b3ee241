package httpapi

import (
	"context"
	"slices"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

// WebhooksUnderWay tells of webhooks what no read model tells. Its methods fail
// with webhook.ErrNotFound, and Test with webhook.ErrNoKey and ErrRemoved.
type WebhooksUnderWay interface {
	Progress(ctx context.Context, id string) (webhook.Progress, error)
	// WorkedOn tells whether a process sends what it asks for.
	WorkedOn(ctx context.Context, id string) (bool, error)
	// Attempts are the last ones, the latest first.
	Attempts(ctx context.Context, id string) ([]webhook.Attempt, error)
	Test(ctx context.Context, id string) (webhook.Attempt, error)
}

// onWebhooks are the commands on webhooks. Whoever creates one sends facts out of
// the house, so only administrators may.
func (c *Commands) onWebhooks() []route {
	var (
		admins  = roles(access.Admin)
		gone    = errs(webhook.ErrNotFound, webhook.ErrRemoved)
		address = errs(webhook.ErrAddress, feed.ErrType)
		place   = errs(errNoSuchPlace, domain.ErrBadPosition)
		secret  = func(s commands.WebhookSecret) commands.Result { return s.Result }
	)
	return []route{
		telling("create-webhook", "Send facts to a URL, from a place in the log on", admins, c.Webhooks.Create, secret,
			slices.Concat(address, place, errs(webhook.ErrNoKey, webhook.ErrExists))...).creating("webhooks"),
		command("change-webhook", "Change where facts are sent, or which", admins, c.Webhooks.Change, slices.Concat(gone, address)...),
		command("pause-webhook", "Stop sending for now; the place is kept", admins, c.Webhooks.Pause, gone...),
		command("resume-webhook", "Go on sending, from the place that was kept", admins, c.Webhooks.Resume, gone...),
		command("remove-webhook", "Stop sending for good", admins, c.Webhooks.Remove, webhook.ErrNotFound),
		telling("rotate-webhook-secret", "Exchange the secret; those before stay good for a while", admins, c.Webhooks.RotateSecret, secret,
			append(gone, webhook.ErrNoKey, webhook.ErrSecrets)...),
		command("replay-webhook", "Send again what was recorded behind a position, and go on from there", admins, c.Webhooks.Replay, slices.Concat(gone, place)...),
		command("skip-webhook-event", "Leave out an event that a receiver does not take, so that the later ones of its stream are sent", admins, c.Webhooks.Skip,
			append(gone, webhook.ErrNotWaiting, webhook.ErrSkippedOnce, webhook.ErrSkipped)...),
		operation("test-webhook", "Send a message that is no fact, once, and tell what came of it", admins,
			func(ctx context.Context, _ string, ref commands.WebhookRef) (webhook.Attempt, error) {
				return c.WebhookTests.Test(ctx, ref.WebhookID)
			}, append(gone, webhook.ErrNoKey)...),
	}
}
