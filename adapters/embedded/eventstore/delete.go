package eventstore

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// Delete hides a stream until something is appended to it again.
func (s *streamsServer) Delete(ctx context.Context, request *streams.DeleteReq) (*streams.DeleteResp, error) {
	stream, err := streamName(request.GetOptions().GetStreamIdentifier())
	if err != nil {
		return nil, refuse(ctx, err)
	}
	result, err := s.end(ctx, request.GetOptions(), stream, s.log.Delete)
	if err != nil {
		return nil, refuse(ctx, err)
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{
		CommitPosition: result.Position, PreparePosition: result.Position,
	}}}, nil
}

// Tombstone ends a stream for ever.
func (s *streamsServer) Tombstone(ctx context.Context, request *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	stream, err := streamName(request.GetOptions().GetStreamIdentifier())
	if err != nil {
		return nil, refuse(ctx, err)
	}
	result, err := s.end(ctx, request.GetOptions(), stream, s.log.Tombstone)
	if err != nil {
		return nil, refuse(ctx, err)
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: &streams.TombstoneResp_Position{
		CommitPosition: result.Position, PreparePosition: result.Position,
	}}}, nil
}

type ending func(ctx context.Context, stream string, expected eventlog.Expected) (eventlog.Result, error)

func (s *streamsServer) end(ctx context.Context, o revisionOptions, stream string, end ending) (eventlog.Result, error) {
	expected, err := expectedRevision(o)
	if err != nil {
		return eventlog.Result{}, err
	}
	return end(ctx, stream, expected)
}
