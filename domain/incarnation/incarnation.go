// Package incarnation keeps how often the log was put back to an earlier state.
// A log that was restored from a backup is another one from there on: what was
// made from its former self, such as read models that are ahead of it, is worth
// nothing to it.
package incarnation

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// ID is the id of the one stream that holds all incarnations but the first.
const ID = "log"

// ErrFirst is for a log that was never restored.
var ErrFirst = &domain.Error{Kind: domain.Missing, Code: "never_restored", Message: "the log was never restored"}

// Log is how often the log was restored.
type Log struct {
	Restored int `json:"restored"`
}

// Aggregate says where incarnations are kept.
var Aggregate = domain.Aggregate[Log, Event]{Category: "incarnation", Evolve: Evolve, Snapshot: 1, NotFound: ErrFirst}

// Evolve is the log after e.
func Evolve(l Log, e Event) Log {
	switch e.(type) {
	case Begun:
		l.Restored++
	}
	return l
}

// Begin starts another incarnation. It fails with input.ErrInvalid without a
// reason: who looks for what is gone must find out why.
func (l Log) Begin(in Begun, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredText("reason", &in.Reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	in.BegunAt = domain.Instant(at)
	return []Event{in}, nil
}
