package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFailedAttemptsAreLimited(t *testing.T) {
	f := start(t, Limits{})
	for range failuresPerMinute {
		require.Equal(t, http.StatusUnauthorized, f.do(t, http.MethodGet, "/v1/queries/jobs", "wrong", "").Code)
	}
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", "wrong", "")
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	assert.Equal(t, "too_many_attempts", problemIn(t, w).Code)
	seconds, err := strconv.Atoi(w.Header().Get("Retry-After"))
	require.NoError(t, err)
	assert.InDelta(t, 3, seconds, 1)
	assert.Equal(t, http.StatusOK, f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "").Code, "a valid token from the same address passes")
	assert.Equal(t, http.StatusUnauthorized, f.do(t, http.MethodGet, "/v1/queries/jobs", "", "").Code, "no token is no attempt")
}

func TestFailedAttemptsOfAllAddressesAreLimited(t *testing.T) {
	a, now := newAttempts(nil), time.Now()
	from := func(n int) error {
		r := request(t, http.MethodGet, "/", "", "")
		r.RemoteAddr = netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}).String() + ":4711"
		return a.failed(r, ErrUnauthenticated, now)
	}
	for n := range allFailuresPerMinute {
		require.Equal(t, error(ErrUnauthenticated), from(n))
	}
	assert.ErrorIs(t, from(1_000_000), errTooManyAttempts)
	for n := range rememberedAddresses + 10 {
		_ = from(n)
	}
	assert.Equal(t, rememberedAddresses, a.from.Len())
}

func TestAddressOfRequest(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		peer, forwarded string
		proxies         []netip.Prefix
		want            string
	}{
		{"203.0.113.9:1", "", nil, "203.0.113.9"},
		{"10.0.0.1:1", "198.51.100.7", nil, "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.7", proxies, "198.51.100.7"},
		{"203.0.113.9:1", "198.51.100.7", proxies, "203.0.113.9"},
		{"10.0.0.1:1", "1.1.1.1, 198.51.100.7, 10.0.0.2", proxies, "198.51.100.7"},
		{"10.0.0.1:1", "1.1.1.1, nonsense", proxies, "10.0.0.1"},
		{"[2001:db8:1:2:3:4:5:6]:1", "", nil, "2001:db8:1:2::"},
		{"[::ffff:203.0.113.9]:1", "", nil, "203.0.113.9"},
	} {
		r := request(t, http.MethodGet, "/", "", "")
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		assert.Equal(t, tt.want, newAttempts(tt.proxies).address(r).String(), "%s for %s", tt.peer, tt.forwarded)
	}
}

func TestCallerWithoutRoles(t *testing.T) {
	f := start(t, Limits{})
	f.auth = noRoles{}
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", "any", "")
	assert.Equal(t, http.StatusForbidden, w.Code)
	assert.Equal(t, "no_roles", problemIn(t, w).Code)
}

type noRoles struct{ Authenticator }

func (noRoles) Caller(context.Context, string) (Caller, error) { return Caller{ID: "ann"}, nil }
