package eventstoredb

import (
	"context"
	"math/rand/v2"
	"time"
)

// pause is a wait that doubles, with jitter so that callers who failed together
// do not come back together.
type pause struct{ next, limit time.Duration }

func (p *pause) reset() { p.next = 0 }

// sleep waits half to the whole of the next step. It reports whether ctx is
// still going on.
func (p *pause) sleep(ctx context.Context) bool {
	step := max(p.next, p.limit/50)
	p.next = min(2*step, p.limit)
	d := step/2 + rand.N(step/2+1)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
