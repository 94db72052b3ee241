package conformance_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func identifier(stream string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(stream)}
}

func structured(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

func text(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
}

func anyOptions(stream string) *streams.AppendReq_Options {
	return &streams.AppendReq_Options{
		StreamIdentifier:       identifier(stream),
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}
}

func message(id *shared.UUID, size int) *streams.AppendReq_ProposedMessage {
	return &streams.AppendReq_ProposedMessage{
		Id: id, Metadata: map[string]string{"type": "raw", "content-type": "application/octet-stream"}, Data: make([]byte, size),
	}
}

// rawAppend returns the answer, and the trailers and status of the call.
func rawAppend(t *testing.T, client streams.StreamsClient, o *streams.AppendReq_Options, messages ...*streams.AppendReq_ProposedMessage) (*streams.AppendResp, metadata.MD, error) {
	t.Helper()
	call, err := client.Append(within(t))
	require.NoError(t, err)
	require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: o}}))
	for _, m := range messages {
		require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: m}}))
	}
	answer, err := call.CloseAndRecv()
	return answer, call.Trailer(), err
}

func one(t *testing.T, trailers metadata.MD, key string) string {
	t.Helper()
	values := trailers.Get(key)
	require.Len(t, values, 1, "trailer %s", key)
	return values[0]
}

func TestTrailersOfADeletedStream(t *testing.T) {
	client, stream := dial(t), newStream()
	_, err := client.Tombstone(within(t), tombstone(stream))
	require.NoError(t, err)

	_, trailers, err := rawAppend(t, client, anyOptions(stream), message(text(uuid.New()), 1))
	assert.Equal(t, codes.FailedPrecondition, status.Code(err))
	assert.Equal(t, "stream-deleted", one(t, trailers, "exception"))
	assert.Equal(t, stream, one(t, trailers, "stream-name"))

	call, err := client.Read(within(t), readRequest(stream))
	require.NoError(t, err)
	_, err = call.Recv()
	assert.Equal(t, codes.FailedPrecondition, status.Code(err))
	assert.Equal(t, "stream-deleted", one(t, call.Trailer(), "exception"))
	assert.Equal(t, stream, one(t, call.Trailer(), "stream-name"))
}

func tombstone(stream string) *streams.TombstoneReq {
	return &streams.TombstoneReq{Options: &streams.TombstoneReq_Options{
		StreamIdentifier:       identifier(stream),
		ExpectedStreamRevision: &streams.TombstoneReq_Options_Any{Any: &shared.Empty{}},
	}}
}

func TestTrailersOfADeleteThatExpectedOtherwise(t *testing.T) {
	client, stream := dial(t), newStream()
	_, _, err := rawAppend(t, client, anyOptions(stream), message(text(uuid.New()), 1), message(text(uuid.New()), 1))
	require.NoError(t, err)
	var trailers metadata.MD
	_, err = client.Delete(within(t), &streams.DeleteReq{Options: &streams.DeleteReq_Options{
		StreamIdentifier:       identifier(stream),
		ExpectedStreamRevision: &streams.DeleteReq_Options_Revision{Revision: 0},
	}}, grpc.Trailer(&trailers))
	assert.Equal(t, codes.FailedPrecondition, status.Code(err))
	assert.Equal(t, "wrong-expected-version", one(t, trailers, "exception"))
	assert.Equal(t, stream, one(t, trailers, "stream-name"))
	assert.Equal(t, "0", one(t, trailers, "expected-version"))
	assert.Equal(t, "1", one(t, trailers, "actual-version"))
}

func TestTrailersOfAnIncompleteEvent(t *testing.T) {
	client := dial(t)
	for _, missing := range []string{"type", "content-type"} {
		incomplete := message(text(uuid.New()), 1)
		delete(incomplete.Metadata, missing)
		_, trailers, err := rawAppend(t, client, anyOptions(newStream()), incomplete)
		assert.Equal(t, codes.InvalidArgument, status.Code(err))
		assert.Equal(t, "missing-required-metadata-property", one(t, trailers, "exception"))
		assert.Equal(t, "type,content-type", one(t, trailers, "required-metadata-properties"))
	}
}

func TestTrailersOfATooLargeEvent(t *testing.T) {
	client, id := dial(t), uuid.New()
	_, trailers, err := rawAppend(t, client, anyOptions(newStream()), message(text(id), 16<<20+1))
	assert.Equal(t, codes.InvalidArgument, status.Code(err))
	assert.Equal(t, "maximum-append-event-size-exceeded", one(t, trailers, "exception"))
	assert.Equal(t, id.String(), one(t, trailers, "event-id"))
	size, err := strconv.Atoi(one(t, trailers, "proposed-append-event-size"))
	require.NoError(t, err)
	limit, err := strconv.Atoi(one(t, trailers, "maximum-append-event-size"))
	require.NoError(t, err)
	assert.Greater(t, size, limit)
}

