package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errCallEnded says that the shared call broke off. Whether an append under way
// was done is unknown.
var errCallEnded = errors.New("the call for appends ended")

// batchCall is one open call. One goroutine sends, one receives, and callers wait
// for theirs among the answers, so none of them can be held up for longer than
// its own deadline.
type batchCall struct {
	ctx    context.Context
	cancel context.CancelFunc
	send   chan *streams.BatchAppendReq
	ended  chan struct{} // closed when err is set

	mu      sync.Mutex
	err     error
	waiting map[uuid.UUID]chan<- *streams.BatchAppendResp
}

func newBatchCall(life context.Context) *batchCall {
	c := &batchCall{
		send: make(chan *streams.BatchAppendReq, 64), ended: make(chan struct{}),
		waiting: map[uuid.UUID]chan<- *streams.BatchAppendResp{},
	}
	c.ctx, c.cancel = context.WithCancel(life)
	return c
}

// run sends until the call ends.
func (c *batchCall) run(b *batcher) {
	defer c.cancel()
	call, err := b.calls.BatchAppend(c.ctx, b.login...)
	if err != nil {
		c.fail(b, err)
		return
	}
	go func() {
		for {
			answer, err := call.Recv()
			if err != nil {
				c.fail(b, err)
				return
			}
			c.deliver(answer)
		}
	}()
	for {
		select {
		case request := <-c.send:
			if call.Send(request) != nil {
				<-c.ended // the receiver learns why
				return
			}
		case <-c.ended:
			return
		}
	}
}

func (c *batchCall) do(ctx context.Context, id uuid.UUID, request *streams.BatchAppendReq) (*streams.BatchAppendResp, error) {
	answer := make(chan *streams.BatchAppendResp, 1)
	c.mu.Lock()
	c.waiting[id] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	select {
	case c.send <- request:
	case <-c.ended:
		return nil, c.cause()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case a := <-answer:
		return a, nil
	case <-c.ended:
		select {
		case a := <-answer: // came just before the end
			return a, nil
		default:
			return nil, c.cause()
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// deliver gives an answer to who waits for it. Nobody may: the caller has gone.
func (c *batchCall) deliver(a *streams.BatchAppendResp) {
	id, err := parseID(a.GetCorrelationId())
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.waiting[id]; ok {
		delete(c.waiting, id)
		answer <- a // has room for one
	}
}

func (c *batchCall) fail(b *batcher, err error) {
	if status.Code(err) == codes.Unimplemented {
		b.without.Store(true) // what is repeated then goes through the driver
	}
	if errors.Is(err, io.EOF) {
		err = status.Error(codes.Unavailable, "the server ended the call")
	}
	c.mu.Lock()
	c.err = fmt.Errorf("%w: %w", errCallEnded, err)
	c.mu.Unlock()
	close(c.ended)
}

func (c *batchCall) cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *batchCall) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}
