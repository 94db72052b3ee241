package eventstoredb

import (
	"context"
	"fmt"
	"iter"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// Follow yields the events of one stream from a revision on, those recorded
// already and then new ones as they come, each once and in order across lost
// connections. It ends when ctx does or, with ErrStreamDeleted, when the stream
// was deleted for good. Events that cannot be read come as domain.Undecodable.
func (c *Client) Follow(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		next, stopped := from, false
		open := func(ctx context.Context, g *generation) (*esdb.Subscription, error) {
			var after esdb.StreamPosition = esdb.Start{}
			if next > 0 {
				after = esdb.Revision(next - 1) // subscriptions start behind it
			}
			return through(ctx, g, func(ctx context.Context, db *esdb.Client) (*esdb.Subscription, error) {
				return db.SubscribeToStream(ctx, stream, esdb.SubscribeToStreamOptions{From: after})
			})
		}
		err := c.tail(ctx, stream, open, func(m *esdb.SubscriptionEvent) {
			if stopped || m.EventAppeared == nil {
				return
			}
			e := m.EventAppeared.OriginalEvent()
			if e.EventNumber < next {
				return
			}
			next = e.EventNumber + 1
			if !yield(c.recorded(e), nil) {
				stopped = true
				cancel()
			}
		})
		if err != nil && !stopped {
			yield(domain.Recorded{}, fmt.Errorf("follow %s: %w", stream, err))
		}
	}
}
