package projections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func hook(id string, e webhook.Event) projectionstest.Fact {
	return projectionstest.Fact{Stream: webhook.Aggregate.Stream(id), Event: e}
}

func webhookHistory() []domain.Recorded {
	here := domain.Position{Commit: 7, Prepare: 7}
	first := webhook.Settings{URL: "https://a.example.com", Types: []string{"deal."}}
	facts := []projectionstest.Fact{
		hook("a", webhook.Created{WebhookID: "a", Settings: first, From: here, Secret: "sealed"}),
		hook("b", webhook.Created{WebhookID: "b", Settings: webhook.Settings{URL: "https://b.example.com"}, Secret: "sealed"}),
		hook("a", webhook.Changed{WebhookID: "a", From: first, To: webhook.Settings{URL: "https://c.example.com", Masked: true}}),
		hook("a", webhook.SecretRotated{WebhookID: "a", Secret: "sealed", PreviousUntil: day("2024-06-01")}),
		hook("a", webhook.Paused{WebhookID: "a", Reason: "moving"}),
		hook("a", webhook.Resumed{WebhookID: "a"}),
		hook("a", webhook.ReplayRequested{WebhookID: "a", From: domain.Position{Commit: 9, Prepare: 9}}),
		hook("a", webhook.Disabled{WebhookID: "a", Code: "gone", Message: "the receiver answered with 410 Gone", FailingSince: day("2024-05-01")}),
		hook("b", webhook.Removed{WebhookID: "b"}),
		hook("b", webhook.Removed{WebhookID: "b", Reason: "replaced"}),
	}
	for i := range 25 {
		facts = append(facts, hook("a", webhook.EventSkipped{WebhookID: "a", EventID: fmt.Sprint(i), Type: "deal.won.v1", Stream: "deal-d", Reason: "broken", Failure: "answered with 422"}))
	}
	return projectionstest.History(facts...)
}

func TestWebhookModelDoesNotDependOnPages(t *testing.T) {
	projectionstest.Equivalent(t, projections.WebhookModel, webhookHistory()...)
}

func TestWebhooks(t *testing.T) {
	hooks := projections.Webhooks{Views: projectionstest.Folded(t, projections.WebhookModel, webhookHistory()...)}
	a, err := hooks.Get(t.Context(), "a")
	require.NoError(t, err)
	began := time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC)
	require.Len(t, a.Skipped, 20)
	assert.Equal(t, projections.SkippedEvent{
		EventID: "24", Type: "deal.won.v1", Stream: "deal-d", Failure: "answered with 422", Reason: "broken", SkippedBy: "alice", SkippedAt: a.UpdatedAt,
	}, a.Skipped[19], "the last ones are told")
	a.Skipped = nil
	assert.Equal(t, projections.Webhook{
		Head: a.Head, URL: "https://c.example.com", Masked: true, Status: webhook.StatusDisabled, StatusSince: began.Add(7 * time.Minute),
		Code: "gone", Reason: "the receiver answered with 410 Gone", CreatedAt: began, CreatedBy: "alice",
		SecretRotatedAt: began.Add(3 * time.Minute), FormerSecretUntil: day("2024-06-01"), Begun: domain.Position{Commit: 9, Prepare: 9}, SkippedCount: 25,
	}, a)

	b, err := hooks.Get(t.Context(), "b")
	require.NoError(t, err)
	assert.Equal(t, webhook.StatusRemoved, b.Status)
	assert.Equal(t, "replaced", b.Reason)
	assert.Equal(t, began.Add(8*time.Minute), b.StatusSince, "another reason is no other status")
	_, err = hooks.Get(t.Context(), "c")
	require.ErrorIs(t, err, webhook.ErrNotFound)
	list, err := hooks.List(t.Context(), projections.WebhookFilter{})
	require.NoError(t, err)
	assert.Len(t, list.Items, 1, "those that were removed are left out")
	list, err = hooks.List(t.Context(), projections.WebhookFilter{Removed: true})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	assert.Contains(t, string(list.Items[0]), `"status":"removed"`)
}

func TestAllWebhooksAreFound(t *testing.T) {
	var facts []projectionstest.Fact
	for i := range 1203 {
		id := fmt.Sprint(i)
		facts = append(facts, hook(id, webhook.Created{WebhookID: id, Settings: webhook.Settings{URL: "https://a.example.com"}}))
	}
	hooks := projections.Webhooks{Views: projectionstest.Folded(t, projections.WebhookModel, projectionstest.History(facts...)...)}
	all, err := hooks.All(t.Context())
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, w := range all {
		seen[w.ID] = true
	}
	assert.Len(t, seen, 1203)
	assert.Len(t, all, 1203)
}
