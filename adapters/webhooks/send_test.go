package webhooks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/webhooks"
)

// post sends one message to a server over the network.
func post(t *testing.T, address string, guard webhooks.Guard, timeout time.Duration) (status int, reason string) {
	t.Helper()
	return webhooks.Post(t.Context(), guard, nil, timeout, address)
}

// here lets a test reach its own servers.
var here = webhooks.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}

func serve(t *testing.T, handle http.HandlerFunc) (address string) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := atomic.Bool{}
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { followed.Store(true) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		got, reason := post(t, serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, status) }), here, time.Minute)
		assert.Equal(t, status, got)
		assert.NotEmpty(t, reason, "it counts as not taken")
	}
	assert.False(t, followed.Load())
}

func TestReceiverThatDoesNotAnswer(t *testing.T) {
	ended := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		close(ended)
	})
	status, reason := post(t, address, here, 50*time.Millisecond)
	assert.Zero(t, status)
	assert.Equal(t, "no answer in time", reason)
	<-ended
}

// What a receiver says beyond the first 64 KiB is not listened to.
func TestReceiverThatDoesNotEnd(t *testing.T) {
	told := atomic.Int64{}
	status, reason := post(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			n, err := w.Write(make([]byte, 32<<10))
			if told.Add(int64(n)); err != nil {
				return
			}
		}
	}), here, time.Minute)
	assert.Equal(t, 200, status)
	assert.Empty(t, reason)
}

func TestHeadersWithoutEnd(t *testing.T) {
	status, reason := post(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", string(make([]byte, 64<<10)))
	}), here, time.Minute)
	assert.Zero(t, status)
	assert.NotEmpty(t, reason)
}

func TestReceiverThatIsNotThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL + "/?token=s3cr3t"
	server.Close()
	_, reason := post(t, address, here, time.Minute)
	assert.Contains(t, reason, "connection refused")
	assert.NotContains(t, reason, "s3cr3t", "addresses may hold secrets")
	assert.NotContains(t, reason, "127.0.0.1", "nor is the network here told of")
}

func TestAddressesThatAreNotPublicAreNotReached(t *testing.T) {
	reached := atomic.Bool{}
	address := serve(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	u, err := url.Parse(address)
	require.NoError(t, err)
	for _, host := range []string{
		"127.0.0.1", "localhost", // what a name stands for shows when it is connected to
		"[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1",
	} {
		for _, scheme := range []string{"http://", "https://"} {
			status, reason := post(t, scheme+host+":"+u.Port(), webhooks.Guard{}, time.Minute)
			assert.Zero(t, status, host)
			assert.NotEmpty(t, reason, host)
		}
	}
	assert.False(t, reached.Load())
	_, reason := post(t, "https://localhost:"+u.Port(), webhooks.Guard{}, time.Minute)
	assert.Contains(t, reason, "--webhook-allow-private")
	assert.NotContains(t, reason, "127.0.0.1", "what a name stands for here is nobody's business")
}

// A name may be answered with another address each time it is asked for: what
// counts is the address that is connected to.
func TestNamesAreNotBelieved(t *testing.T) {
	asked := atomic.Int64{}
	address := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was reached") })
	u, err := url.Parse(address)
	require.NoError(t, err)
	dns := serveNames(t, func() netip.Addr {
		if asked.Add(1) == 1 {
			return netip.MustParseAddr("93.184.215.14")
		}
		return netip.MustParseAddr("127.0.0.1")
	})
	guard := webhooks.Guard{}
	require.NoError(t, guard.Check("https://hooks.example.com:"+u.Port()))
	found, err := dns.LookupNetIP(t.Context(), "ip4", "hooks.example.com")
	require.NoError(t, err)
	assert.True(t, webhooks.Public(found[0].Unmap()), "whoever asked beforehand would have let it pass")
	status, reason := webhooks.Post(t.Context(), guard, dns, time.Minute, "https://hooks.example.com:"+u.Port())
	assert.Zero(t, status)
	assert.Contains(t, reason, "the host is not public")
}
