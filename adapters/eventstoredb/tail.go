package eventstoredb

import (
	"context"
	"errors"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// lastResubscribe is the longest wait between two attempts to subscribe.
const lastResubscribe = 5 * time.Second

// subscribe opens a subscription behind the last message that was delivered.
type subscribe func(context.Context, *generation) (*esdb.Subscription, error)

// tail delivers the messages of a subscription until ctx ends, subscribing anew
// whenever it is dropped. A drop is told to deliver as well. It returns early
// only with ErrStreamDeleted.
func (c *Client) tail(ctx context.Context, what string, open subscribe, deliver func(*esdb.SubscriptionEvent)) error {
	wait := pause{limit: lastResubscribe}
	for ctx.Err() == nil && c.life.Err() == nil {
		err := c.subscribed(ctx, open, func(m *esdb.SubscriptionEvent) {
			if m.SubscriptionDropped == nil {
				wait.reset()
			}
			deliver(m)
		})
		switch {
		case codeOf(err) == esdb.ErrorCodeStreamDeleted:
			return ErrStreamDeleted
		case ctx.Err() != nil || errors.Is(err, domain.ErrUnavailable): // it has waited already
		default:
			c.log.WarnContext(ctx, "subscription dropped; resuming", "subscription", what, "error", err)
			wait.sleep(ctx)
		}
	}
	return nil
}

// subscribed is one subscription, until it drops. It ends with its generation:
// a server that fell silent shows first on calls, much later on an idle stream.
func (c *Client) subscribed(parent context.Context, open subscribe, deliver func(*esdb.SubscriptionEvent)) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	var on *generation
	sub, err := retry(parent, c, "subscribe", func(_ context.Context, g *generation) (*esdb.Subscription, error) {
		on = g
		return open(ctx, g)
	})
	if err != nil {
		return err
	}
	defer context.AfterFunc(on.gone, cancel)()
	for {
		m := sub.Recv()
		deliver(m)
		if m.SubscriptionDropped != nil {
			if err := m.SubscriptionDropped.Error; judge(err) == broken {
				c.abandon(on, err)
			}
			return m.SubscriptionDropped.Error
		}
	}
}
