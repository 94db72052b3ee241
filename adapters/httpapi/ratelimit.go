package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/annals-crm/annals/domain"
)

// Rates bound what one caller may ask of this process, in requests a minute.
// Unused requests are saved up for a minute. 0: no bound.
type Rates struct {
	Commands int
	Queries  int
}

// errRateLimited comes with Retry-After.
var errRateLimited = &domain.Error{Code: "rate_limited", Message: "you ask more often than one caller may; wait for as long as Retry-After says"}

// rememberedCallers bounds the memory for buckets. Who was not heard of for the
// longest time is forgotten, and starts with a full bucket.
const rememberedCallers = 10_000

// quota is what every caller may ask of one side.
type quota struct {
	name      string
	perMinute int
	policy    []string // the header, the same in every answer
	buckets   *lru.Cache[string, *rate.Limiter]
}

// newQuota is nil if there is no bound.
func newQuota(name string, perMinute int) *quota {
	if perMinute <= 0 {
		return nil
	}
	buckets, err := lru.New[string, *rate.Limiter](rememberedCallers)
	if err != nil {
		panic(err) // fails for sizes below 1
	}
	return &quota{
		name: name, perMinute: perMinute, buckets: buckets,
		policy: []string{strconv.Quote(name) + ";q=" + strconv.Itoa(perMinute) + ";w=60"},
	}
}

// take takes n requests from what a caller may still ask, and tells what is
// left. It takes none and fails with errRateLimited if there are fewer.
func (q *quota) take(h http.Header, caller string, n int, now time.Time) error {
	if q == nil {
		return nil
	}
	bucket, ok := q.buckets.Get(caller)
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(q.perMinute)/60, q.perMinute)
		if earlier, raced, _ := q.buckets.PeekOrAdd(caller, bucket); raced {
			bucket = earlier
		}
	}
	allowed := bucket.AllowN(now, n)
	left := math.Max(0, bucket.TokensAt(now))
	h["Ratelimit-Policy"] = q.policy
	h["Ratelimit"] = []string{q.left(left)}
	if allowed {
		return nil
	}
	q.again(h, caller, n, now)
	return errRateLimited
}

// again tells in how many seconds a caller may ask n requests.
func (q *quota) again(h http.Header, caller string, n int, now time.Time) {
	left := 0.0
	if bucket, ok := q.buckets.Peek(caller); ok {
		left = math.Max(0, bucket.TokensAt(now))
	}
	h["Retry-After"] = []string{strconv.Itoa(q.seconds(math.Min(float64(n), float64(q.perMinute)) - left))}
}

// left is the header field: how many requests are left, and in how many seconds
// it is all of them again.
func (q *quota) left(tokens float64) string {
	text := make([]byte, 0, 48)
	text = append(text, '"')
	text = append(text, q.name...)
	text = append(text, `";r=`...)
	text = strconv.AppendInt(text, int64(tokens), 10)
	text = append(text, ";t="...)
	text = strconv.AppendInt(text, int64(q.seconds(float64(q.perMinute)-tokens)), 10)
	return string(text)
}

// seconds is how long it takes for tokens to come, at least 1.
func (q *quota) seconds(tokens float64) int {
	return max(1, int(math.Ceil(tokens*60/float64(q.perMinute))))
}

// quotaOf is the quota that a path draws on; nil: none.
func (s *service) quotaOf(path string) *quota {
	switch {
	case len(path) > len(commandPath) && path[:len(commandPath)] == commandPath:
		return s.commandQuota
	case len(path) > len(queryPath) && path[:len(queryPath)] == queryPath:
		return s.queryQuota
	}
	return nil
}
