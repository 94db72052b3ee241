package eventstore

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// maxOpenBatches bounds the appends that one call may have begun and not finished.
const maxOpenBatches = 1024

// BatchAppend carries many appends over one call. They are told apart by correlation id, may arrive in parts, and are
// answered as they finish.
func (s *streamsServer) BatchAppend(call streams.Streams_BatchAppendServer) error {
	b := &batchCall{server: s, call: call, open: map[uuid.UUID]*batch{}}
	err := b.receive()
	b.running.Wait()
	if err != nil {
		return refuse(call.Context(), err)
	}
	return nil
}

type batchCall struct {
	server  *streamsServer
	call    streams.Streams_BatchAppendServer
	open    map[uuid.UUID]*batch
	running sync.WaitGroup
	sending sync.Mutex
}

// batch is one append on its way in.
type batch struct {
	proposal
	correlation *shared.UUID
	options     *streams.BatchAppendReq_Options
}

func (b *batchCall) receive() error {
	for {
		request, err := b.call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		correlation, err := eventID(request.GetCorrelationId())
		if err != nil {
			return err
		}
		current, err := b.part(correlation, request)
		if err != nil {
			return err
		}
		if !request.GetIsFinal() {
			continue
		}
		delete(b.open, correlation)
		b.running.Go(func() { b.finish(current) })
	}
}

func (b *batchCall) part(correlation uuid.UUID, request *streams.BatchAppendReq) (*batch, error) {
	current, known := b.open[correlation]
	if !known {
		if len(b.open) == maxOpenBatches {
			return nil, status.Error(codes.ResourceExhausted, "too many appends were begun and not finished")
		}
		current = &batch{correlation: request.GetCorrelationId(), proposal: proposal{limit: b.server.maxAppendBytes}}
		b.open[correlation] = current
	}
	if request.GetOptions() != nil {
		current.options = request.GetOptions()
	}
	for _, message := range request.GetProposedMessages() {
		current.add(message)
	}
	return current, nil
}

func (b *batchCall) finish(current *batch) {
	answer := &streams.BatchAppendResp{CorrelationId: current.correlation, StreamIdentifier: current.options.GetStreamIdentifier()}
	repeatExpectation(answer, current.options)
	result, err := b.append(current)
	if err != nil {
		answer.Result = &streams.BatchAppendResp_Error{Error: batchStatus(err)}
	} else {
		answer.Result = &streams.BatchAppendResp_Success_{Success: batchSuccess(result)}
	}
	b.sending.Lock()
	defer b.sending.Unlock()
	_ = b.call.Send(answer) // the call has failed as a whole then, and says so to Recv
}

func (b *batchCall) append(current *batch) (eventlog.Result, error) {
	if current.err != nil {
		return eventlog.Result{}, current.err
	}
	stream, err := streamName(current.options.GetStreamIdentifier())
	if err != nil {
		return eventlog.Result{}, err
	}
	expected, err := batchExpectation(current.options)
	if err != nil {
		return eventlog.Result{}, err
	}
	ctx, cancel := deadline(b.call.Context(), current.options)
	defer cancel()
	return b.server.log.Append(ctx, stream, expected, current.events)
}

func deadline(ctx context.Context, o *streams.BatchAppendReq_Options) (context.Context, context.CancelFunc) {
	switch at := o.GetDeadlineOption().(type) {
	case *streams.BatchAppendReq_Options_Deadline:
		return context.WithTimeout(ctx, at.Deadline.AsDuration())
	case *streams.BatchAppendReq_Options_Deadline_21_10_0:
		return context.WithDeadline(ctx, at.Deadline_21_10_0.AsTime())
	}
	return context.WithTimeout(ctx, defaultBatchDeadline)
}

// defaultBatchDeadline keeps an append whose client sets no deadline from being waited for without end.
const defaultBatchDeadline = 10 * time.Second
