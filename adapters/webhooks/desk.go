package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

// Desk tells how webhooks are doing, whichever process works on them, and sends
// a test.
type Desk struct {
	deliverer *Deliverer
}

// Desk answers from the same parts as d.
func (d *Deliverer) Desk() Desk { return Desk{d} }

// Progress is how far a webhook has come. It fails with webhook.ErrNotFound.
func (k Desk) Progress(ctx context.Context, id string) (webhook.Progress, error) {
	hook, _, err := k.deliverer.config.Decisions.Find(ctx, id)
	if err != nil {
		return webhook.Progress{}, err //nolint:wrapcheck // says it best
	}
	at, err := k.deliverer.progress(ctx, hook)
	if hook.Status == webhook.StatusRemoved {
		at.Blocked = nil // they wait no more
	}
	if hook.Status != webhook.Active {
		for i := range at.Blocked {
			at.Blocked[i].Next = time.Time{} // nobody knows
		}
	}
	return at, err
}

// WorkedOn tells whether a process sends what a webhook asks for.
func (k Desk) WorkedOn(ctx context.Context, id string) (bool, error) {
	return k.deliverer.config.Store.Leased(ctx, lease(id)) //nolint:wrapcheck // says it best
}

// Attempts are the last ones of a webhook, the latest first. It fails with
// webhook.ErrNotFound.
func (k Desk) Attempts(ctx context.Context, id string) ([]webhook.Attempt, error) {
	hook, _, err := k.deliverer.config.Decisions.Find(ctx, id)
	if err != nil {
		return nil, err //nolint:wrapcheck // says it best
	}
	if hook.Status == webhook.StatusRemoved { // nobody may have been there to delete them
		return []webhook.Attempt{}, nil
	}
	lines, err := k.deliverer.config.Store.DeliveryJournal(ctx, id, journalMost)
	if err != nil {
		return nil, err //nolint:wrapcheck // says it best
	}
	all := make([]webhook.Attempt, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &all[i]); err != nil {
			return nil, fmt.Errorf("journal of webhook %s: %w", id, err)
		}
	}
	return all, nil
}

// Waiting lists the events of a webhook that wait to be sent again. It fails with
// webhook.ErrNotFound.
func (k Desk) Waiting(ctx context.Context, id string) ([]webhook.Blocked, error) {
	at, err := k.Progress(ctx, id)
	return at.Blocked, err
}

// open is a webhook with the secrets that messages are signed with now.
func (k Desk) open(ctx context.Context, id string) (webhook.Webhook, []string, error) {
	hook, _, err := k.deliverer.config.Decisions.Find(ctx, id)
	if err != nil {
		return hook, nil, err //nolint:wrapcheck // says it best
	}
	if k.deliverer.config.Key == nil {
		return hook, nil, webhook.ErrNoKey
	}
	var secrets []string
	for i, sealed := range hook.Secrets(k.deliverer.config.Now()) {
		secret, err := k.deliverer.config.Key.Open(id, sealed)
		switch {
		case err == nil:
			secrets = append(secrets, secret)
		case i == 0:
			return hook, nil, webhook.ErrNoKey.Because("%s", err.Error())
		}
	}
	return hook, secrets, nil
}

// TestType is the type of a message that is only a test.
const TestType = "webhook.test"

// Test sends a message that is no fact, once, and tells what came of it. It
// fails with webhook.ErrNotFound, ErrRemoved or ErrNoKey.
func (k Desk) Test(ctx context.Context, id string) (webhook.Attempt, error) {
	hook, secrets, err := k.open(ctx, id)
	if err != nil {
		return webhook.Attempt{}, err
	}
	if hook.Status == webhook.StatusRemoved {
		return webhook.Attempt{}, webhook.ErrRemoved
	}
	now := domain.Instant(k.deliverer.config.Now())
	m := message{url: hook.URL, id: uuid.NewString(), secrets: secrets}
	m.body, err = json.Marshal(map[string]any{"id": m.id, "type": TestType, "timestamp": now, "data": map[string]string{"webhook_id": id}})
	if err != nil {
		return webhook.Attempt{}, fmt.Errorf("test of webhook %s: %w", id, err)
	}
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	a := k.deliverer.sender.send(ctx, m)
	return webhook.Attempt{
		EventID: m.id, Type: TestType, Number: 1, At: now, Seconds: a.took.Seconds(), Taken: a.taken(), Status: a.status, Error: a.reason,
	}, nil
}

// testTimeout leaves the caller time to hear of it.
const testTimeout = 8 * time.Second
