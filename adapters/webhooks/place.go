package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain/webhook"
)

// place is where a webhook is.
type place struct {
	webhook.Progress // but for Blocked, which is below
	blocked          map[string]*blocked
}

// blocked is a stream whose facts wait.
type blocked struct {
	webhook.Blocked
	trying bool // right now
	more   bool // facts have come since it was begun to be tried
}

func newPlace(p webhook.Progress) place {
	at := place{Progress: p, blocked: map[string]*blocked{}}
	for _, b := range p.Blocked {
		at.blocked[b.Stream] = &blocked{Blocked: b}
	}
	at.Blocked = nil
	return at
}

// progress is the place as it is kept.
func (p place) progress() webhook.Progress {
	kept := p.Progress
	for _, b := range p.blocked {
		kept.Blocked = append(kept.Blocked, b.Blocked)
	}
	slices.SortFunc(kept.Blocked, func(a, b webhook.Blocked) int { return strings.Compare(a.Stream, b.Stream) })
	return kept
}

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
