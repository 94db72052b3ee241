package httpapi

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// How many tokens that are not valid may come before they are answered with 429.
// Valid ones always pass: whoever shares an address with a guesser is not locked
// out, and a secret of 256 bits is not guessed meanwhile.
const (
	failuresPerMinute    = 20 // from one address
	allFailuresPerMinute = 1200
	rememberedAddresses  = 10_000
)

// attempts counts tokens that are not valid, by the address they come from.
type attempts struct {
	proxies []netip.Prefix
	all     *rate.Limiter
	from    *lru.Cache[netip.Addr, *rate.Limiter]
}

func newAttempts(proxies []netip.Prefix) *attempts {
	from, err := lru.New[netip.Addr, *rate.Limiter](rememberedAddresses)
	if err != nil {
		panic(err) // fails for sizes below 1
	}
	return &attempts{proxies: proxies, all: rate.NewLimiter(allFailuresPerMinute/60, allFailuresPerMinute), from: from}
}

// failed is err, or errTooManyAttempts if the address of the request, or all
// addresses together, have failed too often by now.
func (a *attempts) failed(r *http.Request, err error, now time.Time) error {
	address := a.address(r)
	bucket, ok := a.from.Get(address)
	if !ok {
		bucket = rate.NewLimiter(failuresPerMinute/60.0, failuresPerMinute)
		if earlier, raced, _ := a.from.PeekOrAdd(address, bucket); raced {
			bucket = earlier
		}
	}
	if bucket.AllowN(now, 1) && a.all.AllowN(now, 1) {
		return err
	}
	wait := math.Max((1-bucket.TokensAt(now))/float64(bucket.Limit()), (1-a.all.TokensAt(now))/float64(a.all.Limit()))
	return errTooManyAttempts.With(retryAfter{max(1, int(math.Ceil(wait)))})
}

// retryAfter is told in the header of that name, too.
type retryAfter struct {
	Seconds int `json:"retry_after_seconds"`
}

// address is where a request comes from: the peer, or, as long as that is a proxy
// that is trusted, who it says it asks for. An IPv6 network of 64 bits counts as
// one address, as it belongs to one customer of a provider.
func (a *attempts) address(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address := parsed(host)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		before := parsed(strings.TrimSpace(hop))
		if !before.IsValid() || !a.trusted(address) {
			break
		}
		address = before
	}
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return address
}

func (a *attempts) trusted(address netip.Addr) bool {
	return slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// parsed is the zero address if the text is none.
func parsed(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
