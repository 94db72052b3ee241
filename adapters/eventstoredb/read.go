package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// Read yields the events of a stream from a revision on; see
// commands.EventStore. An event that cannot be decoded ends it with an error
// that names stream and revision, since a fold must not pass over it. The
// deadline holds for every step of a few hundred events, not for the whole.
func (c *Client) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return c.readable("read "+stream, func(yield func(*esdb.RecordedEvent, error) bool) {
		next := from
		r := reader{client: c, what: "read " + stream}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: esdb.Revision(next)}, math.MaxInt64)
		}
		r.seen = func(e *esdb.RecordedEvent) { next = e.EventNumber + 1 }
		r.run(ctx, yield)
	})
}

// ReadBackwards yields the last count events of a stream, the last one first.
func (c *Client) ReadBackwards(ctx context.Context, stream string, count uint64) iter.Seq2[domain.Recorded, error] {
	return c.readable("read "+stream, func(yield func(*esdb.RecordedEvent, error) bool) {
		var from esdb.StreamPosition = esdb.End{}
		left, first := count, false
		r := reader{client: c, what: "read " + stream}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: from, Direction: esdb.Backwards}, left)
		}
		r.seen = func(e *esdb.RecordedEvent) {
			left--
			if first = e.EventNumber == 0; !first {
				from = esdb.Revision(e.EventNumber - 1)
			}
		}
		r.enough = func() bool { return left == 0 || first }
		if count > 0 {
			r.run(ctx, yield)
		}
	})
}

// ReadAll yields the events of the whole log after a position, up to the end at
// the time it gets there. The log's own events are left out; those that cannot
// be decoded come as domain.Undecodable.
func (c *Client) ReadAll(ctx context.Context, after domain.Position) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		last := after
		r := reader{client: c, what: "read the log"}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			var from esdb.AllPosition = esdb.Start{}
			if last != domain.StartOfLog {
				from = esdb.Position{Commit: last.Commit, Prepare: last.Prepare}
			}
			return db.ReadAll(ctx, esdb.ReadAllOptions{From: from}, math.MaxInt64)
		}
		r.seen = func(e *esdb.RecordedEvent) { last = position(e) }
		r.run(ctx, func(e *esdb.RecordedEvent, err error) bool {
			switch {
			case err != nil:
				return yield(domain.Recorded{}, err)
			case strings.HasPrefix(e.EventType, "$") || position(e).Compare(after) <= 0: // the log reads inclusively
				return true
			default:
				return yield(c.recorded(e), nil)
			}
		})
	}
}

// ReadAllBackwards yields the last count events of the whole log, the last one
// first. The log's own events count, but are left out; those that cannot be
// decoded come as domain.Undecodable.
func (c *Client) ReadAllBackwards(ctx context.Context, count uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		var from esdb.AllPosition = esdb.End{}
		first, left := domain.Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}, count
		r := reader{client: c, what: "read the log backwards"}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadAll(ctx, esdb.ReadAllOptions{From: from, Direction: esdb.Backwards}, left+1)
		}
		r.seen = func(e *esdb.RecordedEvent) { from = e.Position }
		r.enough = func() bool { return left == 0 }
		if count == 0 {
			return
		}
		r.run(ctx, func(e *esdb.RecordedEvent, err error) bool {
			switch {
			case err != nil:
				return yield(domain.Recorded{}, err)
			case position(e).Compare(first) >= 0: // read again after a connection was lost
				return true
			}
			first = position(e)
			left--
			return (strings.HasPrefix(e.EventType, "$") || yield(c.recorded(e), nil)) && left > 0
		})
	}
}

// LastPosition is the end of the log: the position of its last event, the log's
// own included. An empty log ends at domain.StartOfLog.
func (c *Client) LastPosition(ctx context.Context) (domain.Position, error) {
	return retry(ctx, c, "read the end of the log", func(ctx context.Context, g *generation) (domain.Position, error) {
		return lastPosition(ctx, g)
	})
}

func lastPosition(ctx context.Context, g *generation) (domain.Position, error) {
	r, err := through(ctx, g, func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
		return db.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1)
	})
	if err != nil {
		return domain.Position{}, err
	}
	defer r.Close()
	e, err := r.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return domain.StartOfLog, nil
	case err != nil:
		return domain.Position{}, err
	default:
		return position(e.OriginalEvent()), nil
	}
}

// readable decodes what raw yields and stops at what cannot be read.
func (c *Client) readable(what string, raw iter.Seq2[*esdb.RecordedEvent, error]) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for e, err := range raw {
			if err != nil {
				yield(domain.Recorded{}, err)
				return
			}
			rec := c.recorded(e)
			if err := readable(rec); err != nil {
				yield(domain.Recorded{}, fmt.Errorf("%s: %w", what, err))
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}
