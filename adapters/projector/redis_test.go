package projector_test

import (
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	embedded "github.com/annals-crm/annals/adapters/embedded/redis"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// servers are the kinds of Redis the projector is tried on.
func servers(t *testing.T) map[string]string {
	t.Helper()
	server, err := embedded.Start()
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return map[string]string{"embedded": "redis://" + server.Addr(), "redis": redistest.Start(t)}
}

func connect(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	c, err := redisviews.Connect(url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// sees compares what queries see with what they see after one page of events.
func sees(t *testing.T, views projections.Views, events []domain.Recorded) {
	t.Helper()
	want := projectionstest.Given(t, samples(), events...)
	jobs, clients := samples()[0], samples()[1]
	for _, index := range []string{"all", "stage:new", "stage:offered", "stage:agreed", "stage:won"} {
		scan := projections.Scan{Index: index, Limit: 10_000}
		expected, err := want.Scan(t.Context(), jobs, scan)
		require.NoError(t, err)
		got, err := views.Scan(t.Context(), jobs, scan)
		require.NoError(t, err)
		assert.Equal(t, expected.Total, got.Total, index)
		assert.ElementsMatch(t, expected.Members, got.Members, index)
		for i := range got.Documents {
			assert.JSONEq(t, string(expected.Documents[i]), string(got.Documents[i]))
		}
	}
	for _, m := range []projections.Model{jobs, clients} {
		ask := projections.Ask{Groups: []string{"stages", "value", "all", "sum"}, Samples: []string{"closed value", "value"}}
		expected, err := want.Figures(t.Context(), m, ask)
		require.NoError(t, err)
		got, err := views.Figures(t.Context(), m, ask)
		require.NoError(t, err)
		got.State = expected.State // names the build, which the other one has none of
		assert.Equal(t, expected, got, m.Name)
	}
}

func TestOnRedis(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Busy(60, 11)
			client := connect(t, url)
			store := redisviews.New(client, redisviews.Config{ServedFor: time.Millisecond})
			log := newLog(9, events[:100]...)
			_, stop := start(t, config(t, log, store))
			reaches(t, store, events[99].Position, samples()...)
			sees(t, store, events[:100])

			require.NoError(t, client.FlushAll(t.Context()).Err())
			log.append(events[100:150]...)
			reaches(t, store, events[149].Position, samples()...)
			sees(t, store, events[:150])
			stop()

			_, _ = start(t, config(t, log, store))
			_, _ = start(t, config(t, log, redisviews.New(connect(t, url), redisviews.Config{})))
			for i := 150; i < len(events); i += 6 {
				log.append(events[i:min(i+6, len(events))]...)
			}
			reaches(t, store, last(events), samples()...)
			sees(t, store, events)
		})
	}
}

func TestOnRedisCluster(t *testing.T) {
	events := projectionstest.Busy(40, 12)
	store := redisviews.New(connect(t, redistest.StartCluster(t)), redisviews.Config{ServedFor: time.Millisecond})
	_, _ = start(t, config(t, newLog(9, events...), store))
	reaches(t, store, last(events), samples()...)
	sees(t, store, events)
}

// A connection that is cut after Redis has executed a transaction loses only the
// answer; what it wrote must be found out and not written twice.
func TestLostReplies(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			events := projectionstest.Busy(25, 13)
			direct := redisviews.New(connect(t, url), redisviews.Config{ServedFor: time.Millisecond})
			proxy := newProxy(t, url)
			store := redisviews.New(connect(t, "redis://"+proxy.addr), redisviews.Config{})
			log := newLog(4, events...)
			_, stop := start(t, config(t, log, store))
			reaches(t, direct, last(events), samples()...)
			stop()
			sees(t, direct, events)
			assert.Positive(t, proxy.lost(), "answers were lost")
		})
	}
}

// proxy forwards to Redis and, now and then, swallows what comes back after a
// commit and cuts the connection.
type proxy struct {
	addr   string
	target string

	mu     sync.Mutex
	random *rand.Rand
	cuts   int
}

func newProxy(t *testing.T, url string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the test
	require.NoError(t, err)
	p := &proxy{addr: listener.Addr().String(), target: url, random: rand.New(rand.NewPCG(13, 0))} //nolint:gosec // a test wants the same numbers again
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) lost() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close() //nolint:errcheck // cutting is the point
	network, address, _ := strings.Cut(p.target, "://")
	if network != "unix" {
		network = "tcp"
	}
	server, err := net.Dial(network, address) //nolint:noctx // closed below
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // cutting is the point
	var exec sync.Mutex
	executing := false
	go func() {
		defer client.Close() //nolint:errcheck // cutting is the point
		buffer := make([]byte, 1<<20)
		for {
			n, err := client.Read(buffer)
			if err != nil {
				return
			}
			exec.Lock()
			executing = strings.Contains(strings.ToLower(string(buffer[:n])), "\r\nexec\r\n")
			exec.Unlock()
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<20)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		exec.Lock()
		cut := executing && p.cut()
		exec.Unlock()
		if cut {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) cut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random.IntN(4) > 0 {
		return false
	}
	p.cuts++
	return true
}
