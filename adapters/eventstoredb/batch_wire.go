package eventstoredb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// batchRequest is an append in one message.
func batchRequest(ctx context.Context, stream string, expected int64, events []esdb.EventData) *streams.BatchAppendReq {
	options := &streams.BatchAppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamPosition: &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}},
	}
	if expected >= 0 {
		options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: uint64(expected)}
	}
	if end, ok := ctx.Deadline(); ok {
		options.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(max(time.Until(end), 0))}
	}
	proposed := make([]*streams.BatchAppendReq_ProposedMessage, len(events))
	for i, e := range events {
		proposed[i] = &streams.BatchAppendReq_ProposedMessage{
			Id: structured(e.EventID), Data: e.Data, CustomMetadata: e.Metadata,
			Metadata: map[string]string{"type": e.EventType, "content-type": "application/json"},
		}
	}
	return &streams.BatchAppendReq{Options: options, ProposedMessages: proposed, IsFinal: true}
}

func structured(id uuid.UUID) *shared.UUID {
	most, least := esdb.UUIDAsInt64(id)
	return &shared.UUID{Value: &shared.UUID_Structured_{
		Structured: &shared.UUID_Structured{MostSignificantBits: most, LeastSignificantBits: least},
	}}
}

func parseID(id *shared.UUID) (uuid.UUID, error) {
	bits := id.GetStructured()
	if bits == nil {
		return uuid.Parse(id.GetString_()) //nolint:wrapcheck // only asked whether it is one
	}
	var out uuid.UUID
	binary.BigEndian.PutUint64(out[:8], uint64(bits.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(out[8:], uint64(bits.GetLeastSignificantBits()))
	return out, nil
}

// written is the server's decision on an append: where it is, or why it is not.
type written struct {
	at      commands.Appended
	refused error
}

// decision reads an answer. It fails when the server itself does not know how
// the append ended.
func decision(a *streams.BatchAppendResp) (written, error) {
	if done := a.GetSuccess(); done != nil {
		at := done.GetPosition()
		return written{at: commands.Appended{
			Revision: done.GetCurrentRevision(),
			Position: domain.Position{Commit: at.GetCommitPosition(), Prepare: at.GetPreparePosition()},
		}}, nil
	}
	failure := a.GetError()
	if failure == nil {
		return written{}, status.Error(codes.Internal, "an answer without result")
	}
	for _, packed := range failure.GetDetails() {
		detail, err := packed.UnmarshalNew()
		if err != nil {
			continue
		}
		switch detail.(type) {
		case *shared.WrongExpectedVersion:
			return written{refused: domain.ErrConflict}, nil
		case *shared.StreamDeleted:
			return written{refused: ErrStreamDeleted}, nil
		case *shared.MaximumAppendSizeExceeded:
			return written{refused: ErrEventTooLarge}, nil
		case *shared.AccessDenied, *shared.InvalidTransaction, *shared.BadRequest:
			return written{refused: errors.New(failure.GetMessage())}, nil
		}
	}
	return written{}, fmt.Errorf("append: %w", status.Error(codes.Code(uint32(failure.GetCode())), failure.GetMessage()))
}
