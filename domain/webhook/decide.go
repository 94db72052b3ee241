package webhook

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// check notes what is wrong with settings, and orders them.
func (s *Settings) check(known []string) error {
	var c input.Checker
	c.RequiredName("url", &s.URL)
	c.Text("description", &s.Description)
	if err := c.Err(); err != nil {
		return err
	}
	s.Types = slices.Compact(slices.Sorted(slices.Values(s.Types)))
	return s.Filter().Check(known)
}

// there fails unless the webhook is there and was not removed.
func (w Webhook) there() error {
	switch w.Status {
	case "":
		return ErrNotFound
	case StatusRemoved:
		return ErrRemoved
	}
	return nil
}

// Create begins to send facts. Known are the wire types there are. It fails
// with ErrExists, feed.ErrType or input.ErrInvalid.
func (w Webhook) Create(in Created, known []string) ([]Event, error) {
	if w.ID != "" {
		return nil, ErrExists
	}
	if err := in.check(known); err != nil {
		return nil, err
	}
	return []Event{in}, nil
}

// Change records other settings, from now on. It fails as Create, with
// ErrNotFound and ErrRemoved.
func (w Webhook) Change(to Settings, known []string) ([]Event, error) {
	if err := w.there(); err != nil {
		return nil, err
	}
	if err := to.check(known); err != nil {
		return nil, err
	}
	if to.URL == w.URL && to.Description == w.Description && to.Masked == w.Masked && slices.Equal(to.Types, w.Types) {
		return nil, nil
	}
	return []Event{Changed{WebhookID: w.ID, From: w.Settings, To: to}}, nil
}

// Rotate exchanges the secret. The one before signs for as long as it is kept, and
// so do those before that for theirs; not kept, it ends with all of them. It fails
// with ErrNotFound, ErrRemoved or ErrSecrets.
func (w Webhook) Rotate(sealed string, now time.Time, keep time.Duration) ([]Event, error) {
	if err := w.there(); err != nil {
		return nil, err
	}
	e := SecretRotated{WebhookID: w.ID, Secret: sealed}
	if keep > 0 {
		e.PreviousUntil = domain.Instant(now.Add(keep))
		if len(w.Secrets(now)) > mostFormer {
			return nil, ErrSecrets.Because("%d secrets sign already, as many as can; rotate again after %s, or with keep_seconds 0, which ends all before",
				mostFormer+1, w.ends(now).UTC().Format(time.RFC3339))
		}
	}
	return []Event{e}, nil
}

// ends is when the first of the former secrets that still sign ends.
func (w Webhook) ends(now time.Time) (first time.Time) {
	for _, f := range w.Former {
		if now.Before(f.Until) && (first.IsZero() || f.Until.Before(first)) {
			first = f.Until
		}
	}
	return first
}

// so tells whether the webhook has a status already, for no other reason.
func (w Webhook) so(status, reason string) bool {
	return w.Status == status && (reason == "" || reason == w.Reason)
}

// Pause stops sending; the place is kept. A paused one can be given another reason.
// It fails with ErrNotFound or ErrRemoved.
func (w Webhook) Pause(reason string) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := w.there(); err != nil || w.so(StatusPaused, reason) {
		return nil, err
	}
	return []Event{Paused{WebhookID: w.ID, Reason: reason}}, nil
}

// Resume goes on from the place that was kept; what failed is tried at once. It
// fails with ErrNotFound or ErrRemoved.
func (w Webhook) Resume() ([]Event, error) {
	if err := w.there(); err != nil || w.Status == Active {
		return nil, err
	}
	return []Event{Resumed{WebhookID: w.ID}}, nil
}

// Disable records that it is given up for now. Only an active one can be.
func (w Webhook) Disable(e Disabled) ([]Event, error) {
	if w.Status != Active {
		return nil, nil
	}
	e.WebhookID = w.ID
	return []Event{e}, nil
}

// Remove ends it for good. A removed one can be given another reason. It fails with
// ErrNotFound.
func (w Webhook) Remove(reason string) ([]Event, error) {
	var c input.Checker
	c.Text("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	switch {
	case w.Status == "":
		return nil, ErrNotFound
	case w.so(StatusRemoved, reason):
		return nil, nil
	}
	return []Event{Removed{WebhookID: w.ID, Reason: reason}}, nil
}

// Replay begins again behind a position. It fails with ErrNotFound or ErrRemoved.
func (w Webhook) Replay(from domain.Position) ([]Event, error) {
	if err := w.there(); err != nil {
		return nil, err
	}
	return []Event{ReplayRequested{WebhookID: w.ID, From: from}}, nil
}

// Skip leaves an event out for good, out of those that wait, so that the later
// ones of its stream are sent. It fails with ErrNotFound, ErrRemoved,
// ErrNotWaiting, ErrSkippedOnce, ErrSkipped or input.ErrInvalid.
func (w Webhook) Skip(eventID, reason string, waiting []Blocked) ([]Event, error) {
	var c input.Checker
	c.RequiredText("reason", &reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := w.there(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(waiting, func(b Blocked) bool { return b.EventID == eventID })
	switch {
	case slices.Contains(w.Skipped, eventID):
		return nil, ErrSkippedOnce
	case i < 0:
		return nil, ErrNotWaiting
	case len(w.Skipped) >= mostSkipped:
		return nil, ErrSkipped
	}
	b := waiting[i]
	return []Event{EventSkipped{
		WebhookID: w.ID, EventID: b.EventID, Stream: b.Stream, Revision: b.Revision, Type: b.Type, Reason: reason, Attempts: b.Attempts, Failure: b.Error,
	}}, nil
}
