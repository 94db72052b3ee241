package webhooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// given is a webhook that is never changed.
type given struct {
	hook webhook.Webhook
}

func (g given) All(context.Context) ([]projections.Webhook, error) {
	return []projections.Webhook{{Head: projections.Head{ID: g.hook.ID}, Status: g.hook.Status}}, nil
}

func (g given) Find(context.Context, string) (webhook.Webhook, domain.Recorded, error) {
	return g.hook, domain.Recorded{}, nil
}

func (given) Disable(context.Context, string, webhook.Disabled) error    { return nil }
func (given) Checkpoint(context.Context, string, webhook.Progress) error { return nil }

// givenLog does not grow. It is read in pages as large as those of a server.
type givenLog struct{ events []domain.Recorded }

func (g givenLog) Facts(ctx context.Context, _ domain.Position, _ []string) <-chan domain.Page {
	const size = 100
	pages := make(chan domain.Page)
	go func() {
		defer close(pages)
		for all := g.events; len(all) > 0; all = all[min(size, len(all)):] {
			page := domain.Page{Events: all[:min(size, len(all))]}
			page.To = page.Events[len(page.Events)-1].Position
			select {
			case pages <- page:
			case <-ctx.Done():
				return
			}
		}
		<-ctx.Done()
	}()
	return pages
}

func (g givenLog) FactsOf(_ context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for _, r := range g.events {
			if r.Stream == stream && r.Revision >= from && !yield(r, nil) {
				return
			}
		}
	}
}

func (givenLog) Checkpoint(context.Context, string) (*webhook.Progress, error) { return nil, nil }

const (
	benchFacts   = 5_000
	benchStreams = 500
	benchCallers = 8 // as many as a webhook sends at once
)

// BenchmarkDeliveries sends facts to a receiver that answers at once, and keeps the
// place in a Redis. It is held against a bare HTTP client that posts the same
// bodies, as many at once.
func BenchmarkDeliveries(b *testing.B) {
	events := make([]domain.Recorded, benchFacts)
	bodies := make([][]byte, benchFacts)
	for i := range events {
		id := i % benchStreams
		r := domain.Recorded{
			ID: uuid.NewString(), Stream: fmt.Sprint("deal-", id), Revision: uint64(i / benchStreams), Position: domain.Position{Commit: uint64(i + 1), Prepare: uint64(i + 1)},
			RecordedAt: time.Now(), Event: deal.Opened{DealID: fmt.Sprint(id), Title: "forty pumps for the plant in Ningbo", Owner: "ann"},
		}
		events[i] = stored(r)
		fact, ok := feed.Of(events[i])
		require.True(b, ok)
		var err error
		bodies[i], err = json.Marshal(fact)
		require.NoError(b, err)
	}
	var taken atomic.Int64
	all := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
		if taken.Add(1)%benchFacts == 0 {
			all <- struct{}{}
		}
	}))
	defer receiver.Close()
	client, err := redisviews.Connect(redistest.Start(b))
	require.NoError(b, err)
	defer func() { _ = client.Close() }()
	store := redisviews.New(client, redisviews.Config{})

	var ours, bare time.Duration
	for b.Loop() {
		began := time.Now()
		go postAll(b.Context(), receiver.URL, bodies)
		<-all
		bare += time.Since(began)

		began = time.Now()
		stop := deliver(b, receiver.URL, events, store)
		<-all
		ours += time.Since(began)
		stop()
	}
	require.Zero(b, taken.Load()%benchFacts)
	rate := func(d time.Duration) float64 { return float64(b.N) * benchFacts / d.Seconds() }
	b.ReportMetric(rate(ours), "deliveries/s")
	b.ReportMetric(rate(bare), "bare/s")
	b.ReportMetric(rate(ours)/rate(bare), "ratio")
}

// deliver sends events until stop is called.
func deliver(b *testing.B, address string, events []domain.Recorded, store webhooks.Store) (stop func()) {
	b.Helper()
	key, err := webhooks.NewKey(make([]byte, webhooks.KeyBytes))
	require.NoError(b, err)
	id := uuid.NewString()
	sealed, err := key.Secret(id)
	require.NoError(b, err)
	g := given{webhook.Webhook{ID: id, Status: webhook.Active, Settings: webhook.Settings{URL: address}, Secret: sealed}}
	d := webhooks.New(webhooks.Config{
		Log: givenLog{events}, Hooks: g, Decisions: g, Store: store, Key: key, Guard: here, Every: time.Millisecond, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

// postAll posts bodies, as a bare client does.
func postAll(ctx context.Context, address string, bodies [][]byte) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchCallers}}
	defer client.CloseIdleConnections()
	next := atomic.Int64{}
	var work sync.WaitGroup
	for range benchCallers {
		work.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(bodies)); i = next.Add(1) - 1 {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(bodies[i]))
				if err != nil {
					panic(err)
				}
				response, err := client.Do(request)
				if err != nil {
					panic(err)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
	work.Wait()
}
