package eventstore

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// streamsServer speaks the streams protocol over the log.
type streamsServer struct {
	streams.UnimplementedStreamsServer
	log            *eventlog.Log
	closing        <-chan struct{}
	maxAppendBytes int
}

const allStream = "$all"

func streamName(id *shared.StreamIdentifier) (string, error) {
	name := id.GetStreamName()
	switch {
	case len(name) == 0:
		return "", &badRequestError{"the stream name is missing"}
	case string(name) == allStream:
		return "", &badRequestError{"$all is not a stream that can be named here"}
	case !utf8.Valid(name):
		return "", &badRequestError{"the stream name is not UTF-8"}
	case len(name) > maxStreamName:
		return "", &badRequestError{"the stream name is too long"}
	}
	return string(name), nil
}

// maxStreamName keeps keys of the index small against a page of storage.
const maxStreamName = 4 << 10

func eventID(id *shared.UUID) (uuid.UUID, error) {
	switch value := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		var out uuid.UUID
		binary.BigEndian.PutUint64(out[:8], uint64(value.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(out[8:], uint64(value.Structured.GetLeastSignificantBits()))
		return out, nil
	case *shared.UUID_String_:
		out, err := uuid.Parse(value.String_)
		if err != nil {
			return uuid.Nil, &badRequestError{"the event id is not a UUID: " + value.String_}
		}
		return out, nil
	}
	return uuid.Nil, &badRequestError{"the event id is missing"}
}

// proposedMessage is what Append and BatchAppend have in common.
type proposedMessage interface {
	GetId() *shared.UUID
	GetMetadata() map[string]string
	GetCustomMetadata() []byte
	GetData() []byte
}

func proposedEvent(m proposedMessage) (eventlog.Event, error) {
	id, err := eventID(m.GetId())
	if err != nil {
		return eventlog.Event{}, err
	}
	eventType, typed := m.GetMetadata()["type"]
	contentType, formatted := m.GetMetadata()["content-type"]
	if !typed || !formatted {
		return eventlog.Event{}, errMissingProperty
	}
	e := eventlog.Event{
		ID: id, Type: eventType, JSON: contentType == "application/json",
		Metadata: m.GetCustomMetadata(), Data: m.GetData(),
	}
	if size := e.Size(); size > maxEventBytes {
		return eventlog.Event{}, &eventTooLargeError{id: id, size: size}
	}
	return e, nil
}

// proposal gathers the events of one append and remembers the first thing that is wrong with them.
type proposal struct {
	events []eventlog.Event
	size   int
	limit  int
	err    error
}

func (p *proposal) add(m proposedMessage) {
	if p.err != nil {
		return // nothing will be written; what follows is only read off the wire
	}
	e, err := proposedEvent(m)
	if err != nil {
		p.fail(err)
		return
	}
	if p.size += e.Size(); p.size > p.limit {
		p.fail(&appendTooLargeError{p.limit})
		return
	}
	p.events = append(p.events, e)
}

func (p *proposal) fail(err error) { p.err, p.events = err, nil }
