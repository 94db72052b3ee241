package eventlog

import "google.golang.org/protobuf/encoding/protowire"

// Resolved is a record as a reader asked for it: possibly with the event a link points to, possibly with ids as text.
type Resolved struct {
	// Record is what stands at the position read. When it is a link that was resolved, Link is set too.
	Record Record
	// Link is true when Record is a link that the reader wanted resolved.
	Link bool
	// Target is the event a link points to; nil when it is gone.
	Target Record
	// TextIDs asks for ids as text instead of two numbers.
	TextIDs bool
}

// Message is the encoded ReadResp.
func (r Resolved) Message() []byte {
	if !r.Link && !r.TextIDs {
		return r.Record.Message()
	}
	var body []byte
	switch {
	case !r.Link:
		body = r.appendEvent(body, fieldReadEvent, r.Record)
	default:
		if r.Target != nil {
			body = r.appendEvent(body, fieldReadEvent, r.Target)
		}
		body = r.appendEvent(body, fieldReadLink, r.Record)
	}
	body = protowire.AppendTag(body, fieldReadCommit, protowire.VarintType)
	body = protowire.AppendVarint(body, r.Record.Position())
	return protowire.AppendBytes(protowire.AppendTag(nil, fieldRespEvent, protowire.BytesType), body)
}

func (r Resolved) appendEvent(b []byte, field protowire.Number, rec Record) []byte {
	event := rec.Event()
	if r.TextIDs {
		event = withTextID(rec)
	}
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), event)
}

// withTextID swaps the first field of an encoded RecordedEvent, which is always the id.
func withTextID(rec Record) []byte {
	event := rec.Event()
	_, _, tag := protowire.ConsumeTag(event)
	rest := event[tag+protowire.ConsumeFieldValue(fieldID, protowire.BytesType, event[tag:]):]

	id := protowire.AppendString(protowire.AppendTag(nil, fieldUUIDString, protowire.BytesType), rec.ID().String())
	out := protowire.AppendBytes(protowire.AppendTag(make([]byte, 0, len(event)+32), fieldID, protowire.BytesType), id)
	return append(out, rest...)
}
