package eventlog

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of ReadResp, ReadEvent, RecordedEvent, UUID and StreamIdentifier in the streams protocol.
const (
	fieldRespEvent       = 1
	fieldReadEvent       = 1
	fieldReadLink        = 2
	fieldReadCommit      = 3
	fieldID              = 1
	fieldStream          = 2
	fieldRevision        = 3
	fieldPrepare         = 4
	fieldCommit          = 5
	fieldSystemMetadata  = 6
	fieldCustomMetadata  = 7
	fieldData            = 8
	fieldStructured      = 1
	fieldUUIDString      = 2
	fieldMostSignificant = 1
	fieldLeast           = 2
	fieldStreamName      = 3
)

const ticksInNanoseconds = 100

// Event is what a writer proposes.
type Event struct {
	ID       uuid.UUID
	Type     string
	JSON     bool
	Metadata []byte
	Data     []byte
}

func (e Event) contentType() string {
	if e.JSON {
		return "application/json"
	}
	return "application/octet-stream"
}

// Size is what the event counts for against a limit.
func (e Event) Size() int { return len(e.Data) + len(e.Metadata) + 2*len(e.Type) }

// place is what only the log can say about an event.
type place struct {
	stream   string
	revision int64
	position uint64
	created  time.Time
}

// encoder keeps its scratch space between records.
type encoder struct{ scratch []byte }

func (enc *encoder) record(e Event, at place) Record {
	ticks := at.created.UnixNano() / ticksInNanoseconds
	body, spans := appendRecordedEvent(enc.scratch[:0], e, at, ticks)
	enc.scratch = body

	eventSize := protowire.SizeTag(fieldReadEvent) + protowire.SizeBytes(len(body)) +
		protowire.SizeTag(fieldReadCommit) + protowire.SizeVarint(at.position)
	size := headerLength + protowire.SizeTag(fieldRespEvent) + protowire.SizeBytes(eventSize)

	r := make(Record, headerLength, size)
	r = protowire.AppendTag(r, fieldRespEvent, protowire.BytesType)
	r = protowire.AppendVarint(r, uint64(eventSize))
	r = protowire.AppendTag(r, fieldReadEvent, protowire.BytesType)
	r = protowire.AppendVarint(r, uint64(len(body)))
	start := len(r)
	r = append(r, body...)
	r = protowire.AppendTag(r, fieldReadCommit, protowire.VarintType)
	r = protowire.AppendVarint(r, at.position)

	r[atVersion] = recordVersion
	if e.Type == LinkType {
		r[atFlags] |= flagLink
	}
	binary.BigEndian.PutUint64(r[atPosition:], at.position)
	binary.BigEndian.PutUint64(r[atCreated:], uint64(ticks))
	binary.BigEndian.PutUint64(r[atRevision:], uint64(at.revision))
	copy(r[atID:], e.ID[:])
	r.setSpan(atEvent, start, len(body))
	r.setSpan(atStream, start+spans.stream, len(at.stream))
	r.setSpan(atType, start+spans.eventType, len(e.Type))
	binary.BigEndian.PutUint32(r[atDataLength:], uint32(len(e.Data)))
	return r
}

// spans are the places of fields inside an encoded RecordedEvent.
type spans struct{ stream, eventType int }

func appendRecordedEvent(b []byte, e Event, at place, ticks int64) ([]byte, spans) {
	var found spans
	b = appendStructuredID(b, e.ID)

	b = protowire.AppendTag(b, fieldStream, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(fieldStreamName)+protowire.SizeBytes(len(at.stream))))
	b = protowire.AppendTag(b, fieldStreamName, protowire.BytesType)
	b = protowire.AppendString(b, at.stream)
	found.stream = len(b) - len(at.stream)

	b = appendUint(b, fieldRevision, uint64(at.revision))
	b = appendUint(b, fieldPrepare, at.position)
	b = appendUint(b, fieldCommit, at.position)

	b = appendSystemMetadata(b, "type", e.Type)
	found.eventType = len(b) - len(e.Type)
	b = appendSystemMetadata(b, "content-type", e.contentType())
	b = appendSystemMetadata(b, "created", strconv.FormatInt(ticks, 10))

	b = appendBytes(b, fieldCustomMetadata, e.Metadata)
	return appendBytes(b, fieldData, e.Data), found
}

func appendStructuredID(b []byte, id uuid.UUID) []byte {
	most, least := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	size := 0
	if most != 0 {
		size += protowire.SizeTag(fieldMostSignificant) + protowire.SizeVarint(most)
	}
	if least != 0 {
		size += protowire.SizeTag(fieldLeast) + protowire.SizeVarint(least)
	}
	b = protowire.AppendTag(b, fieldID, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(fieldStructured)+protowire.SizeBytes(size)))
	b = protowire.AppendTag(b, fieldStructured, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	b = appendUint(b, fieldMostSignificant, most)
	return appendUint(b, fieldLeast, least)
}

func appendSystemMetadata(b []byte, name, value string) []byte {
	b = protowire.AppendTag(b, fieldSystemMetadata, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(1+protowire.SizeBytes(len(name))+1+protowire.SizeBytes(len(value))))
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendString(b, name)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, value)
}

// appendUint leaves a zero out, as proto3 does.
func appendUint(b []byte, field protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}
