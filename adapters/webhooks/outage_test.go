package webhooks_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/webhook"
)

const day = 24 * time.Hour

func always(status int) func(received) (int, http.Header) {
	return func(received) (int, http.Header) { return status, nil }
}

// find is the webhook as the log has it.
func (w *world) find(t *testing.T, id string) webhook.Webhook {
	t.Helper()
	hook, _, err := w.hooks.Find(t.Context(), id)
	require.NoError(t, err)
	return hook
}

// gaps are the times between messages.
func (w *world) gaps() (all []time.Duration) {
	sent := w.sent()
	for i := 1; i < len(sent); i++ {
		all = append(all, sent[i].at.Sub(sent[i-1].at))
	}
	return all
}

func TestItIsTriedForDaysAndThenDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(always(500))
		id := w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.record(t, 1, 2)
		time.Sleep(every + time.Second)
		since := w.sent()[0].at
		time.Sleep(5*day - 2*time.Hour)
		assert.Equal(t, webhook.Active, w.find(t, id).Status)
		time.Sleep(4 * time.Hour)
		assert.Equal(t, webhook.StatusDisabled, w.find(t, id).Status)

		want := 5 * time.Second
		for _, gap := range w.gaps() {
			assert.InDelta(t, want.Seconds(), gap.Seconds(), 0.21*want.Seconds(), "growing up to an hour, give or take a fifth")
			want = min(3*want, time.Hour)
		}
		n := len(w.sent())
		assert.Greater(t, n, 100, "an attempt an hour")
		events := w.log.Events("webhook-" + id)
		assert.Equal(t, webhook.Disabled{
			WebhookID: id, Code: "failing", Message: "nothing was taken for 120h0m0s; last: answered with 500 Internal Server Error", FailingSince: since.UTC(),
		}, events[len(events)-1])
		time.Sleep(day)
		assert.Len(t, w.sent(), n, "a disabled webhook is left alone")

		w.answers(nil)
		_, err := w.hooks.Resume(t.Context(), fresh(), commands.ResumeWebhook{WebhookRef: commands.WebhookRef{WebhookID: id}})
		require.NoError(t, err)
		time.Sleep(3*every + time.Second)
		w.inOrder(t, map[string]int{"deal-0": 2})
	})
}

func TestGoneDisablesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(always(410))
		id := w.create(t, commands.CreateWebhook{})
		w.record(t, 1, 3)
		w.start(t)
		time.Sleep(day)
		assert.Len(t, w.sent(), 1)
		events := w.log.Events("webhook-" + id)
		disabled, ok := events[len(events)-1].(webhook.Disabled)
		require.True(t, ok)
		assert.Equal(t, "gone", disabled.Code)
	})
}

func TestReceiverThatAsksForTimeGetsIt(t *testing.T) {
	for name, header := range map[string]func() string{
		"seconds": func() string { return "7200" },
		"a time":  func() string { return time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.answers(func(m received) (int, http.Header) {
					if m.Stream == "deal-0" && m.number == 1 {
						return 429, http.Header{"Retry-After": {header()}}
					}
					return 200, nil
				})
				w.create(t, commands.CreateWebhook{})
				w.start(t)
				w.record(t, 1, 1)
				time.Sleep(time.Hour)
				w.log.happen(t, "deal-1", won(1))
				time.Sleep(30 * time.Minute)
				assert.Len(t, w.sent(), 1, "nothing else is sent meanwhile, either")
				time.Sleep(time.Hour)
				w.inOrder(t, map[string]int{"deal-0": 1, "deal-1": 1})
				assert.GreaterOrEqual(t, w.gaps()[0], 2*time.Hour-time.Second)
			})
		})
	}
}

// What was on its way when it asked, and is taken, does not make it forgotten.
func TestReceiverThatAsksForTimeGetsItAlthoughItTakesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.slow = map[string]time.Duration{"deal-1": time.Second}
		w.answers(func(m received) (int, http.Header) {
			if m.Stream == "deal-0" && m.Revision == 0 && m.number == 1 {
				return 429, http.Header{"Retry-After": {"7200"}}
			}
			return 200, nil
		})
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 2, 2)
		w.start(t)
		time.Sleep(7100 * time.Second)
		assert.Len(t, w.sent(), 2)
		time.Sleep(time.Hour)
		w.inOrder(t, want)
	})
}

func TestReceiverMayNotAskForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(func(m received) (int, http.Header) {
			if m.number == 1 {
				return 503, http.Header{"Retry-After": {strconv.Itoa(int((365 * day).Seconds()))}}
			}
			return 200, nil
		})
		w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.record(t, 1, 1)
		time.Sleep(day + time.Minute)
		w.inOrder(t, map[string]int{"deal-0": 1})
	})
}

// While it is down a receiver is not pressed with all that waits, and gets it in
// order as soon as it is back.
func TestOutageIsFoundByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.create(t, commands.CreateWebhook{})
		d := w.deliverer(w.store)
		run(t, d)
		want := w.record(t, 40, 2)
		time.Sleep(every + time.Second)
		taken := len(w.sent())
		require.Equal(t, 80, taken)

		w.answers(always(502))
		for stream, n := range w.record(t, 40, 5) {
			want[stream] += n
		}
		time.Sleep(day)
		tries := len(w.sent()) - taken
		assert.Less(t, tries, 60, "some until it counts as down, then one an hour")
		waiting, err := d.Desk().Waiting(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, waiting, 40)
		next := slices.MinFunc(waiting, func(a, b webhook.Blocked) int { return a.Next.Compare(b.Next) }).Next
		time.Sleep(time.Until(next.Add(-2 * time.Millisecond)))
		assert.Len(t, w.sent(), taken+tries, "nothing is tried before it was said to be")
		time.Sleep(3 * time.Millisecond)
		assert.Len(t, w.sent(), taken+tries+1)

		w.answers(nil)
		time.Sleep(75 * time.Minute)
		w.inOrder(t, want)
	})
}
