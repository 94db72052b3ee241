package webhooks_test

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/adapters/webhooks/webhookstest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// world is a log, the commands on webhooks, and a receiver, all in memory. It
// belongs into a synctest bubble: its clock is that of the bubble.
type world struct {
	*receiver
	log   *followed
	reads webhooks.Log // what deliverers read; nil: log
	store *webhookstest.Memory
	hooks commands.Webhooks
	key   *webhooks.Key
	shown *prometheus.Registry // nil: metrics are not shown
	told  slog.Handler         // what is logged; nil: nothing is
}

func newWorld(t *testing.T) *world {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	log := &followed{Memory: &commandstest.Memory{}, grown: make(chan struct{})}
	state, err := commands.NewLive(t.Context(), log, log, policy.Aggregate, policy.StandardID, quiet)
	require.NoError(t, err)
	loop, err := commands.NewLoop(commands.LoopConfig{Store: log, Policy: state, States: 100, Now: time.Now, Logger: quiet})
	require.NoError(t, err)
	key, err := webhooks.NewKey(make([]byte, webhooks.KeyBytes))
	require.NoError(t, err)
	w := &world{receiver: &receiver{}, log: log, store: &webhookstest.Memory{}, key: key}
	w.hooks = commands.Webhooks{
		Loop: loop, Secrets: key, Types: []string{"deal.won.v1", "deal.opened.v1", "ticket.opened.v1"},
		Address: webhooks.Guard{}.Check,
		Place: func(_ context.Context, text string) (domain.Position, error) {
			if text == "end" {
				return log.end(), nil
			}
			return domain.StartOfLog, nil
		},
	}
	return w
}

// create makes a webhook that begins at the start of the log.
func (w *world) create(t *testing.T, c commands.CreateWebhook) (id string) {
	t.Helper()
	if c.URL == "" {
		c.URL = "https://hooks.example.com/annals"
	}
	if c.From == "" {
		c.From = "start"
	}
	made, err := w.hooks.Create(t.Context(), fresh(), c)
	require.NoError(t, err)
	w.signedWith(append(w.secrets, made.Secret)...)
	return made.ID
}

func fresh() commands.Envelope {
	return commands.Envelope{Command: "test", CommandID: uuid.New(), Fresh: true, Actor: domain.Actor{ID: "ann", Role: "admin"}}
}

// every is how often deliverers of a world look for webhooks.
const every = 20 * time.Second

// deliverer is one that does not run yet.
func (w *world) deliverer(store webhooks.Store) *webhooks.Deliverer {
	return w.delivererWith(store, w.hooks)
}

func (w *world) delivererWith(store webhooks.Store, decisions webhooks.Decisions) *webhooks.Deliverer {
	if w.told == nil {
		w.told = slog.DiscardHandler
	}
	log := w.reads
	if log == nil {
		log = w.log
	}
	d := webhooks.New(webhooks.Config{
		Log: log, Hooks: w, Decisions: decisions, Store: store, Key: w.key, Every: every, Now: time.Now, Logger: slog.New(w.told), Metrics: w.shown,
		Mask: func(text []byte) []byte {
			return []byte(strings.ReplaceAll(string(text), "li@ningbo.example", "l***@ningbo.example"))
		},
	})
	d.Through(w.receiver)
	return d
}

// start runs a deliverer until stop is called, or the test ends.
func (w *world) start(t *testing.T) (stop func()) {
	t.Helper()
	return run(t, w.deliverer(w.store))
}

func run(t *testing.T, d *webhooks.Deliverer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// All is what the read model would tell.
func (w *world) All(ctx context.Context) ([]projections.Webhook, error) {
	var all []projections.Webhook
	for _, r := range w.log.Log() {
		if _, created := r.Event.(webhook.Created); !created {
			continue
		}
		hook, last, err := w.hooks.Find(ctx, strings.TrimPrefix(r.Stream, "webhook-"))
		if err != nil {
			return nil, err
		}
		if hook.Status != webhook.StatusRemoved {
			all = append(all, projections.Webhook{Head: projections.Head{ID: hook.ID, Revision: last.Revision}, Status: hook.Status})
		}
	}
	return all, nil
}

// followed is a log in memory that tells when it has grown.
type followed struct {
	*commandstest.Memory
	mu    sync.Mutex
	grown chan struct{}
}

// happen records events, one after the other.
func (l *followed) happen(t *testing.T, stream string, events ...domain.Event) {
	t.Helper()
	l.Given(t, stream, events...)
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *followed) end() domain.Position {
	all := l.Log()
	if len(all) == 0 {
		return domain.StartOfLog
	}
	return all[len(all)-1].Position
}

// Follow is a stream in which nothing happens.
func (*followed) Follow(ctx context.Context, _ string, _ uint64) iter.Seq2[domain.Recorded, error] {
	return func(func(domain.Recorded, error) bool) { <-ctx.Done() }
}

const pageSize = 7

// Facts is webhooks.Log.Facts.
func (l *followed) Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page {
	pages := make(chan domain.Page)
	go func() {
		defer close(pages)
		for {
			l.mu.Lock()
			grown := l.grown
			l.mu.Unlock()
			page := domain.Page{From: after, To: after, CaughtUp: true}
			for _, r := range l.Log() {
				if r.Position.Compare(after) <= 0 || !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(r.Event.EventType(), p) }) {
					continue
				}
				if len(page.Events) == pageSize {
					page.CaughtUp = false
					break
				}
				page.Events, page.To = append(page.Events, stored(r)), r.Position
			}
			if len(page.Events) > 0 {
				select {
				case pages <- page:
					after = page.To
				case <-ctx.Done():
					return
				}
				continue
			}
			select {
			case <-grown:
			case <-ctx.Done():
				return
			}
		}
	}()
	return pages
}

// FactsOf is webhooks.Log.FactsOf.
func (l *followed) FactsOf(_ context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for _, r := range l.Stream(stream) {
			if r.Revision >= from && !yield(stored(r), nil) {
				return
			}
		}
	}
}

// Checkpoint is webhooks.Log.Checkpoint.
func (l *followed) Checkpoint(_ context.Context, id string) (*webhook.Progress, error) {
	all := l.Events(webhook.ProgressAggregate.Stream(id))
	if len(all) == 0 {
		return nil, nil
	}
	last, ok := all[len(all)-1].(webhook.Checkpointed)
	if !ok {
		return nil, nil
	}
	return &last.Progress, nil
}

func stored(r domain.Recorded) domain.Recorded {
	data, err := json.Marshal(r.Event)
	if err != nil {
		panic(err)
	}
	r.Event = domain.AsStored{Event: r.Event, Type: r.Event.EventType(), Data: data}
	return r
}
