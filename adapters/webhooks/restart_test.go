package webhooks_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/adapters/webhooks/webhookstest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/webhook"
)

var errKilled = errors.New("the process was killed")

// doomed is what a process has of the store and of the log: once it is killed,
// nothing it does reaches them any more.
type doomed struct {
	webhooks.Store
	webhooks.Decisions
	killed atomic.Bool
}

func (d *doomed) SaveDeliveries(ctx context.Context, name, state string, journal []string, keep int64) error {
	if d.killed.Load() {
		return errKilled
	}
	return d.Store.SaveDeliveries(ctx, name, state, journal, keep)
}

func (d *doomed) Release(ctx context.Context, name, owner string) error {
	if d.killed.Load() {
		return errKilled
	}
	return d.Store.Release(ctx, name, owner)
}

func (d *doomed) Checkpoint(ctx context.Context, id string, p webhook.Progress) error {
	if d.killed.Load() {
		return errKilled
	}
	return d.Decisions.Checkpoint(ctx, id, p)
}

// Killed at any time and started again, also with an empty Redis, it sends every
// fact and keeps the order.
func TestNoFactIsLostWhenItIsKilled(t *testing.T) {
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test that can be repeated
			w := newWorld(t)
			w.answers(func(m received) (int, http.Header) {
				if random.IntN(4) == 0 && m.number <= 6 {
					return 503, nil
				}
				return 200, nil
			})
			w.create(t, commands.CreateWebhook{})
			want := w.record(t, 10, 8)
			var store webhooks.Store = w.store
			for range 12 {
				d := &doomed{Store: store, Decisions: w.hooks}
				// It dies with some message on its way.
				left := atomic.Int64{}
				left.Store(int64(random.IntN(12)))
				answer := w.answer
				w.answers(func(m received) (int, http.Header) {
					if left.Add(-1) < 0 {
						d.killed.Store(true)
					}
					return answer(m)
				})
				stop := run(t, w.delivererWith(d, d))
				time.Sleep(30 * time.Second)
				d.killed.Store(true)
				stop()
				w.answers(answer)
				if random.IntN(3) == 0 {
					store = &webhookstest.Memory{}
				}
			}
			run(t, w.delivererWith(store, w.hooks))
			time.Sleep(6 * time.Hour)
			w.inOrder(t, want)
		})
	}
}

func TestWhoStopsInPeaceRepeatsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 3, 3)
		stop := w.start(t)
		time.Sleep(time.Second)
		stop()
		w.store = &webhookstest.Memory{} // the log knows it as well
		w.start(t)
		time.Sleep(time.Minute)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 9)
	})
}

func TestWhatRedisKnowsIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 3, 3)
		d := &doomed{Store: w.store, Decisions: w.hooks}
		stop := run(t, w.delivererWith(d, d))
		time.Sleep(time.Second)
		d.killed.Store(true) // the log knows nothing of it
		stop()
		w.start(t)
		time.Sleep(time.Minute)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 9)
	})
}

func TestOneOfSeveralProcessesWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		stop := w.start(t)
		w.start(t)
		time.Sleep(every + time.Second)
		want := w.record(t, 3, 3)
		time.Sleep(time.Minute)
		assert.Len(t, w.sent(), 9)
		stop()
		for stream, n := range w.record(t, 3, 1) {
			want[stream] += n
		}
		time.Sleep(time.Minute)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 12, "the other one goes on")
	})
}

// A process that no longer hears from Redis stops before another one may begin.
func TestWorkStopsWhenTheLeaseMayBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		away := atomic.Bool{}
		cut := &webhookstest.Memory{Fails: func() error {
			if away.Load() {
				return errors.New("out of reach")
			}
			return nil
		}}
		run(t, w.deliverer(cut))
		time.Sleep(every + time.Second)
		away.Store(true)
		time.Sleep(10 * time.Second)
		w.record(t, 1, 1)
		time.Sleep(time.Hour)
		assert.Empty(t, w.sent())
		away.Store(false)
		time.Sleep(time.Minute)
		require.Len(t, w.sent(), 1)
	})
}

func TestOutageIsLoggedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var log bytes.Buffer
		w.told = slog.NewTextHandler(&log, nil)
		w.create(t, commands.CreateWebhook{})
		away := atomic.Bool{}
		away.Store(true)
		d := w.deliverer(&webhookstest.Memory{Fails: func() error {
			if away.Load() {
				return errors.New("out of reach")
			}
			return nil
		}})
		run(t, d)
		time.Sleep(10*time.Minute - time.Second) // it looked 30 times
		synctest.Wait()
		assert.Equal(t, 10, strings.Count(log.String(), "webhooks are out of reach"))
		away.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 10, strings.Count(log.String(), "webhooks are out of reach"))
		assert.Equal(t, 1, strings.Count(log.String(), "webhooks are in reach again"))
	})
}
