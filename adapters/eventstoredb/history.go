package eventstoredb

import (
	"context"
	"iter"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// History is the log as histories read it: whatever is in a stream is shown.
type History struct{ *Client }

// Read is Client.Read, but an event that cannot be decoded comes as
// domain.Undecodable instead of ending it.
func (h History) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		next := from
		r := reader{client: h.Client, what: "read " + stream, ahead: true}
		r.open = func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadStream(ctx, stream, esdb.ReadStreamOptions{From: esdb.Revision(next)}, math.MaxInt64)
		}
		r.seen = func(e *esdb.RecordedEvent) { next = e.EventNumber + 1 }
		r.run(ctx, func(e *esdb.RecordedEvent, err error) bool {
			if err != nil {
				return yield(domain.Recorded{}, err)
			}
			return yield(h.recorded(e), nil)
		})
	}
}
