package webhooks_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/ticket"
)

// won is a fact about a deal, opened one about a ticket.
func won(n int) domain.Event { return deal.Won{DealID: fmt.Sprint(n)} }

func opened(n int) domain.Event { return ticket.Opened{TicketID: fmt.Sprint(n)} }

// record puts n facts into each of the streams, mixed.
func (w *world) record(t *testing.T, streams, n int) (perStream map[string]int) {
	t.Helper()
	perStream = map[string]int{}
	for range n {
		for s := range streams {
			stream := fmt.Sprint("deal-", s)
			w.log.happen(t, stream, won(s))
			perStream[stream]++
		}
	}
	return perStream
}

func TestFactsAreSentAsTheyWereRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.log.happen(t, "deal-1", won(1))
		time.Sleep(every + time.Second)
		of := w.log.Stream("deal-1")
		fact, ok := feed.Of(stored(of[0]))
		require.True(t, ok)
		want, err := fact.JSON()
		require.NoError(t, err)
		require.Len(t, w.sent(), 1)
		assert.Equal(t, string(want), w.sent()[0].body, "as the change feed has it")
		assert.True(t, w.sent()[0].proven)
	})
}

func TestOrderPerStreamWhateverFails(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test that can be repeated
			w := newWorld(t)
			w.answers(func(m received) (int, http.Header) {
				if random.IntN(3) == 0 && m.number <= 6 {
					return []int{400, 408, 500, 301}[random.IntN(4)], nil
				}
				return 200, nil
			})
			w.create(t, commands.CreateWebhook{})
			w.start(t)
			want := w.record(t, 15, 4)
			time.Sleep(time.Minute)
			for stream, n := range w.record(t, 15, 4) {
				want[stream] += n
			}
			time.Sleep(4 * time.Hour)
			w.inOrder(t, want)
		})
	}
}

func TestAStreamDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.answers(func(m received) (int, http.Header) {
			if m.Stream == "deal-bad" && m.Revision == 1 {
				return 422, nil
			}
			return 200, nil
		})
		w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.log.happen(t, "deal-bad", won(0), won(1), won(2))
		time.Sleep(24 * time.Hour) // it alone is there, and fails for long
		w.log.happen(t, "deal-good", won(3))
		synctest.Wait()
		var last received
		for _, m := range w.taken() {
			last = m
			assert.False(t, m.Stream == "deal-bad" && m.Revision > 0, "what follows waits")
		}
		assert.Equal(t, "deal-good", last.Stream)
		assert.WithinDuration(t, time.Now(), last.at, time.Second, "and what has nothing to do with it does not")
	})
}

// One whose receiver takes its time does not, either, however many pages the
// others fill meanwhile.
func TestASlowStreamDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.slow = map[string]time.Duration{"deal-0": 14 * time.Second}
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 10, 50)
		w.start(t)
		time.Sleep(10 * time.Second)
		assert.Len(t, w.sent(), 9*50, "all but those of the slow one, of which the first is on its way")
		time.Sleep(time.Hour)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 10*50, "none twice")
	})
}

// Streams that hold more than is kept in memory are read from the log again.
func TestLongStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.takes = 10 * time.Millisecond
		w.create(t, commands.CreateWebhook{})
		want := w.record(t, 4, 200)
		w.start(t)
		time.Sleep(time.Second)
		for range 20 {
			w.log.happen(t, "deal-0", won(0)) // in the middle of it
			time.Sleep(70 * time.Millisecond)
			want["deal-0"]++
		}
		time.Sleep(time.Minute)
		w.inOrder(t, want)
		assert.Len(t, w.sent(), 4*200+20, "none twice")
	})
}

// A stream grows while what it holds is tried again: what came meanwhile is sent,
// too.
func TestStreamThatGrowsWhileItIsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.takes = 2 * time.Second
		w.answers(func(m received) (int, http.Header) {
			if m.number == 1 && m.Revision == 0 {
				return 500, nil
			}
			return 200, nil
		})
		w.create(t, commands.CreateWebhook{})
		w.start(t)
		w.log.happen(t, "deal-0", won(0))
		for range 20 { // at any moment of the attempts, which come after 2 s, and after 5 s more
			time.Sleep(700 * time.Millisecond)
			w.log.happen(t, "deal-0", won(0))
		}
		time.Sleep(time.Hour)
		w.inOrder(t, map[string]int{"deal-0": 21})
	})
}

func TestWhatWasNotAskedForIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, commands.CreateWebhook{WebhookSettings: commands.WebhookSettings{Types: []string{"ticket.opened"}}})
		w.start(t)
		for range 3 {
			w.log.happen(t, "deal-1", won(1))
			w.log.happen(t, "ticket-1", opened(1))
		}
		time.Sleep(every + time.Second)
		w.inOrder(t, map[string]int{"ticket-1": 3})
	})
}
