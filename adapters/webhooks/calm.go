package webhooks

import (
	"time"
)

const (
	atOnce = 8 // streams of a webhook that are sent at once
	// downAfter streams that failed without any being taken in between the receiver
	// counts as down: what it answers to one then goes for all, so it is tried with
	// one fact at a time, at growing intervals.
	downAfter = 10
)

// calm keeps from pressing a receiver that is down, or asks for time.
type calm struct {
	failing map[string]bool // streams that failed since anything was taken
	probes  int             // failures since it counts as down
	until   time.Time       // nothing is sent before; zero: at once
}

func newCalm() calm { return calm{failing: map[string]bool{}} }

func (c *calm) down() bool { return len(c.failing) >= downAfter }

// atOnce is how many streams may be sent at once: should all of them fail, no more
// have than it takes to know.
func (c *calm) atOnce() int { return min(max(downAfter-len(c.failing), 1), atOnce) }

// failed notes that a fact of a stream was not taken. Asked is for how long the
// receiver wants to be left alone.
func (c *calm) failed(stream string, asked time.Duration, now time.Time) {
	c.failing[stream] = true
	if asked > 0 {
		c.until = later(c.until, now.Add(min(asked, longestAsked)))
	}
	if c.down() {
		c.probes++
		c.until = later(c.until, now.Add(pause(c.probes, asked)))
	}
}

// taken notes that the receiver is there, and tells whether it was down. What it
// asked for before goes on.
func (c *calm) taken() (was bool) {
	was = c.down()
	until := c.until
	*c = newCalm()
	if !was {
		c.until = until
	}
	return was
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
