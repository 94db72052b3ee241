package redisviews

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Wait returns once the served build of m has taken in position. It asks again
// and again, at first quickly: a projector that is idle needs about a
// millisecond. It fails with ErrBehind when that takes longer than WaitTimeout
// or the caller's deadline.
func (s *Store) Wait(ctx context.Context, m projections.Model, position domain.Position) error {
	ctx = projections.Unsteady(ctx) // the build waited for may take the place of another
	deadline := time.NewTimer(s.config.WaitTimeout)
	defer deadline.Stop()
	var reached domain.Position
	for pause := 500 * time.Microsecond; ; pause = min(pause*3/2, 20*time.Millisecond) {
		now, err := s.reached(ctx, m)
		switch {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil:
			reached = now
		}
		if err == nil && reached.Compare(position) >= 0 {
			return nil
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-deadline.C:
			again.Stop()
			return projections.ErrBehind.Because("the read model %s has reached %s, not yet %s; try again", m.Name, reached, position)
		case <-ctx.Done():
			again.Stop()
			return projections.ErrBehind.Because("the read model %s has reached %s, not yet %s; try again", m.Name, reached, position)
		}
	}
}

// reached is how far the served build is.
func (s *Store) reached(ctx context.Context, m projections.Model) (position domain.Position, err error) {
	err = s.read(ctx, m, func(prefix string) (bool, error) {
		values, err := s.mget(ctx, "read position", []string{prefix + "complete", prefix + "position"})
		if err != nil {
			return false, err
		}
		mark, err := projections.ParseMark(string(text(values[1])))
		position = mark.Position
		return values[0] != nil, err
	})
	return position, err
}
