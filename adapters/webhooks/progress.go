package webhooks

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/annals-crm/annals/domain/webhook"
)

// progress is how far a webhook has come, as Redis knows or, if that was
// emptied, as the log does. A replay asked for since makes it begin there.
func (d *Deliverer) progress(ctx context.Context, hook webhook.Webhook) (webhook.Progress, error) {
	at := webhook.Progress{Position: hook.From, Replays: hook.Replays}
	noted, err := d.config.Log.Checkpoint(ctx, hook.ID)
	if err != nil {
		return at, fmt.Errorf("where the webhook was: %w", err)
	}
	if noted != nil && noted.Replays == hook.Replays {
		at = *noted
	}
	text, err := d.config.Store.DeliveryState(ctx, hook.ID)
	if err != nil {
		return at, fmt.Errorf("where the webhook was: %w", err)
	}
	if text == "" {
		return at, nil
	}
	var kept webhook.Progress
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return at, fmt.Errorf("where webhook %s was: %w", hook.ID, err)
	}
	if kept.Replays == hook.Replays && !at.Further(kept) {
		at = kept
	}
	return at, nil
}
