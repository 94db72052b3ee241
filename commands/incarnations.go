package commands

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/incarnation"
)

// BeginIncarnation says that the log was put back to an earlier state.
type BeginIncarnation struct {
	At
	Reason       string
	BackupMadeAt *time.Time // nil: not known
	Position     domain.Position
}

// Incarnations handles what becomes of the log as a whole.
type Incarnations struct{ Loop *Loop }

// Begin gives the log another identity, see LogID, which counts for processes
// that start from then on. It fails with input.ErrInvalid if there is no reason.
func (h Incarnations) Begin(ctx context.Context, env Envelope, c BeginIncarnation) (Result, error) {
	return onNew(ctx, h.Loop, incarnation.Aggregate, env, incarnation.ID, c, func(l incarnation.Log, m moment) ([]incarnation.Event, error) {
		return l.Begin(incarnation.Begun{Reason: c.Reason, BackupMadeAt: c.BackupMadeAt, Position: c.Position}, m.at)
	})
}
