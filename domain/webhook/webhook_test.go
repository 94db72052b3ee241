package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/webhook"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, webhook.Types) }

type (
	events = []webhook.Event
	cases  = []domaintest.Case[webhook.Webhook, webhook.Event]
)

var (
	at       = time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	from     = domain.Position{Commit: 7, Prepare: 7}
	known    = []string{"deal.won.v1", "ticket.opened.v1", "access.token_issued.v1"}
	settings = webhook.Settings{URL: "https://hooks.example.com/annals", Types: []string{"deal."}}
	created  = webhook.Created{WebhookID: "w", Settings: settings, From: from, Secret: "sealed"}
	paused   = webhook.Paused{WebhookID: "w", Reason: "maintenance"}
	disabled = webhook.Disabled{WebhookID: "w", Code: "gone", Message: "the receiver answered with 410 Gone", FailingSince: at}
	removed  = webhook.Removed{WebhookID: "w", Reason: "replaced"}
	skipped  = webhook.EventSkipped{WebhookID: "w", EventID: "e", Stream: "deal-d", Revision: 3, Type: "deal.won.v1", Reason: "no such account there", Attempts: 9, Failure: "answered with 422"}
	waiting  = []webhook.Blocked{{Stream: "deal-d", Revision: 3, EventID: "e", Type: "deal.won.v1", Attempts: 9, Error: "answered with 422"}}
)

func TestCreate(t *testing.T) {
	create := func(change func(*webhook.Created)) func(webhook.Webhook) (events, error) {
		return func(w webhook.Webhook) (events, error) {
			in := created
			change(&in)
			return w.Create(in, known)
		}
	}
	as := func(*webhook.Created) {}
	ordered := created
	ordered.Types = []string{"deal.", "ticket.opened"}
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "as it was sent", When: create(as), Then: events{created}},
		{Name: "types once and in order", When: create(func(c *webhook.Created) { c.Types = []string{"ticket.opened", "deal.", "deal."} }), Then: events{ordered}},
		{Name: "twice", Given: events{created}, When: create(as), Err: webhook.ErrExists},
		{Name: "without a URL", When: create(func(c *webhook.Created) { c.URL = " " }), Err: input.ErrInvalid.In("url")},
		{Name: "types that there are not", When: create(func(c *webhook.Created) { c.Types = []string{"invoice."} }), Err: feed.ErrType},
		{Name: "types that are no part of the feed", When: create(func(c *webhook.Created) { c.Types = []string{"access."} }), Err: feed.ErrType},
		{Name: "a description without end", When: create(func(c *webhook.Created) { c.Description = strings.Repeat("x", 10_001) }), Err: input.ErrInvalid.In("description")},
	})
}

func TestChange(t *testing.T) {
	change := func(to webhook.Settings) func(webhook.Webhook) (events, error) {
		return func(w webhook.Webhook) (events, error) { return w.Change(to, known) }
	}
	to := webhook.Settings{URL: settings.URL, Description: "accounting", Masked: true}
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "from and to", Given: events{created}, When: change(to), Then: events{webhook.Changed{WebhookID: "w", From: settings, To: to}}},
		{Name: "to the same", Given: events{created}, When: change(settings)},
		{Name: "only the mask", Given: events{created}, When: change(webhook.Settings{URL: settings.URL, Types: settings.Types, Masked: true}), Then: events{
			webhook.Changed{WebhookID: "w", From: settings, To: webhook.Settings{URL: settings.URL, Types: settings.Types, Masked: true}},
		}},
		{Name: "without a URL", Given: events{created}, When: change(webhook.Settings{}), Err: input.ErrInvalid.In("url")},
		{Name: "from nowhere", When: change(to), Err: webhook.ErrNotFound},
		{Name: "removed", Given: events{created, removed}, When: change(to), Err: webhook.ErrRemoved},
	})
}

