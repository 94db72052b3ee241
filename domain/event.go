// Package domain is the shared kernel: the shape of an event and the envelope
// it is read back in, who did it and when, the errors callers branch on, and
// money. It knows no aggregate and no technology.
package domain

import (
	"strings"
	"time"
)

// Event is one recorded fact. EventType is its name on the wire, version
// included; once written to a stream it never changes.
type Event interface{ EventType() string }

// Dated is an event with a business time of its own, other than that of the
// command it came from: a deadline passes when it is due, not when it is noticed.
type Dated interface{ HappenedAt() time.Time }

// NewEvent is a fact about to be appended. ID is derived from the command and
// the fact's place in it, so a repeated append is recognised by the log.
type NewEvent struct {
	ID    string
	Event Event
	Meta  Meta
}

// Recorded is an event as read back from the log.
type Recorded struct {
	ID         string
	Event      Event
	Stream     string
	Revision   uint64
	Position   Position
	RecordedAt time.Time // when the log took it, UTC
	Meta       Meta
}

// Subject is the id of the aggregate whose stream holds the event.
func (r Recorded) Subject() string {
	_, id, _ := strings.Cut(r.Stream, "-")
	return id
}

// OccurredAt is the business time of the event: when it happened, as opposed
// to RecordedAt, when it was written down.
func (r Recorded) OccurredAt() time.Time {
	if r.Meta.OccurredAt.IsZero() {
		return r.RecordedAt
	}
	return r.Meta.OccurredAt
}

// Undecodable stands for an event whose bytes could not be read, so that a
// reader can park its stream and say where, instead of skipping or crashing.
type Undecodable struct {
	Type string
	Err  error
}

// EventType is the wire name the event was stored under.
func (u Undecodable) EventType() string { return u.Type }

// AsStored is an event together with the bytes the log holds, for readers that
// hand them on unchanged. Event is what they mean today: upcast, or Undecodable.
type AsStored struct {
	Event
	Type string // wire name it was stored under
	Data []byte
}

// EventType is the wire name the event was stored under.
func (s AsStored) EventType() string { return s.Type }
