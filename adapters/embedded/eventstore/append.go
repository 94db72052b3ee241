package eventstore

import (
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// Append reads the whole request before it answers, also when it will refuse: a client that is answered while it still
// sends reports a broken connection instead of the answer.
func (s *streamsServer) Append(call streams.Streams_AppendServer) error {
	ctx := call.Context()
	var options *streams.AppendReq_Options
	p := proposal{limit: s.maxAppendBytes}
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return refuse(ctx, err)
		}
		switch content := request.GetContent().(type) {
		case *streams.AppendReq_Options_:
			options = content.Options
		case *streams.AppendReq_ProposedMessage_:
			p.add(content.ProposedMessage)
		}
	}
	if p.err != nil {
		return refuse(ctx, p.err)
	}
	stream, err := streamName(options.GetStreamIdentifier())
	if err != nil {
		return refuse(ctx, err)
	}
	expected, err := expectedRevision(options)
	if err != nil {
		return refuse(ctx, err)
	}
	result, err := s.log.Append(ctx, stream, expected, p.events)
	var wrong *eventlog.WrongRevisionError
	switch {
	case errors.As(err, &wrong):
		return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{
			WrongExpectedVersion: wrongExpectedVersion(wrong),
		}})
	case err != nil:
		return refuse(ctx, err)
	}
	return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: appendSuccess(result)}})
}

// revisionOptions is what the options of Append, Delete and Tombstone have in common.
type revisionOptions interface {
	GetRevision() uint64
	GetNoStream() *shared.Empty
	GetAny() *shared.Empty
	GetStreamExists() *shared.Empty
}

func expectedRevision(o revisionOptions) (eventlog.Expected, error) {
	switch {
	case o.GetAny() != nil:
		return eventlog.Any, nil
	case o.GetNoStream() != nil:
		return eventlog.NoStream, nil
	case o.GetStreamExists() != nil:
		return eventlog.StreamExists, nil
	}
	return exactRevision(o.GetRevision())
}

func exactRevision(revision uint64) (eventlog.Expected, error) {
	if revision > uint64(eventlog.TombstoneRevision) {
		return 0, &badRequestError{"the expected revision is out of range"}
	}
	return eventlog.Expected(revision), nil
}

func appendSuccess(result eventlog.Result) *streams.AppendResp_Success {
	success := &streams.AppendResp_Success{
		PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: result.Position, PreparePosition: result.Position,
		}},
	}
	if result.Revision < 0 {
		success.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
	} else {
		success.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(result.Revision)}
	}
	return success
}

// wrongExpectedVersion fills the fields of old clients too.
func wrongExpectedVersion(e *eventlog.WrongRevisionError) *streams.AppendResp_WrongExpectedVersion {
	answer, empty := &streams.AppendResp_WrongExpectedVersion{}, &shared.Empty{}
	if e.Current < 0 {
		answer.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: empty}
		answer.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: empty}
	} else {
		current := uint64(e.Current)
		answer.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: current}
		answer.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: current}
	}
	switch e.Expected {
	case eventlog.Any:
		answer.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: empty}
		answer.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: empty}
	case eventlog.StreamExists:
		answer.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: empty}
		answer.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: empty}
	case eventlog.NoStream:
		answer.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: empty}
	default:
		expected := uint64(e.Expected)
		answer.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: expected}
		answer.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: expected}
	}
	return answer
}