func TestWhetherItIsSent(t *testing.T) {
	pause := func(w webhook.Webhook) (events, error) { return w.Pause(paused.Reason) }
	disable := func(w webhook.Webhook) (events, error) { return w.Disable(disabled) }
	remove := func(w webhook.Webhook) (events, error) { return w.Remove(removed.Reason) }
	resumed := webhook.Resumed{WebhookID: "w"}
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "paused", Given: events{created}, When: pause, Then: events{paused}},
		{Name: "paused twice", Given: events{created, paused}, When: pause},
		{Name: "paused twice, no reason", Given: events{created, paused}, When: func(w webhook.Webhook) (events, error) { return w.Pause(" ") }},
		{Name: "paused for another reason", Given: events{created, webhook.Paused{WebhookID: "w"}}, When: pause, Then: events{paused}},
		{Name: "paused from nowhere", When: pause, Err: webhook.ErrNotFound},
		{Name: "paused when removed", Given: events{created, removed}, When: pause, Err: webhook.ErrRemoved},
		{Name: "resumed", Given: events{created, paused}, When: webhook.Webhook.Resume, Then: events{resumed}},
		{Name: "resumed when disabled", Given: events{created, disabled}, When: webhook.Webhook.Resume, Then: events{resumed}},
		{Name: "resumed when active", Given: events{created}, When: webhook.Webhook.Resume},
		{Name: "resumed when removed", Given: events{created, removed}, When: webhook.Webhook.Resume, Err: webhook.ErrRemoved},
		{Name: "disabled", Given: events{created}, When: disable, Then: events{disabled}},
		{Name: "disabled again after it was resumed", Given: events{created, disabled, resumed}, When: disable, Then: events{disabled}},
		{Name: "disabled too late", Given: events{created, paused}, When: disable},
		{Name: "disabled from nowhere", When: disable},
		{Name: "removed", Given: events{created, disabled}, When: remove, Then: events{removed}},
		{Name: "removed twice", Given: events{created, removed}, When: remove},
		{Name: "removed twice, no reason", Given: events{created, removed}, When: func(w webhook.Webhook) (events, error) { return w.Remove("") }},
		{Name: "removed for another reason", Given: events{created, webhook.Removed{WebhookID: "w"}}, When: remove, Then: events{removed}},
		{Name: "removed from nowhere", When: remove, Err: webhook.ErrNotFound},
	})
}

func TestReplay(t *testing.T) {
	replay := func(w webhook.Webhook) (events, error) { return w.Replay(from) }
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "from a position", Given: events{created}, When: replay, Then: events{webhook.ReplayRequested{WebhookID: "w", From: from}}},
		{Name: "from nowhere", When: replay, Err: webhook.ErrNotFound},
		{Name: "removed", Given: events{created, removed}, When: replay, Err: webhook.ErrRemoved},
	})
}

func TestSkip(t *testing.T) {
	skip := func(id, reason string) func(webhook.Webhook) (events, error) {
		return func(w webhook.Webhook) (events, error) { return w.Skip(id, reason, waiting) }
	}
	many := events{created}
	for i := range 1000 {
		many = append(many, webhook.EventSkipped{WebhookID: "w", EventID: fmt.Sprint(i)})
	}
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "with what is known of it", Given: events{created}, When: skip("e", skipped.Reason), Then: events{skipped}},
		{Name: "twice", Given: events{created, skipped}, When: skip("e", "again"), Err: webhook.ErrSkippedOnce},
		{Name: "without a reason", Given: events{created}, When: skip("e", " "), Err: input.ErrInvalid.In("reason")},
		{Name: "what does not wait", Given: events{created}, When: skip("other", "typo"), Err: webhook.ErrNotWaiting},
		{Name: "too many", Given: many, When: skip("e", "one more"), Err: webhook.ErrSkipped},
		{Name: "from nowhere", When: skip("e", "why"), Err: webhook.ErrNotFound},
		{Name: "removed", Given: events{created, removed}, When: skip("e", "why"), Err: webhook.ErrRemoved},
	})
}

func rotate(sealed string, keep time.Duration) func(webhook.Webhook) (events, error) {
	return func(w webhook.Webhook) (events, error) { return w.Rotate(sealed, at, keep) }
}

func rotated(sealed string, until time.Time) webhook.SecretRotated {
	return webhook.SecretRotated{WebhookID: "w", Secret: sealed, PreviousUntil: until}
}

