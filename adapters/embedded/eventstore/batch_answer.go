package eventstore

import (
	"context"
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/genproto/googleapis/rpc/code"
	protostatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

func batchExpectation(o *streams.BatchAppendReq_Options) (eventlog.Expected, error) {
	switch expected := o.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_Any:
		return eventlog.Any, nil
	case *streams.BatchAppendReq_Options_NoStream:
		return eventlog.NoStream, nil
	case *streams.BatchAppendReq_Options_StreamExists:
		return eventlog.StreamExists, nil
	case *streams.BatchAppendReq_Options_StreamPosition:
		return exactRevision(expected.StreamPosition)
	}
	return 0, &badRequestError{"the expected stream position is missing"}
}

func repeatExpectation(answer *streams.BatchAppendResp, o *streams.BatchAppendReq_Options) {
	switch expected := o.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_Any:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: expected.Any}
	case *streams.BatchAppendReq_Options_NoStream:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: expected.NoStream}
	case *streams.BatchAppendReq_Options_StreamExists:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: expected.StreamExists}
	case *streams.BatchAppendReq_Options_StreamPosition:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: expected.StreamPosition}
	}
}

func batchSuccess(result eventlog.Result) *streams.BatchAppendResp_Success {
	success := &streams.BatchAppendResp_Success{
		PositionOption: &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{
			CommitPosition: result.Position, PreparePosition: result.Position,
		}},
	}
	if result.Revision < 0 {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_NoStream{NoStream: &emptypb.Empty{}}
	} else {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: uint64(result.Revision)}
	}
	return success
}

// batchStatus puts a refusal into the answer, because the call as a whole goes on.
func batchStatus(err error) *protostatus.Status {
	var gone *eventlog.DeletedError
	var wrong *eventlog.WrongRevisionError
	var transaction *appendTooLargeError
	var event *eventTooLargeError
	var bad *badRequestError
	switch {
	case errors.As(err, &gone):
		return detailed(code.Code_FAILED_PRECONDITION, err, &shared.StreamDeleted{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(gone.Stream)},
		})
	case errors.As(err, &wrong):
		return detailed(code.Code_FAILED_PRECONDITION, err, batchWrongVersion(wrong))
	case errors.As(err, &transaction):
		return detailed(code.Code_INVALID_ARGUMENT, err, &shared.MaximumAppendSizeExceeded{MaxAppendSize: uint32(transaction.limit)})
	case errors.Is(err, eventlog.ErrSystemStream):
		return detailed(code.Code_INVALID_ARGUMENT, err, &shared.InvalidTransaction{})
	case errors.As(err, &bad), errors.As(err, &event), errors.Is(err, errMissingProperty):
		return detailed(code.Code_INVALID_ARGUMENT, err, &shared.BadRequest{Message: err.Error()})
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return detailed(code.Code_DEADLINE_EXCEEDED, err, &shared.Timeout{})
	}
	return detailed(code.Code_UNKNOWN, err, &shared.Unknown{})
}

func detailed(c code.Code, err error, detail proto.Message) *protostatus.Status {
	answer := &protostatus.Status{Code: int32(c), Message: err.Error()}
	if packed, failed := anypb.New(detail); failed == nil {
		answer.Details = []*anypb.Any{packed}
	}
	return answer
}

func batchWrongVersion(e *eventlog.WrongRevisionError) *shared.WrongExpectedVersion {
	answer, empty := &shared.WrongExpectedVersion{}, &emptypb.Empty{}
	if e.Current < 0 {
		answer.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: empty}
	} else {
		answer.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(e.Current)}
	}
	switch e.Expected {
	case eventlog.Any:
		answer.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: empty}
	case eventlog.StreamExists:
		answer.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: empty}
	case eventlog.NoStream:
		answer.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: empty}
	default:
		answer.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: uint64(e.Expected)}
	}
	return answer
}
