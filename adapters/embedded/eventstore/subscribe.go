package eventstore

import (
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// subscriptionPage bounds what a subscription takes from the log at once.
const subscriptionPage = math.MaxInt32

// subscribeToAll sends everything after a position, and then goes on with what is appended.
func (r *reader) subscribeToAll(o *streams.ReadReq_Options_AllOptions) error {
	if err := r.filter.forSubscription(); err != nil {
		return err
	}
	after := allPosition(o)
	if after == math.MaxUint64 {
		after = r.log.Last()
	}
	progress := checkpoints{reader: r, seen: after}
	if err := r.confirm(); err != nil {
		return err
	}
	cursor := r.log.ForwardsAfter(after)
	return r.follow(func() (int, error) {
		page, err := cursor.Page(subscriptionPage)
		if err != nil {
			return 0, err
		}
		for _, record := range page {
			if r.filter.selects(record) {
				if err := r.send(record); err != nil {
					return 0, err
				}
			}
			if err := progress.passed(record.Position()); err != nil {
				return 0, err
			}
		}
		return len(page), nil
	}, progress.live)
}

// subscribeToStream may wait for a stream that does not exist yet. It ends when the stream is tombstoned.
func (r *reader) subscribeToStream(o *streams.ReadReq_Options_StreamOptions) error {
	stream, err := streamName(o.GetStreamIdentifier())
	if err != nil {
		return err
	}
	info, err := r.log.Stream(r.ctx, stream)
	if err != nil {
		return err
	}
	next := int64(0)
	switch at := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		next = int64(min(at.Revision, math.MaxInt64-1)) + 1
	case *streams.ReadReq_Options_StreamOptions_End:
		next = info.Last + 1
	}
	if err := r.confirm(); err != nil {
		return err
	}
	cursor := r.log.ReadStream(stream, eventlog.Forwards, next)
	return r.follow(func() (int, error) {
		page, err := cursor.Page(r.ctx, subscriptionPage)
		if err != nil {
			return 0, err
		}
		for _, record := range page {
			if err := r.send(record); err != nil {
				return 0, err
			}
		}
		return len(page), nil
	}, func() error { return nil })
}

func (r *reader) confirm() error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()},
	}})
}

// behindPages is how many pages in a row make a live subscription one that is catching up.
const behindPages = 2

// follow sends page after page, says so when there are no more, and waits. A reader that falls far behind is told again
// when it has caught up.
func (r *reader) follow(next func() (int, error), live func() error) error {
	for pages, isLive := 0, false; ; {
		changed := r.log.Changed()
		sent, err := next()
		if err != nil {
			return err
		}
		if sent > 0 {
			if pages++; pages >= behindPages {
				isLive = false
			}
			continue
		}
		pages = 0
		if !isLive {
			if err := errors.Join(live(), r.sendCaughtUp()); err != nil {
				return err
			}
			isLive = true
		}
		select {
		case <-changed:
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-r.closing:
			return errShuttingDown
		}
	}
}

func (r *reader) sendCaughtUp() error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

// checkpoints tells a filtered subscription how far the log was looked through, so that it need not start over there.
type checkpoints struct {
	reader *reader
	seen   uint64 // the last position looked at
	since  int    // events looked at since the last checkpoint
}

func (c *checkpoints) passed(position uint64) error {
	c.seen = position
	if !c.reader.filter.active {
		return nil
	}
	if c.since++; c.since < c.reader.filter.interval {
		return nil
	}
	return c.send()
}

func (c *checkpoints) live() error {
	if !c.reader.filter.active {
		return nil
	}
	return c.send()
}

func (c *checkpoints) send() error {
	c.since = 0
	return c.reader.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: c.seen, PreparePosition: c.seen},
	}})
}
