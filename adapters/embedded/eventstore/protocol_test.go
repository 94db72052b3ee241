package eventstore_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

// What other clients than the Go one ask for, and where real servers differ among themselves.

func dial(t *testing.T, c eventstore.Config) streams.StreamsClient {
	t.Helper()
	conn, err := grpc.NewClient(open(t, c).Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return streams.NewStreamsClient(conn)
}

func appendRaw(t *testing.T, client streams.StreamsClient, stream string, types ...string) (*streams.AppendResp, streams.Streams_AppendClient, error) {
	t.Helper()
	call, err := client.Append(t.Context())
	require.NoError(t, err)
	require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}}}))
	for _, eventType := range types {
		require.NoError(t, call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
			Id:       &shared.UUID{Value: &shared.UUID_String_{String_: uuid.NewString()}},
			Metadata: map[string]string{"type": eventType, "content-type": "application/json"},
		}}}))
	}
	answer, err := call.CloseAndRecv()
	return answer, call, err
}

func readRaw(t *testing.T, client streams.StreamsClient, o *streams.ReadReq_Options) ([]*streams.ReadResp, error) {
	t.Helper()
	call, err := client.Read(t.Context(), &streams.ReadReq{Options: o})
	require.NoError(t, err)
	var found []*streams.ReadResp
	for {
		answer, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		found = append(found, answer)
	}
}

func wholeStream(stream string, count uint64) *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
		}},
		CountOption: &streams.ReadReq_Options_Count{Count: count},
	}
}

func TestReadersCanAskWhereAStreamEnds(t *testing.T) {
	client := dial(t, eventstore.Config{InMemory: true})
	_, _, err := appendRaw(t, client, "s", "a", "b", "c")
	require.NoError(t, err)
	o := wholeStream("s", 100)
	o.ControlOption = &streams.ReadReq_Options_ControlOption{Compatibility: 1}
	found, err := readRaw(t, client, o)
	require.NoError(t, err)
	require.Len(t, found, 4)
	assert.EqualValues(t, 2, found[3].GetLastStreamPosition())

	found, err = readRaw(t, client, wholeStream("s", 0))
	require.NoError(t, err)
	assert.Empty(t, found, "a read of none is empty")
}

func TestFilteredReadOfAll(t *testing.T) {
	client := dial(t, eventstore.Config{InMemory: true})
	for range 400 {
		_, _, err := appendRaw(t, client, "s", "noise", "noise", "signal")
		require.NoError(t, err)
	}
	for _, direction := range []streams.ReadReq_Options_ReadDirection{streams.ReadReq_Options_Forwards, streams.ReadReq_Options_Backwards} {
		o := &streams.ReadReq_Options{
			ReadDirection: direction,
			StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
				AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
			}},
			CountOption: &streams.ReadReq_Options_Count{Count: 300},
			FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
				Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Regex: "^sig"}},
			}},
		}
		if direction == streams.ReadReq_Options_Backwards {
			o.GetAll().AllOption = &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}}
		}
		found, err := readRaw(t, client, o)
		require.NoError(t, err)
		require.Len(t, found, 300)
		for _, answer := range found {
			require.Equal(t, "signal", answer.GetEvent().GetEvent().GetMetadata()["type"])
		}
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	client := dial(t, eventstore.Config{InMemory: true})
	for _, stream := range []string{"", "$all", "\xff", strings.Repeat("x", 5000)} {
		_, _, err := appendRaw(t, client, stream, "a")
		assert.Equal(t, codes.InvalidArgument, status.Code(err), "%q", stream)
		_, err = readRaw(t, client, wholeStream(stream, 1))
		assert.Equal(t, codes.InvalidArgument, status.Code(err), "%q", stream)
	}
	_, err := readRaw(t, client, &streams.ReadReq_Options{})
	assert.Equal(t, codes.InvalidArgument, status.Code(err))
	filtered := wholeStream("s", 1)
	filtered.FilterOption = &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter: &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Regex: "("}},
	}}
	_, err = readRaw(t, client, filtered)
	assert.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestTrailersOfATooLargeAppend(t *testing.T) {
	client := dial(t, eventstore.Config{InMemory: true, MaxAppendBytes: 100})
	_, call, err := appendRaw(t, client, "s", strings.Repeat("t", 30), strings.Repeat("t", 30))
	assert.Equal(t, codes.InvalidArgument, status.Code(err))
	assert.Equal(t, []string{"maximum-append-size-exceeded"}, call.Trailer().Get("exception"))
	assert.Equal(t, []string{"100"}, call.Trailer().Get("maximum-append-size"))
}

// A control character in a trailer would break the whole response.
func TestTrailersOfAnOddStreamName(t *testing.T) {
	client := dial(t, eventstore.Config{InMemory: true})
	for stream, want := range map[string]string{"a\nb": "a%0Ab", "客户-1": "客户-1"} {
		_, err := client.Tombstone(t.Context(), &streams.TombstoneReq{Options: &streams.TombstoneReq_Options{
			StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
			ExpectedStreamRevision: &streams.TombstoneReq_Options_Any{Any: &shared.Empty{}},
		}})
		require.NoError(t, err)
		_, call, err := appendRaw(t, client, stream, "a")
		assert.Equal(t, codes.FailedPrecondition, status.Code(err))
		assert.Equal(t, []string{want}, call.Trailer().Get("stream-name"))
	}
}
