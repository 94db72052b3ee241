package eventstore

import (
	"context"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// Read answers all four kinds of reading: a stream or everything, once or for ever.
func (s *streamsServer) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	ctx := call.Context()
	o := request.GetOptions()
	selected, err := newFilter(o.GetFilter())
	if err != nil {
		return refuse(ctx, err)
	}
	r := &reader{
		log: s.log, call: call, ctx: ctx, closing: s.closing, filter: selected,
		resolveLinks: o.GetResolveLinks(),
		textIDs:      textIDs(o.GetUuidOption()),
		positions:    o.GetControlOption().GetCompatibility() > 0,
	}
	live := o.GetSubscription() != nil
	switch o.GetStreamOption().(type) {
	case *streams.ReadReq_Options_All:
		if live {
			err = r.subscribeToAll(o.GetAll())
		} else {
			err = r.readAll(o.GetAll(), o.GetReadDirection(), o.GetCount())
		}
	case *streams.ReadReq_Options_Stream:
		if live {
			err = r.subscribeToStream(o.GetStream())
		} else {
			err = r.readStream(o.GetStream(), o.GetReadDirection(), o.GetCount())
		}
	default:
		err = &badRequestError{"the request names neither a stream nor $all"}
	}
	if err != nil {
		return refuse(ctx, err)
	}
	return nil
}

func textIDs(o *streams.ReadReq_Options_UUIDOption) bool {
	_, text := o.GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	return text
}

// reader is one call of Read.
type reader struct {
	log          *eventlog.Log
	call         streams.Streams_ReadServer
	ctx          context.Context
	closing      <-chan struct{}
	filter       filter
	resolveLinks bool
	textIDs      bool
	// positions is set by clients that want to know where a stream ends. Older ones break on anything but events.
	positions bool
}

func (r *reader) readAll(o *streams.ReadReq_Options_AllOptions, d streams.ReadReq_Options_ReadDirection, count uint64) error {
	cursor := r.log.ForwardsFrom(allPosition(o))
	if d == streams.ReadReq_Options_Backwards {
		cursor = r.log.BackwardsFrom(allPosition(o))
	}
	end := r.log.Last() // what is appended while we read belongs to the next read
	for count > 0 {
		page, err := cursor.Page(r.pageLimit(count))
		if err != nil || len(page) == 0 {
			return err
		}
		for _, record := range page {
			if d == streams.ReadReq_Options_Forwards && record.Position() > end {
				return nil
			}
			if !r.filter.selects(record) {
				continue
			}
			if err := r.send(record); err != nil {
				return err
			}
			if count--; count == 0 {
				return nil
			}
		}
	}
	return nil
}

// pageLimit does not read more than is asked for, unless a filter will drop some of it.
func (r *reader) pageLimit(count uint64) int {
	if r.filter.active {
		return math.MaxInt32
	}
	return int(min(count, math.MaxInt32))
}

// allPosition takes no position for the start. The end lies behind everything, in both directions.
func allPosition(o *streams.ReadReq_Options_AllOptions) uint64 {
	switch at := o.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		return at.Position.GetCommitPosition()
	case *streams.ReadReq_Options_AllOptions_End:
		return math.MaxUint64
	}
	return 0
}

func (r *reader) readStream(o *streams.ReadReq_Options_StreamOptions, d streams.ReadReq_Options_ReadDirection, count uint64) error {
	stream, err := streamName(o.GetStreamIdentifier())
	if err != nil {
		return err
	}
	info, err := r.log.Stream(r.ctx, stream)
	if err != nil {
		return err
	}
	if !info.Found {
		return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{
			StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)}},
		}})
	}
	direction := eventlog.Direction(d == streams.ReadReq_Options_Backwards)
	cursor := r.log.ReadStream(stream, direction, streamRevision(o))
	for count > 0 {
		page, err := cursor.Page(r.ctx, int(min(count, math.MaxInt32)))
		if err != nil {
			return err
		}
		for _, record := range page {
			if direction == eventlog.Forwards && record.Revision() > info.Last {
				return r.sendLast(info.Last)
			}
			if err := r.send(record); err != nil {
				return err
			}
			count--
		}
		if len(page) == 0 {
			return r.sendLast(info.Last)
		}
	}
	return nil
}

func streamRevision(o *streams.ReadReq_Options_StreamOptions) int64 {
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		return int64(min(at.Revision, math.MaxInt64))
	case *streams.ReadReq_Options_StreamOptions_End:
		return math.MaxInt64
	}
	return 0
}

func (r *reader) sendLast(revision int64) error {
	if !r.positions {
		return nil
	}
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: uint64(revision)}})
}

func (r *reader) send(record eventlog.Record) error {
	resolved := eventlog.Resolved{Record: record, TextIDs: r.textIDs}
	if r.resolveLinks && record.IsLink() {
		target, err := r.log.Resolve(r.ctx, record)
		if err != nil {
			return err
		}
		resolved.Link, resolved.Target = true, target
	}
	return r.call.SendMsg(encoded(resolved.Message()))
}