func TestWrongVersionSaysBothVersions(t *testing.T) {
	client, stream := dial(t), newStream()
	o := anyOptions(stream)
	o.ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: 5}
	answer, _, err := rawAppend(t, client, o, message(text(uuid.New()), 1))
	require.NoError(t, err)
	wrong := answer.GetWrongExpectedVersion()
	require.NotNil(t, wrong)
	assert.NotNil(t, wrong.GetCurrentNoStream())
	assert.NotNil(t, wrong.GetNoStream_20_6_0())
	assert.EqualValues(t, 5, wrong.GetExpectedRevision())
	assert.EqualValues(t, 5, wrong.GetExpectedRevision_20_6_0())

	_, _, err = rawAppend(t, client, anyOptions(stream), message(text(uuid.New()), 1))
	require.NoError(t, err)
	o.ExpectedStreamRevision = &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}}
	answer, _, err = rawAppend(t, client, o, message(text(uuid.New()), 1))
	require.NoError(t, err)
	wrong = answer.GetWrongExpectedVersion()
	require.NotNil(t, wrong)
	_, known := wrong.GetCurrentRevisionOption().(*streams.AppendResp_WrongExpectedVersion_CurrentRevision)
	assert.True(t, known)
	assert.NotNil(t, wrong.GetExpectedNoStream())
}

func TestAppendOfNothing(t *testing.T) {
	client, stream := dial(t), newStream()
	answer, _, err := rawAppend(t, client, anyOptions(stream))
	require.NoError(t, err)
	assert.NotNil(t, answer.GetSuccess().GetNoStream())
	_, _, err = rawAppend(t, client, anyOptions(stream), message(text(uuid.New()), 1))
	require.NoError(t, err)
	answer, _, err = rawAppend(t, client, anyOptions(stream))
	require.NoError(t, err)
	assert.Nil(t, answer.GetSuccess().GetNoStream())
	assert.Zero(t, answer.GetSuccess().GetCurrentRevision())
}

func readRequest(stream string) *streams.ReadReq {
	return &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: identifier(stream),
			RevisionOption:   &streams.ReadReq_Options_StreamOptions_Start{Start: &shared.Empty{}},
		}},
		CountOption:  &streams.ReadReq_Options_Count{Count: 100},
		FilterOption: &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
		UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}},
	}}
}

func rawRead(t *testing.T, client streams.StreamsClient, request *streams.ReadReq) []*streams.ReadResp {
	t.Helper()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	call, err := client.Read(ctx, request)
	require.NoError(t, err)
	var found []*streams.ReadResp
	for {
		answer, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		found = append(found, answer)
	}
}

func TestIDsAsNumbersAndAsText(t *testing.T) {
	client, stream := dial(t), newStream()
	written := []uuid.UUID{uuid.New(), uuid.New(), uuid.MustParse("ffffffff-ffff-4fff-bfff-ffffffffffff")}
	_, _, err := rawAppend(t, client, anyOptions(stream),
		message(structured(written[0]), 3), message(text(written[1]), 0), message(structured(written[2]), 200))
	require.NoError(t, err)

	asNumbers := rawRead(t, client, readRequest(stream))
	require.Len(t, asNumbers, len(written))
	request := readRequest(stream)
	request.Options.UuidOption.Content = &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}
	asText := rawRead(t, client, request)
	require.Len(t, asText, len(written))
	for i, id := range written {
		number, named := asNumbers[i].GetEvent().GetEvent(), asText[i].GetEvent().GetEvent()
		assert.Equal(t, structured(id).GetStructured().GetMostSignificantBits(), number.GetId().GetStructured().GetMostSignificantBits())
		assert.Equal(t, structured(id).GetStructured().GetLeastSignificantBits(), number.GetId().GetStructured().GetLeastSignificantBits())
		assert.Equal(t, id.String(), named.GetId().GetString_())
		assert.Equal(t, number.GetMetadata(), named.GetMetadata())
		assert.Equal(t, number.GetData(), named.GetData())
		assert.Equal(t, number.GetCommitPosition(), named.GetCommitPosition())
		assert.EqualValues(t, i, named.GetStreamRevision())
		assert.Equal(t, number.GetCommitPosition(), asText[i].GetEvent().GetCommitPosition())
	}
}

// The Go client panics on anything else.
func TestPlainReadsSayNothingButEvents(t *testing.T) {
	client, stream := dial(t), newStream()
	_, _, err := rawAppend(t, client, anyOptions(stream), message(text(uuid.New()), 1))
	require.NoError(t, err)
	for _, answer := range rawRead(t, client, readRequest(stream)) {
		assert.NotNil(t, answer.GetEvent())
		ticks, err := strconv.ParseInt(answer.GetEvent().GetEvent().GetMetadata()["created"], 10, 64)
		require.NoError(t, err)
		assert.Positive(t, ticks)
	}
	absent := rawRead(t, client, readRequest(newStream()))
	require.Len(t, absent, 1)
	assert.NotNil(t, absent[0].GetStreamNotFound())
}

func TestCheckpointIntervalOfZeroIsRefused(t *testing.T) {
	client := dial(t)
	call, err := client.Read(within(t), &streams.ReadReq{Options: &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
		}},
		CountOption: &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
			Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"x"}}},
			Window: &streams.ReadReq_Options_FilterOptions_Max{Max: 32},
		}},
		UuidOption: &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}},
	}})
	require.NoError(t, err)
	for err == nil {
		_, err = call.Recv()
	}
	assert.Equal(t, codes.InvalidArgument, status.Code(err))
}
