package bench

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

func TestConnReadsWhatServersSend(t *testing.T) {
	long := strings.Repeat("0123456789", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			_, _ = w.Write([]byte("short"))
		case "/chunks": // too long for a length
			for part := range strings.SplitSeq(long, "5") {
				_, _ = w.Write([]byte(part))
				_ = http.NewResponseController(w).Flush()
			}
		case "/v1/commands/move-deal":
			body := new(bytes.Buffer)
			_, _ = body.ReadFrom(r.Body)
			_, _ = w.Write([]byte(r.Header.Get("Authorization") + "|" + r.Header.Get("Idempotency-Key") + "|" + body.String()))
		default:
			http.Error(w, "no", http.StatusTeapot)
		}
	}))
	defer server.Close()
	to := requests{server.Listener.Addr().String(), "secret"}
	c, err := dial(t.Context(), to.host)
	require.NoError(t, err)
	defer c.close()
	for range 2 { // on the same connection
		for request, want := range map[string]string{
			string(to.get("/short")):                            "short",
			string(to.get("/chunks")):                           strings.ReplaceAll(long, "5", ""),
			string(to.post(nil, "move-deal", "key", `{"a":1}`)): `Bearer secret|key|{"a":1}`,
			string(to.post(nil, "move-deal", "", `{}`)):         `Bearer secret||{}`,
		} {
			got, err := c.do([]byte(request))
			require.NoError(t, err)
			assert.Equal(t, want, string(got))
		}
		_, err = c.do(to.get("/missing"))
		var refused *refusal
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusTeapot, refused.status)
		assert.EqualError(t, err, "GET /missing: 418: no\n")
	}
}

func TestSamples(t *testing.T) {
	second := func(n int) slice { return slice{elapsed: time.Second, taken: make([]time.Duration, n)} }
	s := sample{slices: []slice{second(10), second(90), second(20)}}
	assert.InDelta(t, 20.0, s.rate(), 0, "one good slice is no better than one bad")
	assert.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 0)
	var taken []time.Duration
	for i := range 100 {
		taken = append(taken, time.Duration(i+1))
	}
	assert.EqualValues(t, 51, quantile(taken, 0.5))
	assert.EqualValues(t, 100, quantile(taken, 0.99))
	assert.Zero(t, quantile(nil, 0.5))
}

func TestCallersStopWithTheFirstFailure(t *testing.T) {
	broken := errors.New("refused")
	failing, err := newCallers(3, func(caller int) (op, func(), error) {
		return func(_ context.Context, n int) error {
			if caller == 1 && n == 2 {
				return broken
			}
			return nil
		}, func() {}, nil
	})
	require.NoError(t, err)
	_, err = failing.run(t.Context(), time.Hour)
	assert.ErrorIs(t, err, broken)
}

func TestReport(t *testing.T) {
	var out bytes.Buffer
	r := report{out: &out}
	r.section("title", "bare")
	r.compare("rate", 12_345.6, 20_000, " /s", atLeast(0.6))
	r.compare("tail", 3, 2, " ms", goal{most: 1.2}, "server 5", "node 7")
	r.figure("most", 1.234, " ms", below(5, " ms"))
	r.flush()
	for _, want := range []string{
		"12,346 /s", "20,000 /s", "0.62   ≥ 0.6   met", "1.50   < 1.2   SHORT", "µs: server 5 | bare: node 7", "1.23 ms", "< 5 ms  met",
	} {
		assert.Contains(t, out.String(), want)
	}
}

// memory takes what a seed appends and checks what commands would have.
type memory struct {
	commands.EventStore
	streams map[string]int
}

func (m *memory) Append(_ context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	if _, twice := m.streams[stream]; twice || expected != commands.NoStream {
		return commands.Appended{}, domain.ErrConflict
	}
	m.streams[stream] = len(events)
	return commands.Appended{}, nil
}

func TestSeedIsWhatTheDomainDecides(t *testing.T) {
	log := &memory{streams: map[string]int{}}
	s := newSeed(log)
	for n := range 30 {
		_, _, err := s.round(t.Context(), n)
		require.NoError(t, err)
	}
	assert.Len(t, log.streams, 30*(customersPerRound+dealsPerRound+ticketsPerRound))
	for n := range 150 {
		events := log.streams["deal-"+s.id("deal", n)]
		require.NotZero(t, events)
		if openDeal(n) {
			assert.LessOrEqual(t, events, 2, "an open deal stands in one of the first two stages")
		}
	}
}
