package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
)

const waitingID = "7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22"

// webhookDesk knows one webhook, of which one event waits.
type webhookDesk struct{}

var (
	refusedOnce = webhook.Attempt{EventID: waitingID, Type: "deal.won.v1", Number: 1, At: started, Error: "answered with 500 Internal Server Error", Status: 500}
	takenOnce   = webhook.Attempt{EventID: jobID, Type: "deal.opened.v1", Number: 1, At: started, Taken: true, Status: 204}
)

func (webhookDesk) Progress(_ context.Context, id string) (webhook.Progress, error) {
	if id != jobID {
		return webhook.Progress{}, webhook.ErrNotFound
	}
	return webhook.Progress{Position: domain.Position{Commit: 8, Prepare: 8}, FailingSince: started, Blocked: []webhook.Blocked{{
		Stream: "deal-" + jobID, Revision: 3, EventID: waitingID, Type: "deal.won.v1", Attempts: 1, Error: refusedOnce.Error,
	}}}, nil
}

func (webhookDesk) Attempts(context.Context, string) ([]webhook.Attempt, error) {
	return []webhook.Attempt{refusedOnce, takenOnce}, nil
}

func (webhookDesk) WorkedOn(context.Context, string) (bool, error) { return true, nil }

func (webhookDesk) Test(context.Context, string) (webhook.Attempt, error) { return takenOnce, nil }

// counted are secrets that are numbered instead of random.
type counted struct{ n *int }

func (c counted) Secret(string) (string, error) {
	*c.n++
	return "sealed " + string(rune('0'+*c.n)), nil
}

func (c counted) Open(_, sealed string) (string, error) {
	return "whsec_" + strings.TrimPrefix(sealed, "sealed "), nil
}

func webhookCommands(loop *commands.Loop, log FeedLog) commands.Webhooks {
	return commands.Webhooks{
		Loop: loop, Types: feedTypes(), Address: func(string) error { return nil }, Secrets: counted{new(int)},
		Place: func(ctx context.Context, text string) (domain.Position, error) { return Place(ctx, log, text) },
		Waiting: func(ctx context.Context, id string) ([]webhook.Blocked, error) {
			at, err := webhookDesk{}.Progress(ctx, id)
			return at.Blocked, err
		},
	}
}

func TestSecretOfAWebhookIsToldOnce(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	post := func(name, key, body string) commands.WebhookSecret {
		t.Helper()
		w := p.doAs(t, http.MethodPost, "/v1/commands/"+name, "admin", body, "Idempotency-Key: "+key)
		require.Less(t, w.Code, 300, w.Body)
		var told commands.WebhookSecret
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
		return told
	}
	const body = `{"url":"https://hooks.example.com/annals","types":["deal."]}`
	first := post("create-webhook", "a", body)
	assert.Equal(t, "whsec_1", first.Secret)
	assert.Equal(t, []string{"webhook.created.v1"}, first.Events)
	assert.Equal(t, first, post("create-webhook", "a", body), "a repeated request is answered as the first time")

	ref := `{"webhook_id":"` + first.ID + `"}`
	second := post("rotate-webhook-secret", "b", ref)
	assert.NotEqual(t, first.Secret, second.Secret)
	assert.Equal(t, second, post("rotate-webhook-secret", "b", ref))

	for _, path := range []string{"webhooks", "webhooks/" + first.ID, "webhooks/" + jobID, "webhooks/" + jobID + "/deliveries"} {
		w := p.doAs(t, http.MethodGet, "/v1/queries/"+path, "admin", "")
		for _, secret := range []string{"whsec", "sealed"} {
			assert.NotContains(t, w.Body.String(), secret, path)
		}
	}
}

func TestSkippingWhatWaits(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	const path = "/v1/commands/skip-webhook-event"
	body := func(event string) string {
		return `{"webhook_id":"` + jobID + `","event_id":"` + event + `","reason":"entered there by hand"}`
	}
	w := p.doAs(t, http.MethodPost, path, "admin", body(jobID))
	assert.Equal(t, webhook.ErrNotWaiting.Code, problemIn(t, w).Code)
	w = p.doAs(t, http.MethodPost, path, "admin", body(waitingID))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	w = p.doAs(t, http.MethodGet, "/v1/queries/webhooks/"+jobID, "auditor", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var standing WebhookStanding
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &standing))
	require.Len(t, standing.Skipped, 1)
	assert.Equal(t, "entered there by hand", standing.Skipped[0].Reason)
	assert.Equal(t, refusedOnce.Error, standing.Skipped[0].Failure)
	assert.Equal(t, domain.Position{Commit: 8, Prepare: 8}, standing.Position)
	assert.Equal(t, started, standing.FailingSince.In(time.UTC))
	require.Len(t, standing.Waiting, 1)
	assert.True(t, standing.WorkedOn)
}

func TestDeliveriesAreFiltered(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	for query, want := range map[string][]webhook.Attempt{
		"":                       {refusedOnce, takenOnce},
		"?outcome=taken":         {takenOnce},
		"?outcome=failed":        {refusedOnce},
		"?event_id=" + waitingID: {refusedOnce},
		"?limit=1":               {refusedOnce},
	} {
		w := p.doAs(t, http.MethodGet, "/v1/queries/webhooks/"+jobID+"/deliveries"+query, "auditor", "")
		var got WebhookDeliveries
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), w.Body)
		assert.True(t, slices.Equal(want, got.Items), query)
	}
}
