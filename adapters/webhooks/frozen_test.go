package webhooks_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// frozen is what a process has of the store and of the log: while it stands
// still, as with its machine, nothing comes and no call begins.
type frozen struct {
	webhooks.Store
	webhooks.Log
	still atomic.Pointer[chan struct{}] // closed when it goes on; nil: it goes
}

func (f *frozen) freeze() (thaw func()) {
	on := make(chan struct{})
	f.still.Store(&on)
	return func() { close(on) }
}

func (f *frozen) stand() {
	if on := f.still.Load(); on != nil {
		<-*on
	}
}

func (f *frozen) Lease(ctx context.Context, name, owner string, lasts time.Duration) (bool, error) {
	f.stand()
	return f.Store.Lease(ctx, name, owner, lasts)
}

func (f *frozen) Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page {
	out := make(chan domain.Page)
	go func() {
		defer close(out)
		for page := range f.Log.Facts(ctx, after, prefixes) {
			f.stand()
			select {
			case out <- page:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// A process that stood still while another sent in its place, and ended in peace,
// goes on where that one was.
func TestFrozenProcessSendsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 2, 5)
		f := &frozen{Store: w.store, Log: w.log}
		w.reads = f
		run(t, w.deliverer(f))
		time.Sleep(time.Minute)
		assert.Len(t, w.sent(), 10)
		thaw := f.freeze()
		w.reads = nil
		stop := w.start(t)
		time.Sleep(time.Minute)
		for range 5 {
			w.log.happen(t, "deal-0", won(0))
			want["deal-0"]++
		}
		time.Sleep(time.Minute)
		assert.Len(t, w.sent(), 15, "the other one sends")
		stop()
		thaw()
		time.Sleep(time.Minute)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 15, "none twice")
	})
}
