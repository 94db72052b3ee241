package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain/incarnation"
	"github.com/annals-crm/annals/domain/policy"
)

// logIDLength is how much of a log's identity is kept, in characters: enough for
// no two logs to meet, and short since it is part of every key.
const logIDLength = 12

// LogID tells a log from every other: what is kept beside one is worth nothing
// beside another. It is made from the first event of the policy, which every log
// begins with and keeps, and from when that was recorded, since its id is the
// same everywhere; and from every incarnation since, as a log put back to an
// earlier state is not the one that read models were made from. A log that nobody
// has begun yet has none: "".
func LogID(ctx context.Context, store EventStore) (string, error) {
	for rec, err := range store.Read(ctx, policy.Aggregate.Stream(policy.StandardID), 0) {
		if err != nil {
			return "", fmt.Errorf("identity of the log: %w", err)
		}
		begun := rec.ID + "\x00" + rec.RecordedAt.UTC().Format(time.RFC3339Nano)
		for again, err := range store.Read(ctx, incarnation.Aggregate.Stream(incarnation.ID), 0) {
			if err != nil {
				return "", fmt.Errorf("incarnation of the log: %w", err)
			}
			begun += "\x00" + again.ID
		}
		id := uuid.NewSHA1(namespace, []byte(begun))
		return fmt.Sprintf("%x", id[:])[:logIDLength], nil
	}
	return "", nil
}
