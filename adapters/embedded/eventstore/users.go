package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

const usersStream = "$users"

// writeUsers gives a new log the stream that clients read to see whether a server is ready. The node knows no users; the
// stream names the account every EventStoreDB has.
func writeUsers(ctx context.Context, log *eventlog.Log) error {
	admin := eventlog.Event{ID: uuid.New(), Type: "$User", JSON: true, Data: []byte(`"admin"`)}
	_, err := log.Append(ctx, usersStream, eventlog.NoStream, []eventlog.Event{admin})
	var known *eventlog.WrongRevisionError
	var gone *eventlog.DeletedError
	if err != nil && !errors.As(err, &known) && !errors.As(err, &gone) {
		return fmt.Errorf("prepare a new event log: %w", err)
	}
	return nil
}
