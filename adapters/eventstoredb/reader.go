package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// A step of a read ends at so many events or bytes. Events of a step are handed
// on before the next is asked for, or the one behind it if the reader reads ahead,
// so a slow consumer costs no deadline.
const (
	stepEvents = 256
	stepBytes  = 1 << 20
)

// reader reads to the end across lost connections: after a failure it opens the
// read again behind the last event seen.
type reader struct {
	client *Client
	what   string
	open   func(context.Context, *esdb.Client) (*esdb.ReadStream, error)
	seen   func(*esdb.RecordedEvent)
	enough func() bool // nil: only the end of the log ends it
	// ahead takes a step while the one before is handed on. It is for readers who
	// take what they asked for: who leaves in the middle leaves a call behind.
	ahead bool
}

// step is part of a read.
type step struct {
	events []*esdb.RecordedEvent
	stream *esdb.ReadStream // open for the next step
	owner  *generation      // the connection the stream belongs to and ends with
	err    error            // io.EOF at the end
}

// run yields an error last, if there is one.
func (r *reader) run(parent context.Context, yield func(*esdb.RecordedEvent, error) bool) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel() // ends a stream that is left in the middle
	next := func(before step) func() (step, error) {
		return func() (step, error) { return r.next(ctx, parent, before) }
	}
	for take := next(step{}); ; {
		s, err := take()
		if err != nil {
			if err = r.mapped(err); err != nil {
				yield(nil, err)
			}
			return
		}
		for _, e := range s.events {
			r.seen(e)
		}
		over := errors.Is(s.err, io.EOF) || r.enough != nil && r.enough()
		if take = next(s); r.ahead && !over {
			take = begun(take)
		}
		for _, e := range s.events {
			if !yield(e, nil) {
				return
			}
		}
		if over {
			return
		}
	}
}

// next takes the step behind another.
func (r *reader) next(ctx, parent context.Context, before step) (step, error) {
	return retry(parent, r.client, r.what, func(_ context.Context, g *generation) (step, error) {
		s := r.take(ctx, g, before)
		before = step{}
		if len(s.events) == 0 && !errors.Is(s.err, io.EOF) {
			return s, s.err
		}
		return s, nil // an error behind events shows again when they were handed on
	})
}

// begun takes a step while something else is done.
func begun(take func() (step, error)) func() (step, error) {
	var s step
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		s, err = take()
	}()
	return func() (step, error) {
		<-done
		return s, err
	}
}

// take goes on with a stream if it can.
func (r *reader) take(ctx context.Context, g *generation, s step) step {
	if s.err != nil || s.owner != g {
		if s.stream != nil {
			s.stream.Close()
		}
		s = step{owner: g}
	}
	s.events = nil
	if s.stream == nil {
		if s.stream, s.err = through(ctx, g, r.open); s.err != nil {
			return s
		}
	}
	for size := 0; len(s.events) < stepEvents && size < stepBytes; {
		e, err := s.stream.Recv()
		if err != nil {
			s.stream.Close()
			s.stream, s.err = nil, err
			return s
		}
		event := e.OriginalEvent()
		s.events = append(s.events, event)
		size += len(event.Data) + len(event.UserMetadata)
	}
	return s
}

// mapped is nil for a stream that does not exist.
func (r *reader) mapped(err error) error {
	if errors.Is(err, domain.ErrUnavailable) {
		return err
	}
	switch codeOf(err) { //nolint:exhaustive // all others are faults
	case esdb.ErrorCodeResourceNotFound:
		return nil
	case esdb.ErrorCodeStreamDeleted:
		return fmt.Errorf("%s: %w", r.what, ErrStreamDeleted)
	default:
		return fmt.Errorf("%s: %w", r.what, err)
	}
}
