package eventstoredb

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/annals-crm/annals/domain"
)

// Holds tells whether an event stands at exactly this position of the log.
func (c *Client) Holds(ctx context.Context, at domain.Position) (bool, error) {
	return retry(ctx, c, "look up a position", func(ctx context.Context, g *generation) (bool, error) {
		r, err := through(ctx, g, func(ctx context.Context, db *esdb.Client) (*esdb.ReadStream, error) {
			return db.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.Position{Commit: at.Commit, Prepare: at.Prepare}}, 1)
		})
		if err != nil {
			return false, err
		}
		defer r.Close()
		e, err := r.Recv()
		switch {
		case errors.Is(err, io.EOF), status.Code(err) == codes.InvalidArgument:
			return false, nil
		case err != nil:
			return false, err
		default:
			return position(e.OriginalEvent()) == at, nil
		}
	})
}
