package webhooks_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/adapters/webhooks/webhookstest"
	"github.com/annals-crm/annals/commands"
)

// What was taken when a process stops, or a webhook is changed, is not sent again,
// however much of a page is still to come.
func TestWhatWasTakenIsKeptInTheMiddleOfAPage(t *testing.T) {
	for name, tt := range map[string]struct {
		fails int           // times that the first fact is not taken
		after time.Duration // it is stopped
		sent  int
	}{
		"new facts":              {0, 3500 * time.Millisecond, 6},
		"facts that had to wait": {1, 11 * time.Second, 7},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.takes = time.Second
			w.answers(func(m received) (int, http.Header) {
				if m.Revision == 0 && m.number <= tt.fails {
					return 503, nil
				}
				return 200, nil
			})
			w.create(t, commands.CreateWebhook{})
			want := w.record(t, 1, 6)
			stop := w.start(t)
			time.Sleep(tt.after)
			stop()
			before := len(w.sent())
			assert.Greater(t, before, tt.fails, name)
			assert.Less(t, before, tt.sent, name)
			w.store = &webhookstest.Memory{} // the log knows it as well
			w.start(t)
			time.Sleep(time.Minute)
			w.inOrder(t, want)
			assert.Len(t, w.sent(), tt.sent, name)
		})
	}
}

// Secrets that were sealed with a lost key are rotated, and all is well.
func TestLostKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.shown = prometheus.NewRegistry()
		id := w.create(t, commands.CreateWebhook{})
		w.record(t, 2, 2)
		key, err := webhooks.NewKey([]byte("another key, of as many bytes!!!"))
		require.NoError(t, err)
		w.key, w.hooks.Secrets = key, key
		d := w.deliverer(w.store)
		run(t, d)
		time.Sleep(time.Minute)
		assert.Empty(t, w.sent())
		assert.InDelta(t, 1, w.gauge(t, "annals_webhook_interrupted"), 0)
		_, err = d.Desk().Test(t.Context(), id)
		require.ErrorContains(t, err, "another key")

		made, err := w.hooks.RotateSecret(t.Context(), fresh(), commands.RotateWebhookSecret{WebhookRef: ref(id)})
		require.NoError(t, err)
		w.signedWith(made.Secret)
		attempt, err := d.Desk().Test(t.Context(), id)
		require.NoError(t, err)
		assert.True(t, attempt.Taken)
		time.Sleep(2 * time.Minute)
		assert.Len(t, w.taken(), 5)
		assert.InDelta(t, 0, w.gauge(t, "annals_webhook_interrupted"), 0)
		for _, m := range w.sent() {
			assert.Equal(t, 1, m.signed)
			assert.True(t, m.proven)
		}
	})
}

func TestLagTellsOfWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.shown = prometheus.NewRegistry()
		w.takes = 14 * time.Second
		w.create(t, commands.CreateWebhook{})
		w.record(t, 1, 3)
		w.start(t)
		time.Sleep(30 * time.Second)
		assert.Positive(t, w.gauge(t, "annals_webhook_lag_seconds"))
		time.Sleep(time.Minute)
		assert.Zero(t, w.gauge(t, "annals_webhook_lag_seconds"))
	})
}

// gauge is the value of a metric with one series.
func (w *world) gauge(t *testing.T, name string) float64 {
	t.Helper()
	all := w.series(t, name)
	require.Len(t, all, 1)
	return all[0]
}

// series are the values of a metric.
func (w *world) series(t *testing.T, name string) (all []float64) {
	t.Helper()
	families, err := w.shown.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			all = append(all, m.GetGauge().GetValue()+m.GetCounter().GetValue())
		}
	}
	return all
}
