package webhooks

import (
	"math/rand/v2"
	"time"
)

const (
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	// longestAsked bounds what a receiver may ask for with Retry-After.
	longestAsked = 24 * time.Hour
)

// pause is how long to wait after attempts have failed: 5 s, 15 s, 45 s and so
// on up to an hour, each give or take a fifth, so that many do not come back
// at once; and not less than the receiver asks for.
func pause(attempts int, asked time.Duration) time.Duration {
	wait := firstPause
	for range attempts - 1 {
		if wait = min(3*wait, longestPause); wait == longestPause {
			break
		}
	}
	wait += time.Duration((rand.Float64()*0.4 - 0.2) * float64(wait))
	return max(wait, min(asked, longestAsked))
}
