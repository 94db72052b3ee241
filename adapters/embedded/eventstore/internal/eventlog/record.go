package eventlog

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Record is one stored event: a fixed header to find things by, then a complete ReadResp message of the streams protocol.
// What readers mostly want is to pass the message on, and what filters want is the stream and the type, so neither needs
// the message decoded.
type Record []byte

// Offsets of the header. All lengths and offsets inside the record are 32 bits; an event is far smaller.
const (
	atVersion    = 0
	atFlags      = 1
	atPosition   = 2
	atCreated    = 10
	atRevision   = 18
	atID         = 26
	atEvent      = 42 // where the RecordedEvent starts, and its length
	atStream     = 50 // where the stream name starts, and its length
	atType       = 58 // where the type starts, and its length
	atDataLength = 66 // the data ends the RecordedEvent
	headerLength = 70
)

const recordVersion = 1

const flagLink = 1

// LinkType is the event type whose data, "revision@stream", points to another event.
const LinkType = "$>"

// Position is where the record stands in the log, and the key it is stored under.
func (r Record) Position() uint64 { return binary.BigEndian.Uint64(r[atPosition:]) }

// Revision is the number of the event within its stream.
func (r Record) Revision() int64 { return int64(binary.BigEndian.Uint64(r[atRevision:])) }

// ID is the identity the writer gave the event.
func (r Record) ID() uuid.UUID { return uuid.UUID(r[atID : atID+16]) }

// Created is when the log accepted the event.
func (r Record) Created() time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(r[atCreated:]))*ticksInNanoseconds)
}

// Stream returns bytes of the record itself; they must not be changed.
func (r Record) Stream() []byte { return r.slice(atStream) }

// Type returns bytes of the record itself; they must not be changed.
func (r Record) Type() []byte { return r.slice(atType) }

// IsLink reports whether the record points to another event.
func (r Record) IsLink() bool { return r[atFlags]&flagLink != 0 }

// Data returns bytes of the record itself; they must not be changed.
func (r Record) Data() []byte {
	start, length := r.span(atEvent)
	end := start + length
	return r[end-int(binary.BigEndian.Uint32(r[atDataLength:])) : end]
}

// Message is the record as an encoded ReadResp with a structured event id: what a reader gets who asked for nothing else.
func (r Record) Message() []byte { return r[headerLength:] }

// Event is the record as an encoded RecordedEvent.
func (r Record) Event() []byte { return r.slice(atEvent) }

func (r Record) slice(field int) []byte {
	start, length := r.span(field)
	return r[start : start+length]
}

func (r Record) span(field int) (start, length int) {
	return int(binary.BigEndian.Uint32(r[field:])), int(binary.BigEndian.Uint32(r[field+4:]))
}

func (r Record) setSpan(field, start, length int) {
	binary.BigEndian.PutUint32(r[field:], uint32(start))
	binary.BigEndian.PutUint32(r[field+4:], uint32(length))
}

func (r Record) valid() bool {
	return len(r) > headerLength && r[atVersion] == recordVersion
}
