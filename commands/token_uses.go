package commands

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain/tokenuse"
)

// TokenUses puts on record when tokens were used.
type TokenUses struct{ Loop *Loop }

// noteTokenUse is the command; nobody but the program sends it.
type noteTokenUse struct {
	TokenID string
	Hour    time.Time
}

// Note records that a token was used within the hour that at lies in. Whichever
// process notes it first does; for others, and a second time, nothing happens.
func (h TokenUses) Note(ctx context.Context, tokenID string, at time.Time) error {
	c := noteTokenUse{tokenID, at.UTC().Truncate(tokenuse.Precision)}
	env := program("note-token-use", tokenID+" "+c.Hour.Format(time.RFC3339))
	env.OccurredAt = c.Hour
	_, err := onNew(ctx, h.Loop, tokenuse.Aggregate, env, derived(env.CommandID, tokenuse.Aggregate.Category).String(), c,
		func(u tokenuse.Use, _ moment) ([]tokenuse.Event, error) { return u.Note(c.TokenID, c.Hour) })
	return err
}
