package webhooks_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/webhook"
)

func ref(id string) commands.WebhookRef { return commands.WebhookRef{WebhookID: id} }

func TestPauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.record(t, 2, 1)
		time.Sleep(every + time.Second)
		_, err := w.hooks.Pause(t.Context(), fresh(), commands.PauseWebhook{WebhookRef: ref(id), Reason: "maintenance"})
		require.NoError(t, err)
		time.Sleep(every + time.Second)
		w.record(t, 2, 1)
		time.Sleep(day)
		assert.Len(t, w.sent(), 2)
		_, err = w.hooks.Resume(t.Context(), fresh(), commands.ResumeWebhook{WebhookRef: ref(id)})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		w.inOrder(t, map[string]int{"deal-0": 2, "deal-1": 2})
		assert.Len(t, w.sent(), 4, "nothing came twice")
	})
}

func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{From: "end"})
		w.start(t)
		w.record(t, 2, 2)
		time.Sleep(every + time.Second)
		require.Len(t, w.sent(), 4)
		_, err := w.hooks.Replay(t.Context(), fresh(), commands.ReplayWebhook{WebhookRef: ref(id), From: "start"})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		require.Len(t, w.sent(), 8)
		bodies := map[string]string{}
		for _, m := range w.sent()[:4] {
			bodies[m.ID] = m.body
		}
		for _, again := range w.sent()[4:] {
			assert.Equal(t, bodies[again.ID], again.body, "the same, with the same id")
			assert.Equal(t, 2, again.number)
		}
		w.record(t, 2, 1)
		time.Sleep(every + time.Second)
		assert.Len(t, w.sent(), 10)
	})
}

// Replaying from the end gives up what waits.
func TestReplayFromTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(always(500))
		id := w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.record(t, 1, 3)
		time.Sleep(time.Hour)
		_, err := w.hooks.Replay(t.Context(), fresh(), commands.ReplayWebhook{WebhookRef: ref(id), From: "end"})
		require.NoError(t, err)
		w.answers(nil)
		time.Sleep(day)
		assert.Empty(t, w.taken())
	})
}

func TestSkippedEventLetsTheOthersThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(func(m received) (int, http.Header) {
			if m.Revision == 1 {
				return 422, nil
			}
			return 200, nil
		})
		id := w.create(t, commands.CreateWebhook{})
		d := w.deliverer(w.store)
		w.hooks.Waiting = d.Desk().Waiting
		run(t, d)
		w.record(t, 1, 4)
		time.Sleep(time.Hour)
		_, err := w.hooks.Pause(t.Context(), fresh(), commands.PauseWebhook{WebhookRef: ref(id)})
		require.NoError(t, err)
		waiting, err := w.hooks.Waiting(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		assert.Zero(t, waiting[0].Next, "nobody knows when it is resumed")
		_, err = w.hooks.Resume(t.Context(), fresh(), commands.ResumeWebhook{WebhookRef: ref(id)})
		require.NoError(t, err)
		assert.Equal(t, "answered with 422 Unprocessable Entity", waiting[0].Error)
		_, err = w.hooks.Skip(t.Context(), fresh(), commands.SkipWebhookEvent{WebhookRef: ref(id), EventID: waiting[0].EventID, Reason: "entered there by hand"})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		var revisions []uint64
		for _, m := range w.taken() {
			revisions = append(revisions, m.Revision)
		}
		assert.Equal(t, []uint64{0, 2, 3}, revisions)
		waiting, err = w.hooks.Waiting(t.Context(), id)
		require.NoError(t, err)
		assert.Empty(t, waiting)
	})
}

func TestRotationsSignWithAllForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{})
		w.start(t)
		secrets := w.secrets
		for _, keep := range []int64{7200, 3600} {
			made, err := w.hooks.RotateSecret(t.Context(), fresh(), commands.RotateWebhookSecret{WebhookRef: ref(id), KeepSeconds: &keep})
			require.NoError(t, err)
			secrets = append(secrets, made.Secret)
		}
		time.Sleep(3*every + time.Second)
		proven := func(secret string) bool {
			w.signedWith(secret)
			w.record(t, 1, 1)
			synctest.Wait()
			return w.sent()[len(w.sent())-1].proven
		}
		for i, want := range [][]bool{{true, true, true}, {true, false, true}, {false, false, true}} {
			for n, secret := range secrets {
				assert.Equal(t, want[n], proven(secret), "secret %d after %d hours", n+1, i)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestChangeHoldsFromThenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.hooks.Types = append(w.hooks.Types, "customer.contact_added.v1")
		id := w.create(t, commands.CreateWebhook{WebhookSettings: commands.WebhookSettings{Types: []string{"customer."}}})
		w.start(t)
		added := customer.ContactAdded{CustomerID: "c", Contact: customer.Contact{Kind: customer.Email, Value: "li@ningbo.example"}}
		w.log.happen(t, "customer-c", added)
		time.Sleep(every + time.Second)
		_, err := w.hooks.Change(t.Context(), fresh(), commands.ChangeWebhook{WebhookRef: ref(id), WebhookSettings: commands.WebhookSettings{URL: "https://other.example.com", Masked: true}})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		w.log.happen(t, "customer-c", added)
		synctest.Wait()
		require.Len(t, w.sent(), 2)
		assert.Contains(t, w.sent()[0].body, "li@ningbo.example", "facts are sent whole")
		assert.Contains(t, w.sent()[1].body, "l***@ningbo.example", "unless they are to be masked")
		assert.True(t, w.sent()[1].proven, "the signature is that of what is sent")
	})
}

func TestRemovedLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.shown = prometheus.NewRegistry()
		id := w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.record(t, 1, 1)
		time.Sleep(every + time.Second)
		assert.Equal(t, []float64{0, 1}, w.series(t, "annals_webhook_attempts_total"), "failed and taken")
		_, err := w.hooks.Remove(t.Context(), fresh(), commands.RemoveWebhook{WebhookRef: ref(id)})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		w.record(t, 1, 1)
		time.Sleep(day)
		assert.Len(t, w.sent(), 1)
		journal, err := w.store.DeliveryJournal(t.Context(), id, 10)
		require.NoError(t, err)
		assert.Empty(t, journal)
		assert.Empty(t, w.series(t, "annals_webhook_attempts_total"))
	})
}

func TestJournalTellsOfEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(func(m received) (int, http.Header) {
			switch m.number {
			case 1:
				return 500, nil
			case 2:
				return 302, http.Header{"Location": {"https://elsewhere.example.com"}}
			}
			return 200, nil
		})
		id := w.create(t, commands.CreateWebhook{})
		d := w.deliverer(w.store)
		run(t, d)
		w.record(t, 1, 1)
		time.Sleep(time.Minute)
		all, err := d.Desk().Attempts(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, all, 3, "a redirect was not followed")
		event := w.log.Stream("deal-0")[0]
		for i, a := range all { // the latest first
			assert.Equal(t, webhook.Attempt{
				EventID: event.ID, Type: "deal.won.v1", Stream: "deal-0", Position: event.Position, Number: 3 - i, At: a.At,
				Taken: i == 0, Status: []int{200, 302, 500}[i], Error: []string{"", "answered with 302 Found", "answered with 500 Internal Server Error"}[i], Next: a.Next,
			}, a)
			assert.Equal(t, i == 0, a.Next.IsZero())
		}
		w.answers(nil)
		for range 30 {
			w.record(t, 40, 1)
		}
		time.Sleep(time.Minute)
		all, err = d.Desk().Attempts(t.Context(), id)
		require.NoError(t, err)
		assert.Len(t, all, 1000, "the last thousand are kept")
	})
}

func TestTestIsNoFact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{})
		desk := w.deliverer(w.store).Desk()
		a, err := desk.Test(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, a.Taken)
		require.Len(t, w.sent(), 1)
		assert.True(t, w.sent()[0].proven)
		var told struct{ ID, Type string }
		require.NoError(t, json.Unmarshal([]byte(w.sent()[0].body), &told))
		assert.Equal(t, "webhook.test", told.Type)
		assert.Equal(t, a.EventID, told.ID)

		_, err = w.hooks.Remove(t.Context(), fresh(), commands.RemoveWebhook{WebhookRef: ref(id)})
		require.NoError(t, err)
		_, err = desk.Test(t.Context(), id)
		require.ErrorIs(t, err, webhook.ErrRemoved)
		for _, ask := range []func(context.Context, string) error{
			func(ctx context.Context, id string) error { _, err := desk.Test(ctx, id); return err },
			func(ctx context.Context, id string) error { _, err := desk.Attempts(ctx, id); return err },
			func(ctx context.Context, id string) error { _, err := desk.Progress(ctx, id); return err },
		} {
			require.ErrorIs(t, ask(t.Context(), "other"), webhook.ErrNotFound)
		}
	})
}

// Secrets are in the log only as they were sealed.
func TestSecretsAreNotInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{})
		text, err := json.Marshal(w.log.Events("webhook-" + id))
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(w.secrets[0], "whsec_"))
		assert.NotContains(t, string(text), strings.TrimPrefix(w.secrets[0], "whsec_"))
		assert.NotContains(t, string(text), "whsec")
	})
}
