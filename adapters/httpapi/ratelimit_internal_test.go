package httpapi

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/access"
)

func TestRateLimit(t *testing.T) {
	f := start(t, Limits{})
	f.commandQuota, f.queryQuota = newQuota("commands", 2), newQuota("queries", 600)
	for _, want := range []string{`"commands";r=1;t=30`, `"commands";r=0;t=60`} {
		w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving)
		require.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, want, w.Header().Get("RateLimit"))
		assert.Equal(t, `"commands";q=2;w=60`, w.Header().Get("RateLimit-Policy"))
		assert.Empty(t, w.Header().Get("Retry-After"))
	}
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", moving)
	assert.Equal(t, http.StatusTooManyRequests, w.Code)
	assert.Equal(t, "rate_limited", problemIn(t, w).Code)
	assert.Equal(t, "30", w.Header().Get("Retry-After"))
	assert.Equal(t, `"commands";r=0;t=60`, w.Header().Get("RateLimit"))

	w = f.do(t, http.MethodGet, "/v1/queries/jobs", "sales", "")
	assert.Equal(t, http.StatusOK, w.Code, "queries are counted apart")
	assert.Equal(t, `"queries";r=599;t=1`, w.Header().Get("RateLimit"))
	w = f.do(t, http.MethodGet, "/v1/queries/nowhere", "sales", "")
	assert.Equal(t, `"queries";r=598;t=1`, w.Header().Get("RateLimit"), "on answers that are problems, too")

	w = f.do(t, http.MethodGet, "/openapi.json", "sales", "")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.NotContains(t, w.Header(), "Ratelimit")
}

func TestRateLimitRefills(t *testing.T) {
	now := time.Now()
	q := newQuota("queries", 60)
	h := http.Header{}
	require.NoError(t, q.take(h, "ann", 60, now))
	assert.ErrorIs(t, q.take(h, "ann", 1, now), errRateLimited)
	assert.ErrorIs(t, q.take(h, "ann", 2, now.Add(1500*time.Millisecond)), errRateLimited)
	assert.Equal(t, "1", h.Get("Retry-After"))
	assert.NoError(t, q.take(h, "ann", 1, now.Add(1500*time.Millisecond)), "what was refused cost nothing")
	assert.NoError(t, q.take(h, "bob", 60, now), "another caller has a bucket of its own")
	assert.ErrorIs(t, q.take(h, "cy", 1000, now), errRateLimited)
	assert.Equal(t, "1", h.Get("Retry-After"), "more than ever fits")
}

func TestRateLimitBoundsItsMemory(t *testing.T) {
	now := time.Now()
	q := newQuota("queries", 60)
	for i := range rememberedCallers + 5 {
		require.NoError(t, q.take(http.Header{}, strconv.Itoa(i), 60, now))
	}
	assert.Equal(t, rememberedCallers, q.buckets.Len())
	assert.NoError(t, q.take(http.Header{}, "0", 1, now), "forgotten")
	assert.Error(t, q.take(http.Header{}, "10000", 1, now))
}

func TestNoRateLimit(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodGet, "/v1/queries/jobs", access.Sales, "")
	assert.NotContains(t, w.Header(), "Ratelimit")
	assert.NotContains(t, w.Header(), "Ratelimit-Policy")
}

func BenchmarkRateLimit(b *testing.B) {
	q := newQuota("queries", 1_000_000_000)
	for i := range rememberedCallers {
		_ = q.take(http.Header{}, strconv.Itoa(i), 1, time.Now())
	}
	h := http.Header{}
	b.ReportAllocs()
	for b.Loop() {
		if q.take(h, "9999", 1, time.Now()) != nil {
			b.Fatal("refused")
		}
	}
}
