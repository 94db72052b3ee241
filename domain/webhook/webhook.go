// Package webhook keeps who is told of facts by HTTP: where to, of which facts,
// and from where in the log. It decides what a webhook may be; sending is not
// done here. Secrets are in it only as they were sealed.
package webhook

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
)

// Reasons a command on a webhook is refused.
var (
	ErrNotFound    = &domain.Error{Kind: domain.Missing, Code: "webhook_not_found", Message: "no webhook has this id"}
	ErrExists      = &domain.Error{Kind: domain.Conflict, Code: "webhook_exists", Message: "this webhook was created already"}
	ErrRemoved     = &domain.Error{Kind: domain.Refused, Code: "webhook_removed", Message: "the webhook was removed; create another one"}
	ErrAddress     = &domain.Error{Kind: domain.Invalid, Code: "webhook_address", Message: "webhooks are sent to https URLs of public hosts, without user name and fragment", Field: "url"}
	ErrNoKey       = &domain.Error{Kind: domain.Refused, Code: "webhooks_without_key", Message: "the server has no key to keep secrets with; start it with --webhook-key"}
	ErrNotWaiting  = &domain.Error{Kind: domain.Missing, Code: "event_not_waiting", Message: "no event with this id waits to be sent again; see what waits at the webhook", Field: "event_id"}
	ErrSecrets     = &domain.Error{Kind: domain.Refused, Code: "too_many_secrets", Message: "as many secrets as can be sign already; wait for one to end, or rotate with keep_seconds 0, which ends all before", Field: "keep_seconds"}
	ErrSkippedOnce = &domain.Error{Kind: domain.Refused, Code: "event_skipped_already", Message: "this event was left out already; the webhook tells why, and who did so", Field: "event_id"}
	ErrSkipped     = &domain.Error{Kind: domain.Refused, Code: "too_many_skipped", Message: "as many events as can be were left out for this webhook; create another one that begins where it is"}
)

// What the status of a webhook can be.
const (
	Active         = "active"
	StatusPaused   = "paused"   // by somebody
	StatusDisabled = "disabled" // by itself, after failing for long
	StatusRemoved  = "removed"
)

const (
	// mostSkipped bounds the events that are left out for one webhook.
	mostSkipped = 1000
	// mostFormer bounds the secrets before the present one that sign as well.
	mostFormer = 4
)

// Webhook is where facts are sent.
type Webhook struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"` // it was paused or removed for
	Settings
	Since   time.Time       `json:"since,omitzero"`    // when it was created
	From    domain.Position `json:"from"`              // where it was last told to begin
	Replays int             `json:"replays"`           // how often it was told to begin again
	Secret  string          `json:"secret"`            // sealed
	Former  []Former        `json:"former,omitempty"`  // the latest first
	Skipped []string        `json:"skipped,omitempty"` // ids of events that are not sent
}

// Former is a secret that was exchanged. Messages are signed with it as well,
// until a time.
type Former struct {
	Secret string    `json:"secret"` // sealed
	Until  time.Time `json:"until"`
}

// Settings is what can be changed of a webhook.
type Settings struct {
	URL         string   `json:"url"`
	Description string   `json:"description,omitempty"`
	Types       []string `json:"types,omitempty"`  // as in feed.Filter; all if empty
	Masked      bool     `json:"masked,omitempty"` // phone numbers and mail addresses are not sent whole
}

// Aggregate says where webhooks are kept.
var Aggregate = domain.Aggregate[Webhook, Event]{
	Category: "webhook", Evolve: Evolve, Snapshot: 4, NotFound: ErrNotFound,
	Began: func(w Webhook) time.Time { return w.Since },
}

// Evolve is the webhook after e.
func Evolve(w Webhook, e Event) Webhook {
	switch e := e.(type) {
	case Created:
		w = Webhook{ID: e.WebhookID, Status: Active, Settings: e.Settings, From: e.From, Secret: e.Secret, Since: e.CreatedAt}
	case Changed:
		w.Settings = e.To
	case SecretRotated:
		w.Former, w.Secret = w.former(e.PreviousUntil), e.Secret
	case Paused:
		w.Status, w.Reason = StatusPaused, e.Reason
	case Resumed:
		w.Status, w.Reason = Active, ""
	case Disabled:
		w.Status, w.Reason = StatusDisabled, ""
	case Removed:
		w.Status, w.Reason = StatusRemoved, e.Reason
	case ReplayRequested:
		w.From, w.Replays = e.From, w.Replays+1
	case EventSkipped:
		w.Skipped = append(slices.Clip(w.Skipped), e.EventID)
	}
	return w
}

// former are the secrets before the next one, if the present one signs until a
// time; none if it does not. Of too many, the one that ends first has ended.
func (w Webhook) former(until time.Time) []Former {
	if until.IsZero() {
		return nil
	}
	all := append([]Former{{w.Secret, until}}, w.Former...)
	if len(all) > mostFormer {
		ended := slices.MinFunc(all, func(a, b Former) int { return a.Until.Compare(b.Until) })
		all = slices.DeleteFunc(all, func(f Former) bool { return f == ended })
	}
	return all
}

// Secrets are those that a message of now is signed with, sealed; the present one
// first.
func (w Webhook) Secrets(now time.Time) []string {
	all := []string{w.Secret}
	for _, f := range w.Former {
		if now.Before(f.Until) {
			all = append(all, f.Secret)
		}
	}
	return all
}

// Wants tells whether a fact is sent.
func (w Webhook) Wants(f feed.Fact) bool {
	return w.Filter().Fits(f) && !slices.Contains(w.Skipped, f.ID)
}

// Filter is which facts are asked for.
func (s Settings) Filter() feed.Filter { return feed.Filter{Types: s.Types} }
