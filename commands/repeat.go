package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
)

// firstResult finds what a command recorded when it was first sent. It fails
// with domain.ErrKeyReused when that was a different request.
func firstResult[S any, E domain.Event](ctx context.Context, l *Loop, r request[S, E], meta domain.Meta, stream string) (Result, bool, error) {
	result, found := r.result(stream, NoStream, domain.Position{}, nil), false
	for rec, err := range l.store.Read(ctx, stream, 0) {
		if err != nil {
			return Result{}, false, fmt.Errorf("read %s: %w", stream, err)
		}
		if rec.Meta.CausationID != meta.CausationID {
			continue
		}
		if rec.Meta.Digest != meta.Digest {
			return Result{}, false, domain.ErrKeyReused
		}
		found = true
		result.Revision, result.Position = rec.Revision, rec.Position
		result.Events = append(result.Events, rec.Event.EventType())
		result.Created = result.Created || rec.Revision == 0
	}
	return result, found, nil
}

// Between is an event that came in between a sender's revision and the latest.
type Between struct {
	Revision   uint64    `json:"revision"`
	Type       string    `json:"type"`
	Actor      string    `json:"actor"`
	OccurredAt time.Time `json:"occurred_at"`
	RecordedAt time.Time `json:"recorded_at"`
}

// inBetween is the conflict of a sender who has not seen the latest revision.
// It names what they missed.
func inBetween(ctx context.Context, l *Loop, stream string, want uint64, have int64) error {
	if int64(want) > have {
		return domain.ErrConflict.Because("If-Match names revision %d, but the record is at %d", want, have)
	}
	var missed []Between
	for rec, err := range l.store.Read(ctx, stream, want+1) {
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		missed = append(missed, Between{rec.Revision, rec.Event.EventType(), rec.Meta.Actor.ID, rec.OccurredAt(), rec.RecordedAt})
	}
	return domain.ErrConflict.Because("the record is at revision %d, not %d: see what came in between", have, want).
		With(map[string]any{"current_revision": have, "events": missed})
}
