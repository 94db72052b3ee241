package eventstoredb

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/annals-crm/annals/domain"
)

// server answers every append with what it is told, and ends the call then.
type server struct {
	streams.StreamsClient
	refuse error // the call itself
	end    error // after the first answer
	opened int
}

type serverCall struct {
	streams.Streams_BatchAppendClient
	server *server
	ctx    context.Context
	asked  chan *streams.BatchAppendReq
}

func (s *server) BatchAppend(ctx context.Context, _ ...grpc.CallOption) (streams.Streams_BatchAppendClient, error) {
	s.opened++
	return &serverCall{server: s, ctx: ctx, asked: make(chan *streams.BatchAppendReq, 8)}, nil
}

func (c *serverCall) Send(r *streams.BatchAppendReq) error {
	if c.server.refuse != nil {
		return io.EOF
	}
	c.asked <- r
	return nil
}

func (c *serverCall) Recv() (*streams.BatchAppendResp, error) {
	if c.server.refuse != nil {
		return nil, c.server.refuse
	}
	select {
	case r := <-c.asked:
		if c.server.end != nil && len(r.GetProposedMessages()) == 0 {
			return nil, c.server.end
		}
		return &streams.BatchAppendResp{
			CorrelationId: r.GetCorrelationId(),
			Result:        &streams.BatchAppendResp_Success_{Success: &streams.BatchAppendResp_Success{}},
		}, nil
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	}
}

func batchOf(t *testing.T, s *server) *batcher {
	t.Helper()
	return &batcher{calls: s, life: t.Context()}
}

func some() *streams.BatchAppendReq {
	return &streams.BatchAppendReq{ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{{}}}
}

func TestAppendsShareOneCall(t *testing.T) {
	s := &server{}
	b := batchOf(t, s)
	for range 3 {
		a, err := b.append(t.Context(), some())
		require.NoError(t, err)
		assert.NotNil(t, a.GetSuccess())
	}
	assert.Equal(t, 1, s.opened)
}

func TestACallThatEndedIsMadeAnew(t *testing.T) {
	for name, test := range map[string]struct {
		end  error
		want verdict
	}{
		"the server went":      {grpcstatus.Error(codes.Unavailable, "going"), broken},
		"the server is done":   {io.EOF, broken},
		"it was cut short":     {grpcstatus.Error(codes.Canceled, "reset"), transient},
		"another was at fault": {grpcstatus.Error(codes.InvalidArgument, "not ours"), transient},
		"we may not":           {grpcstatus.Error(codes.PermissionDenied, "no"), answered},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{end: test.end}
			b := batchOf(t, s)
			_, err := b.append(t.Context(), &streams.BatchAppendReq{})
			require.ErrorIs(t, err, errCallEnded)
			assert.Equal(t, test.want, judge(err))
			_, err = b.append(t.Context(), some())
			require.NoError(t, err)
			assert.Equal(t, 2, s.opened)
		})
	}
}

func TestAServerWithoutBatchAppendIsLeftToTheDriver(t *testing.T) {
	b := batchOf(t, &server{refuse: grpcstatus.Error(codes.Unimplemented, "unknown method")})
	few := []esdb.EventData{{Data: []byte("{}")}}
	require.True(t, b.takes(few))
	_, err := b.append(t.Context(), some())
	require.Error(t, err)
	assert.Equal(t, transient, judge(err), "so that it is repeated, now through the driver")
	assert.False(t, b.takes(few))
	assert.False(t, batchOf(t, &server{}).takes([]esdb.EventData{{Data: []byte(strings.Repeat("x", batchBytes+1))}}))
	assert.False(t, (*batcher)(nil).takes(few))
}

func TestACallerWhoGoesIsNotHeldUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := batchOf(t, &server{}).append(ctx, some())
	if err != nil { // it may have been answered at once
		assert.ErrorIs(t, err, context.Canceled)
	}
}

func TestDecisions(t *testing.T) {
	answer := func(details ...proto.Message) *streams.BatchAppendResp {
		s := &status.Status{Code: int32(codes.Unknown), Message: "told"}
		for _, d := range details {
			packed, err := anypb.New(d)
			require.NoError(t, err)
			s.Details = append(s.Details, packed)
		}
		return &streams.BatchAppendResp{Result: &streams.BatchAppendResp_Error{Error: s}}
	}
	for detail, want := range map[proto.Message]error{
		&shared.WrongExpectedVersion{}:      domain.ErrConflict,
		&shared.StreamDeleted{}:             ErrStreamDeleted,
		&shared.MaximumAppendSizeExceeded{}: ErrEventTooLarge,
	} {
		w, err := decision(answer(detail))
		require.NoError(t, err)
		assert.ErrorIs(t, w.refused, want)
	}
	w, err := decision(answer(&shared.AccessDenied{}))
	require.NoError(t, err)
	assert.EqualError(t, w.refused, "told")
	for _, open := range []*streams.BatchAppendResp{answer(&shared.Timeout{}), answer(&shared.Unknown{}), answer(), {}} {
		_, err := decision(open)
		require.Error(t, err)
		assert.Equal(t, transient, judge(err))
		assert.False(t, errors.Is(err, errCallEnded))
	}
}
