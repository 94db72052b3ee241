package conformance_test

import (
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
)

func batchOptions(stream string) *streams.BatchAppendReq_Options {
	return &streams.BatchAppendReq_Options{
		StreamIdentifier:       identifier(stream),
		ExpectedStreamPosition: &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}},
		DeadlineOption:         &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(patience)},
	}
}

func batchMessages(n int) []*streams.BatchAppendReq_ProposedMessage {
	out := make([]*streams.BatchAppendReq_ProposedMessage, n)
	for i := range out {
		out[i] = &streams.BatchAppendReq_ProposedMessage{
			Id: text(uuid.New()), Metadata: map[string]string{"type": "raw", "content-type": "application/json"}, Data: []byte("{}"),
		}
	}
	return out
}

func batchCall(t *testing.T, client streams.StreamsClient) streams.Streams_BatchAppendClient {
	t.Helper()
	call, err := client.BatchAppend(within(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = call.CloseSend() })
	return call
}

func TestBatchAppendInParts(t *testing.T) {
	client, stream, correlation := dial(t), newStream(), text(uuid.New())
	call := batchCall(t, client)
	require.NoError(t, call.Send(&streams.BatchAppendReq{CorrelationId: correlation, Options: batchOptions(stream), ProposedMessages: batchMessages(2)}))
	require.NoError(t, call.Send(&streams.BatchAppendReq{CorrelationId: correlation, ProposedMessages: batchMessages(3), IsFinal: true}))
	answer, err := call.Recv()
	require.NoError(t, err)
	assert.Equal(t, correlation.GetString_(), answer.GetCorrelationId().GetString_())
	assert.Equal(t, stream, string(answer.GetStreamIdentifier().GetStreamName()))
	assert.NotNil(t, answer.GetNoStream(), "the expectation is repeated")
	require.NotNil(t, answer.GetSuccess(), "%v", answer)
	assert.EqualValues(t, 4, answer.GetSuccess().GetCurrentRevision())
	assert.Positive(t, answer.GetSuccess().GetPosition().GetCommitPosition())
	assert.Len(t, rawRead(t, client, readRequest(stream)), 5)
}

func TestBatchAppendAnswersEachByItsCorrelation(t *testing.T) {
	client := dial(t)
	call := batchCall(t, client)
	const appends = 50
	expected := map[string]string{}
	for range appends {
		stream, correlation := newStream(), text(uuid.New())
		expected[correlation.GetString_()] = stream
		require.NoError(t, call.Send(&streams.BatchAppendReq{CorrelationId: correlation, Options: batchOptions(stream), ProposedMessages: batchMessages(1), IsFinal: true}))
	}
	for range appends {
		answer, err := call.Recv()
		require.NoError(t, err)
		require.NotNil(t, answer.GetSuccess())
		correlation := answer.GetCorrelationId().GetString_()
		assert.Equal(t, expected[correlation], string(answer.GetStreamIdentifier().GetStreamName()))
		delete(expected, correlation)
	}
	assert.Empty(t, expected)
}

func TestBatchAppendRefusals(t *testing.T) {
	client := dial(t)
	call := batchCall(t, client)
	ask := func(o *streams.BatchAppendReq_Options, messages ...*streams.BatchAppendReq_ProposedMessage) *streams.BatchAppendResp {
		require.NoError(t, call.Send(&streams.BatchAppendReq{CorrelationId: text(uuid.New()), Options: o, ProposedMessages: messages, IsFinal: true}))
		answer, err := call.Recv()
		require.NoError(t, err)
		return answer
	}
	stream := newStream()
	require.NotNil(t, ask(batchOptions(stream), batchMessages(2)...).GetSuccess())

	refused := ask(batchOptions(stream), batchMessages(1)...).GetError()
	require.NotNil(t, refused)
	wrong := &shared.WrongExpectedVersion{}
	require.Len(t, refused.GetDetails(), 1)
	require.NoError(t, refused.GetDetails()[0].UnmarshalTo(wrong))
	assert.EqualValues(t, 1, wrong.GetCurrentStreamRevision())
	assert.NotNil(t, wrong.GetExpectedNoStream())

	_, err := client.Tombstone(within(t), tombstone(stream))
	require.NoError(t, err)
	refused = ask(batchOptions(stream), batchMessages(1)...).GetError()
	require.NotNil(t, refused)
	require.Len(t, refused.GetDetails(), 1)
	gone := &shared.StreamDeleted{}
	require.NoError(t, refused.GetDetails()[0].UnmarshalTo(gone))
	assert.Equal(t, stream, string(gone.GetStreamIdentifier().GetStreamName()))

	late := batchOptions(newStream())
	late.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(-time.Second)}
	refused = ask(late, batchMessages(1)...).GetError()
	require.NotNil(t, refused)
	require.Len(t, refused.GetDetails(), 1)
	require.NoError(t, refused.GetDetails()[0].UnmarshalTo(&shared.Timeout{}))
}
