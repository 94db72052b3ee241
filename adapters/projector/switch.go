package projector

import (
	"context"
	"fmt"
	"time"

	"github.com/annals-crm/annals/projections"
)

// switchOver serves a build that is complete: it has reached the end of the
// log, and is no further behind than the one it replaces, so that nobody who
// has read his own write sees it vanish. It tells whether the build is served.
func (p *Projector) switchOver(ctx context.Context, m projections.Model, replaces *projections.Model) (bool, error) {
	t, reached := p.building.reached(m)
	if !reached {
		return false, nil
	}
	marks, err := p.config.Store.Marks(ctx, m)
	if err != nil {
		return false, fmt.Errorf("switch %s: %w", m.Name, err)
	}
	if replaces != nil {
		before, err := p.config.Store.Marks(ctx, *replaces)
		if err != nil {
			return false, fmt.Errorf("switch %s: %w", m.Name, err)
		}
		if marks[0].Position.Compare(before[0].Position) < 0 {
			return false, nil
		}
	}
	parked, err := p.config.Store.Loader(m).Parked(ctx)
	if err != nil {
		return false, fmt.Errorf("switch %s: %w", m.Name, err)
	}
	if len(parked) > 0 && !t.force.Load() {
		if t.held.CompareAndSwap(false, true) {
			p.config.Logger.WarnContext(ctx, "a rebuilt read model is not served: streams are parked; retry or discard them, or serve it as it is",
				"model", m.Name, "build", m.Label(), "streams", len(parked))
		}
		return false, nil
	}
	if err := p.config.Store.Serve(ctx, m); err != nil {
		return false, fmt.Errorf("serve %s: %w", m.Name, err)
	}
	p.config.Logger.InfoContext(ctx, "read model is served", "model", m.Name, "build", m.Label(), "position", marks[0].Position)
	if replaces != nil && replaces.Version == m.Version {
		p.retired = append(p.retired, retired{*replaces, p.config.Now()})
	}
	return true, nil
}

// reached returns the track of a build if it has come to the end of the log.
func (l *lane) reached(m projections.Model) (*track, bool) {
	if !l.mu.TryLock() {
		return nil, false // a page is being folded; it asks again afterwards
	}
	defer l.mu.Unlock()
	for _, t := range l.tracks {
		if l.caughtUp && !t.dirty && t.model.Prefix() == m.Prefix() {
			return t, true
		}
	}
	return nil, false
}

// retired is a build that was replaced by another of the same version. Unlike an
// earlier version it is no way back to anything.
type retired struct {
	model projections.Model
	since time.Time
}

// dropRetired drops them once every projector has had time to let go of them.
func (p *Projector) dropRetired(ctx context.Context) error {
	for len(p.retired) > 0 && p.config.Now().Sub(p.retired[0].since) > 10*p.config.Check {
		if err := p.config.Store.Drop(ctx, p.retired[0].model); err != nil {
			return fmt.Errorf("drop replaced build: %w", err)
		}
		p.retired = p.retired[1:]
	}
	return nil
}