func TestSecretsBeforeAreGoodForAWhile(t *testing.T) {
	full := events{created, rotated("b", at.Add(9*time.Hour)), rotated("c", at.Add(time.Hour)), rotated("d", at.Add(2*time.Hour)), rotated("e", at.Add(3*time.Hour))}
	ended := append(slices.Clone(full[:2]), rotated("c", at), rotated("d", at.Add(2*time.Hour)), rotated("e", at.Add(3*time.Hour)))
	domaintest.Run(t, webhook.Aggregate, cases{
		{Name: "rotated", Given: events{created}, When: rotate("b", time.Hour), Then: events{rotated("b", at.Add(time.Hour))}},
		{Name: "not kept", Given: events{created}, When: rotate("b", 0), Then: events{rotated("b", time.Time{})}},
		{Name: "removed", Given: events{created, removed}, When: rotate("b", time.Hour), Err: webhook.ErrRemoved},
		{Name: "as many as can be", Given: full, When: rotate("f", time.Hour), Err: webhook.ErrSecrets},
		{Name: "as many as can be, not kept", Given: full, When: rotate("f", 0), Then: events{rotated("f", time.Time{})}},
		{Name: "one of them has ended", Given: ended, When: rotate("f", time.Hour), Then: events{rotated("f", at.Add(time.Hour))}},
	})
	_, err := domaintest.Fold(webhook.Aggregate, full...).Rotate("f", at, time.Hour)
	require.ErrorContains(t, err, "rotate again after "+at.Add(time.Hour).UTC().Format(time.RFC3339))

	after := func(given events) func(time.Duration) []string {
		w := domaintest.Fold(webhook.Aggregate, given...)
		return func(d time.Duration) []string { return w.Secrets(at.Add(d)) }
	}
	secrets := after(full)
	assert.Equal(t, []string{"e", "d", "c", "b", "sealed"}, secrets(0), "each for its own time")
	assert.Equal(t, []string{"e", "d", "c", "sealed"}, secrets(time.Hour))
	assert.Equal(t, []string{"e", "sealed"}, secrets(3*time.Hour))
	assert.Equal(t, []string{"e"}, secrets(9*time.Hour))
	assert.Equal(t, []string{"f"}, after(append(full, rotated("f", time.Time{})))(0))
	assert.Equal(t, []string{"f", "e", "d", "c", "sealed"}, after(append(ended, rotated("f", at.Add(time.Hour))))(0), "of too many, what has ended is forgotten")
}

func TestWhatIsWanted(t *testing.T) {
	fact := feed.Fact{ID: "e", Type: "deal.won.v1"}
	w := domaintest.Fold(webhook.Aggregate, events{created}...)
	assert.True(t, w.Wants(fact))
	assert.False(t, w.Wants(feed.Fact{ID: "t", Type: "ticket.opened.v1"}))
	assert.False(t, domaintest.Fold(webhook.Aggregate, events{created, skipped}...).Wants(fact))
}

func TestFurther(t *testing.T) {
	here, there := webhook.Progress{Position: from}, webhook.Progress{Position: domain.Position{Commit: 9, Prepare: 9}}
	assert.True(t, there.Further(here))
	assert.False(t, here.Further(here))
	assert.True(t, webhook.Progress{Replays: 1}.Further(there), "a replay begins again")
	w := webhook.Progress{}
	assert.Equal(t, there, webhook.EvolveProgress(w, webhook.Checkpointed{WebhookID: "w", Progress: there}))
	ahead := webhook.Progress{Position: domain.Position{Commit: 9, Prepare: 9}, Replays: there.Replays}
	for _, c := range []struct {
		knows, told webhook.Progress
		recorded    int
	}{{there, ahead, 1}, {ahead, ahead, 1}, {ahead, webhook.Progress{Replays: ahead.Replays}, 0}, {ahead, webhook.Progress{Replays: ahead.Replays + 1}, 1}} {
		events, err := c.knows.Checkpoint(webhook.Checkpointed{WebhookID: "w", Progress: c.told})
		require.NoError(t, err)
		assert.Len(t, events, c.recorded, "a process that comes late takes nothing back")
	}
}
