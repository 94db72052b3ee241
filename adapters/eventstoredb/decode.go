package eventstoredb

import (
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// recorded turns a stored event into ours. What cannot be read, payload or
// metadata, comes back with domain.Undecodable as its event.
func (c *Client) recorded(e *esdb.RecordedEvent) domain.Recorded {
	r := domain.Recorded{
		ID:         e.EventID.String(),
		Stream:     e.StreamID,
		Revision:   e.EventNumber,
		Position:   position(e),
		RecordedAt: e.CreatedDate,
		Event:      c.registry.Decode(e.EventType, e.Data),
	}
	if err := decodeMeta(e.UserMetadata, &r.Meta); err != nil {
		if _, already := r.Event.(domain.Undecodable); !already {
			r.Event = domain.Undecodable{Type: e.EventType, Err: fmt.Errorf("metadata: %w", err)}
		}
	}
	return r
}

// stored is recorded with the bytes, for readers that hand them on.
func (c *Client) stored(e *esdb.RecordedEvent) domain.Recorded {
	r := c.recorded(e)
	r.Event = domain.AsStored{Event: r.Event, Type: e.EventType, Data: e.Data}
	return r
}

func position(e *esdb.RecordedEvent) domain.Position {
	return domain.Position{Commit: e.Position.Commit, Prepare: e.Position.Prepare}
}

// readable fails for an event that a fold must not pass over.
func readable(r domain.Recorded) error {
	if u, bad := r.Event.(domain.Undecodable); bad {
		return fmt.Errorf("event %d of %s (%s): %w", r.Revision, r.Stream, u.Type, u.Err)
	}
	return nil
}
