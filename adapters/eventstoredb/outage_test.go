package eventstoredb_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

const (
	callers = 8
	// slack is what a busy machine may add to a deadline.
	slack = 700 * time.Millisecond
)

// outage is how long the server stays away: as short as shows the effects, or
// CRM_TEST_OUTAGE, such as 30s.
func outage(t *testing.T) (away, deadline time.Duration) {
	t.Helper()
	if s := os.Getenv("CRM_TEST_OUTAGE"); s != "" {
		away, err := time.ParseDuration(s)
		require.NoError(t, err)
		return away, 5 * time.Second
	}
	return 0, 400 * time.Millisecond
}

// caller appends to a stream of its own, one event at a time, and repeats what
// was not answered.
type caller struct {
	stream  string
	stored  []string // ids in order
	longest time.Duration
	errs    []error // other than unavailable
}

func (c *caller) run(ctx context.Context, client *eventstoredb.Client, well, unwell chan<- struct{}) {
	for ctx.Err() == nil {
		facts := commandstest.Facts(len(c.stored), 1)
		for {
			began := time.Now()
			_, err := client.Append(context.WithoutCancel(ctx), c.stream, int64(len(c.stored))-1, facts)
			c.longest = max(c.longest, time.Since(began))
			if err == nil {
				c.stored = append(c.stored, facts[0].ID)
				offer(well)
				break
			}
			if !errors.Is(err, domain.ErrUnavailable) {
				c.errs = append(c.errs, err)
				return
			}
			offer(unwell)
		}
	}
}

func offer(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func TestOutage(t *testing.T) {
	away, deadline := outage(t)
	cfg := eventstore.Config{Dir: t.TempDir()}
	node := start(t, cfg)
	cfg.Listen = node.Addr()
	client := connect(t, node.ConnectionString(), deadline)
	ctx, cancel := context.WithCancel(t.Context())
	pages := client.Pages(t.Context(), pagesFrom(domain.StartOfLog))
	seen := make(chan map[string][]domain.Recorded, 1)
	last := make(chan domain.Position, 1)
	go func() { seen <- collect(t, pages, last) }()

	var (
		wg     sync.WaitGroup
		rows   [callers]caller
		well   [callers]chan struct{}
		unwell [callers]chan struct{}
	)
	for i := range rows {
		rows[i].stream = commandstest.NewStream()
		well[i], unwell[i] = make(chan struct{}, 1), make(chan struct{}, 1)
		wg.Go(func() { rows[i].run(ctx, client, well[i], unwell[i]) })
	}
	each := func(c [callers]chan struct{}, times int) {
		for i := range c {
			select {
			case <-c[i]: // from before
			default:
			}
		}
		for range times {
			for i := range c {
				select {
				case <-c[i]:
				case <-time.After(2*deadline + 10*time.Second):
					require.FailNow(t, "a caller hangs")
				}
			}
		}
	}
	for round := range 3 {
		each(well, 5)
		closing, stopNow := context.WithTimeout(context.Background(), time.Second)
		if round%2 == 0 {
			stopNow() // cuts calls short
		}
		_ = node.Close(closing)
		stopNow()
		each(unwell, 2)
		<-time.After(away)
		each(unwell, 1)
		node = start(t, cfg)
		began := time.Now()
		each(well, 1)
		t.Logf("all %d callers are well again %v after the server", callers, time.Since(began).Round(time.Millisecond))
		if away > 0 {
			break
		}
	}
	each(well, 5)
	cancel()
	wg.Wait()
	end, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	last <- end

	got := <-seen
	for _, c := range rows {
		require.Empty(t, c.errs)
		assert.Less(t, c.longest, deadline+slack)
		var ids []string
		for i, r := range got[c.stream] {
			require.EqualValues(t, i, r.Revision)
			ids = append(ids, r.ID)
		}
		require.Equal(t, c.stored, ids, "the subscription yields every event once and in order")
	}
}

// collect gathers pages up to the position it is told, by stream.
func collect(t *testing.T, pages <-chan domain.Page, last <-chan domain.Position) map[string][]domain.Recorded {
	t.Helper()
	var (
		got   = map[string][]domain.Recorded{}
		at    domain.Position
		bound *domain.Position
	)
	for bound == nil || at.Compare(*bound) < 0 {
		select {
		case end := <-last:
			bound = &end
		case page := <-pages:
			assert.Equal(t, at, page.From)
			for _, r := range page.Events {
				assert.Positive(t, r.Position.Compare(at))
				at = r.Position
				got[r.Stream] = append(got[r.Stream], r)
			}
			assert.GreaterOrEqual(t, page.To.Compare(at), 0)
			at = page.To
		case <-time.After(time.Minute):
			assert.Fail(t, "the subscription is stuck", "at %s", at)
			return got
		}
	}
	return got
}

// TestOutagesLeakNothing counts goroutines: a connection of the driver that is
// left open, and a call that is left hanging, each hold some.
func TestOutagesLeakNothing(t *testing.T) {
	const outages, deadline = 6, 200 * time.Millisecond
	cfg := eventstore.Config{Dir: t.TempDir()}
	node := start(t, cfg)
	cfg.Listen = node.Addr()
	client := connect(t, node.ConnectionString(), deadline)
	all := func(want error) {
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				stream, facts := commandstest.NewStream(), commandstest.Facts(0, 1)
				require.Eventually(t, func() bool {
					_, err := client.Append(t.Context(), stream, commands.NoStream, facts)
					_, also := client.LastPosition(t.Context())
					return errors.Is(err, want) && errors.Is(also, want)
				}, 10*time.Second, time.Millisecond)
			})
		}
		wg.Wait()
	}
	var before int
	for range outages {
		all(nil)
		if before == 0 {
			before = runtime.NumGoroutine()
		}
		gone, now := context.WithCancel(context.Background())
		now()
		go func() { _ = node.Close(gone) }()
		all(domain.ErrUnavailable)
		stop(t, node)
		node = start(t, cfg)
	}
	all(nil)
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() < before+outages }, 10*time.Second, 20*time.Millisecond,
		"%d goroutines before, %d after", before, runtime.NumGoroutine())
	t.Log(before, "goroutines before,", runtime.NumGoroutine(), "after", outages, "outages")
}

func TestServerAwayAtStart(t *testing.T) {
	node := start(t, eventstore.Config{InMemory: true})
	listen := node.Addr()
	stop(t, node)
	client := connect(t, node.ConnectionString(), 200*time.Millisecond)
	_, err := client.LastPosition(t.Context())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorContains(t, err, "connection refused")
	for _, err := range client.Read(t.Context(), "suite-1", 0) {
		require.ErrorIs(t, err, domain.ErrUnavailable)
	}
	pages := client.Pages(t.Context(), pagesFrom(domain.StartOfLog))

	start(t, eventstore.Config{InMemory: true, Listen: listen})
	stream := commandstest.NewStream()
	require.Eventually(t, func() bool {
		_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 1))
		return err == nil
	}, 5*time.Second, time.Millisecond)
	until(t, pages, func(page domain.Page) bool { return len(page.Events) == 1 })
}

func TestCloseEndsEverything(t *testing.T) {
	node := start(t, eventstore.Config{InMemory: true})
	client := connect(t, node.ConnectionString(), 5*time.Second)
	pages := client.Pages(t.Context(), pagesFrom(domain.StartOfLog))
	until(t, pages, func(page domain.Page) bool { return page.CaughtUp })
	client.Close()
	for range pages {
		continue
	}
	_, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 1))
	require.ErrorIs(t, err, domain.ErrUnavailable)
}
