package webhook

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream of a webhook.
//
//sumtype:decl
type Event interface {
	domain.Event
	webhookEvent()
}

// Created subscribes a URL to facts behind a position.
type Created struct {
	WebhookID string `json:"webhook_id"`
	Settings
	From      domain.Position `json:"from"`
	Secret    string          `json:"secret"` // sealed; see adapters/webhooks
	CreatedAt time.Time       `json:"created_at,omitzero"`
}

// Changed tells the settings before and after.
type Changed struct {
	WebhookID string   `json:"webhook_id"`
	From      Settings `json:"from"`
	To        Settings `json:"to"`
}

// SecretRotated exchanges the secret. Messages are signed with the one before,
// too, until a time; without one, it and all before it end at once.
type SecretRotated struct {
	WebhookID     string    `json:"webhook_id"`
	Secret        string    `json:"secret"` // sealed
	PreviousUntil time.Time `json:"previous_until,omitzero"`
}

// Paused stops sending.
type Paused struct {
	WebhookID string `json:"webhook_id"`
	Reason    string `json:"reason,omitempty"`
}

// Resumed goes on from the place that was kept.
type Resumed struct {
	WebhookID string `json:"webhook_id"`
}

// Disabled stops sending since nothing got through any more.
type Disabled struct {
	WebhookID    string    `json:"webhook_id"`
	Code         string    `json:"code"`
	Message      string    `json:"message"`
	FailingSince time.Time `json:"failing_since"`
}

// Removed ends the webhook.
type Removed struct {
	WebhookID string `json:"webhook_id"`
	Reason    string `json:"reason,omitempty"`
}

// ReplayRequested begins again behind a position.
type ReplayRequested struct {
	WebhookID string          `json:"webhook_id"`
	From      domain.Position `json:"from"`
}

// EventSkipped leaves an event out that the receiver did not take.
type EventSkipped struct {
	WebhookID string `json:"webhook_id"`
	EventID   string `json:"event_id"`
	Stream    string `json:"stream"`
	Revision  uint64 `json:"revision"`
	Type      string `json:"type"`
	Reason    string `json:"reason"`
	Attempts  int    `json:"attempts"`          // how often it was sent
	Failure   string `json:"failure,omitempty"` // why it was not taken
}

// EventType is the wire name.
func (Created) EventType() string         { return "webhook.created.v1" }
func (Changed) EventType() string         { return "webhook.changed.v1" }
func (SecretRotated) EventType() string   { return "webhook.secret_rotated.v1" }
func (Paused) EventType() string          { return "webhook.paused.v1" }
func (Resumed) EventType() string         { return "webhook.resumed.v1" }
func (Disabled) EventType() string        { return "webhook.disabled.v1" }
func (Removed) EventType() string         { return "webhook.removed.v1" }
func (ReplayRequested) EventType() string { return "webhook.replay_requested.v1" }
func (EventSkipped) EventType() string    { return "webhook.event_skipped.v1" }

func (Created) webhookEvent()         {}
func (Changed) webhookEvent()         {}
func (SecretRotated) webhookEvent()   {}
func (Paused) webhookEvent()          {}
func (Resumed) webhookEvent()         {}
func (Disabled) webhookEvent()        {}
func (Removed) webhookEvent()         {}
func (ReplayRequested) webhookEvent() {}
func (EventSkipped) webhookEvent()    {}

// Types lists every wire type found in the streams of webhooks.
var Types = []domain.Type{
	domain.Current[Created](), domain.Current[Changed](), domain.Current[SecretRotated](), domain.Current[Paused](),
	domain.Current[Resumed](), domain.Current[Disabled](), domain.Current[Removed](), domain.Current[ReplayRequested](),
	domain.Current[EventSkipped](), domain.Current[Checkpointed](),
}
