package eventstoredb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// maxEvent is what a server takes in one event, payload and metadata together,
// less some room for its own fields.
const maxEvent = 16<<20 - 64<<10

// Append writes all events or none; see commands.EventStore. While the outcome
// is unknown it repeats the same ids with the same expected revision, which the
// server recognises, so a repeat never doubles anything.
//
// It fails with domain.ErrConflict, domain.ErrUnavailable, ErrStreamDeleted or
// ErrEventTooLarge.
func (c *Client) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	data, err := encode(events)
	if err != nil {
		return commands.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	done, err := persist(ctx, c, "append to "+stream, func(ctx context.Context, g *generation) (written, error) {
		if g.batch.takes(data) {
			defer g.leave()
			g.asked(time.Now())
			answer, err := g.batch.append(ctx, batchRequest(ctx, stream, expected, data))
			if err != nil {
				return written{}, err
			}
			return decision(answer)
		}
		return guarded(ctx, g, func(ctx context.Context, g *generation) (written, error) {
			return g.append(ctx, stream, expected, data)
		})
	})
	switch {
	case errors.Is(err, domain.ErrUnavailable):
		return commands.Appended{}, err
	case err == nil:
		err = done.refused
	}
	if err != nil {
		return commands.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	return done.at, nil
}

// append makes a call of its own, through the driver.
func (g *generation) append(ctx context.Context, stream string, expected int64, data []esdb.EventData) (written, error) {
	var revision esdb.ExpectedRevision = esdb.NoStream{}
	if expected >= 0 {
		revision = esdb.Revision(uint64(expected))
	}
	o := esdb.AppendToStreamOptions{ExpectedRevision: revision}
	if end, ok := ctx.Deadline(); ok {
		deadline := time.Until(end)
		o.Deadline = &deadline
	}
	result, err := through(ctx, g, func(ctx context.Context, db *esdb.Client) (*esdb.WriteResult, error) {
		return db.AppendToStream(ctx, stream, o, data...)
	})
	switch {
	case err == nil:
		return written{at: commands.Appended{
			Revision: result.NextExpectedVersion,
			Position: domain.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition},
		}}, nil
	case codeOf(err) == esdb.ErrorCodeWrongExpectedVersion:
		return written{refused: domain.ErrConflict}, nil
	case codeOf(err) == esdb.ErrorCodeStreamDeleted:
		return written{refused: ErrStreamDeleted}, nil
	case tooLarge(err):
		return written{refused: ErrEventTooLarge}, nil
	}
	return written{}, err
}

var errNoEvents = errors.New("nothing to append")

func encode(events []domain.NewEvent) ([]esdb.EventData, error) {
	if len(events) == 0 {
		return nil, errNoEvents
	}
	data := make([]esdb.EventData, len(events))
	for i, e := range events {
		id, err := uuid.Parse(e.ID)
		if err != nil {
			return nil, fmt.Errorf("event id %q: %w", e.ID, err)
		}
		payload, err := json.Marshal(e.Event)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", e.Event.EventType(), err)
		}
		meta, err := json.Marshal(e.Meta)
		if err != nil {
			return nil, fmt.Errorf("encode metadata of %s: %w", e.Event.EventType(), err)
		}
		if len(payload)+len(meta) > maxEvent {
			return nil, ErrEventTooLarge
		}
		data[i] = esdb.EventData{
			EventID: id, EventType: e.Event.EventType(), ContentType: esdb.ContentTypeJson,
			Data: payload, Metadata: meta,
		}
	}
	return data, nil
}
