// Package webhooks sends facts to those who subscribed them: each as it was
// recorded, at least once, the facts of a stream in order. Where a webhook is in
// the log is kept in Redis after every step and in the log now and then, so it
// outlives both a restart and a Redis that was emptied.
package webhooks

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// Log is read behind a position and goes on with what comes, and stream by
// stream. Every event is a domain.AsStored.
type Log interface {
	Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page
	FactsOf(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error]
	// Checkpoint is the last one recorded for a webhook; nil if there is none.
	Checkpoint(ctx context.Context, webhookID string) (*webhook.Progress, error)
}

// Hooks lists the webhooks that were not removed.
type Hooks interface {
	All(ctx context.Context) ([]projections.Webhook, error)
}

// Decisions is the write side.
type Decisions interface {
	// Find is a webhook, and the last event it is made of.
	Find(ctx context.Context, id string) (w webhook.Webhook, last domain.Recorded, err error)
	Disable(ctx context.Context, id string, e webhook.Disabled) error
	Checkpoint(ctx context.Context, id string, p webhook.Progress) error
}

// Store keeps what only has to outlive the process, and lets one of several
// processes work on a webhook. See webhookstest.Store.
type Store interface {
	SaveDeliveries(ctx context.Context, name, state string, journal []string, keep int64) error
	DeliveryState(ctx context.Context, name string) (string, error)
	DeliveryJournal(ctx context.Context, name string, most int64) ([]string, error)
	DropDeliveries(ctx context.Context, name string) error
	Lease(ctx context.Context, name, owner string, lasts time.Duration) (mine bool, err error)
	// Leased tells whether anybody has it.
	Leased(ctx context.Context, name string) (bool, error)
	Release(ctx context.Context, name, owner string) error
}

// Config wires a Deliverer.
type Config struct {
	Log       Log
	Hooks     Hooks
	Decisions Decisions
	Store     Store
	Key       *Key // nil: nothing is sent
	Guard     Guard
	Mask      func(text []byte) []byte // hides phone numbers and mail addresses
	Every     time.Duration            // how often it looks for webhooks; half a second if zero
	GiveUp    time.Duration            // after failing for so long a webhook is disabled; five days if zero
	Now       func() time.Time
	Metrics   *prometheus.Registry // nil: not shown
	Logger    *slog.Logger
}

// Deliverer sends until its context ends. Several may run at once, in one
// process or in many: each webhook is worked on by one of them.
type Deliverer struct {
	config  Config
	owner   string
	sender  *sender
	metrics *metrics
	work    sync.WaitGroup
	known   map[string]bool // ids of webhooks that were there
	away    time.Time       // when it was last logged that webhooks are out of reach; zero: they are not

	mu   sync.Mutex
	jobs map[string]*job // by id of the webhook
}

// New is a deliverer that does nothing yet.
func New(c Config) *Deliverer {
	if c.Every <= 0 {
		c.Every = 500 * time.Millisecond
	}
	if c.GiveUp <= 0 {
		c.GiveUp = 5 * 24 * time.Hour
	}
	d := &Deliverer{config: c, owner: uuid.NewString(), sender: newSender(c.Guard, nil, c.Now), jobs: map[string]*job{}, known: map[string]bool{}}
	d.metrics = newMetrics(d)
	return d
}

// held is how long a webhook stays with a process that has gone silent.
const held = 10 * time.Second

// Run sends until ctx ends, and returns when all work has stopped.
func (d *Deliverer) Run(ctx context.Context) {
	if d.config.Key == nil {
		d.config.Logger.InfoContext(ctx, "no webhook key: this process sends no webhooks")
		return
	}
	defer d.work.Wait()
	tick := time.NewTicker(d.config.Every)
	defer tick.Stop()
	for {
		d.tell(ctx, d.look(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// tellEvery is how often it is logged that webhooks are still out of reach.
const tellEvery = time.Minute

// tell logs that webhooks are out of reach, and that they are no more. While the
// read model is built it is not known who is to be sent what.
func (d *Deliverer) tell(ctx context.Context, err error) {
	now := d.config.Now()
	switch {
	case err == nil && d.away.IsZero(), ctx.Err() != nil, errors.Is(err, projections.ErrBuilding):
	case err == nil:
		d.config.Logger.InfoContext(ctx, "webhooks are in reach again")
		d.away = time.Time{}
	case now.Sub(d.away) >= tellEvery:
		d.config.Logger.WarnContext(ctx, "webhooks are out of reach; trying again", "error", err)
		d.away = now
	}
}

// look takes up webhooks that nobody works on, and stops work on those that
// were changed: it begins again with what was decided.
func (d *Deliverer) look(ctx context.Context) error {
	all, err := d.config.Hooks.All(ctx)
	if err != nil {
		return err //nolint:wrapcheck // the read model says it best
	}
	d.metrics.hooks.Store(&all)
	active := map[string]uint64{} // id -> revision
	for _, w := range all {
		if w.Status == webhook.Active {
			active[w.ID] = w.Revision
		}
	}
	d.drop(active)
	if err := d.forget(ctx, all); err != nil {
		return err
	}
	for id := range active {
		if d.busy(id) {
			continue
		}
		mine, err := d.config.Store.Lease(ctx, lease(id), d.owner, held)
		if err != nil {
			return err //nolint:wrapcheck // the store says it best
		}
		if mine {
			d.begin(ctx, id)
		}
	}
	return nil
}

// drop stops jobs that know less than the read model.
func (d *Deliverer) drop(active map[string]uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, j := range d.jobs {
		if revision, still := active[id]; !still || j.knows.Load() < int64(revision) {
			j.stop()
		}
	}
}

// forget deletes what was kept of webhooks that were removed.
func (d *Deliverer) forget(ctx context.Context, all []projections.Webhook) error {
	for _, w := range all {
		d.known[w.ID] = true
	}
	for id := range d.known {
		if d.busy(id) || slices.ContainsFunc(all, func(w projections.Webhook) bool { return w.ID == id }) {
			continue
		}
		if err := d.config.Store.DropDeliveries(ctx, id); err != nil {
			return err //nolint:wrapcheck // the store says it best
		}
		d.metrics.forget(id)
		delete(d.known, id)
	}
	return nil
}

func (d *Deliverer) busy(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs[id] != nil
}

func (d *Deliverer) begin(ctx context.Context, id string) {
	ctx, stop := context.WithCancel(ctx)
	j := newJob(d, id, stop)
	d.metrics.begun(id)
	d.mu.Lock()
	d.jobs[id] = j
	d.mu.Unlock()
	d.work.Go(func() {
		j.work(ctx)
		d.mu.Lock()
		delete(d.jobs, id)
		d.mu.Unlock()
	})
}

// lease is the name that work on a webhook is given out under.
func lease(id string) string { return "webhook " + id }
