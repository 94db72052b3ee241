package eventstoredb

import (
	"context"
	"iter"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// ReadStored yields the events of a stream from a revision on, each a
// domain.AsStored; see Read.
func (c *Client) ReadStored(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		next := from
		r := reader{client: c, what: "read " + stream}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: esdb.Revision(next)}, math.MaxInt64)
		}
		r.seen = func(e *esdb.RecordedEvent) { next = e.EventNumber + 1 }
		r.run(ctx, func(e *esdb.RecordedEvent, err error) bool {
			if err != nil {
				return yield(domain.Recorded{}, err)
			}
			return yield(c.stored(e), nil)
		})
	}
}
