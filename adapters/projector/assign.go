package projector

import (
	"context"
	"fmt"
	"slices"

	"github.com/annals-crm/annals/projections"
)

// assign gives every read model the lanes it belongs in: the build that is to
// be served in the end, and beside it, while that is being built, the one that
// is served now.
func (p *Projector) assign(ctx context.Context) error {
	p.assigning.Lock()
	defer p.assigning.Unlock()
	var live, building []projections.Model
	for _, m := range p.config.Models {
		wanted, err := p.config.Store.Wanted(ctx, m)
		if err != nil {
			return fmt.Errorf("assign %s: %w", m.Name, err)
		}
		served, ok, err := p.config.Store.Served(ctx, m)
		if err != nil {
			return fmt.Errorf("assign %s: %w", m.Name, err)
		}
		if ok && served.Before(wanted) {
			switched, err := p.switchOver(ctx, wanted, &served)
			if err != nil {
				return err
			}
			if ok = switched; !switched && served.Version == m.Version {
				live = append(live, served) // its code is here, so it is kept up to date meanwhile
			}
		} else if !ok {
			if ok, err = p.switchOver(ctx, wanted, nil); err != nil {
				return err
			}
		}
		if ok {
			live = append(live, wanted)
		} else {
			building = append(building, wanted)
		}
	}
	if err := p.place(ctx, live, building); err != nil {
		return err
	}
	return p.dropRetired(ctx)
}

// place moves tracks to where they belong, with all they remember.
func (p *Projector) place(ctx context.Context, live, building []projections.Model) error {
	known := map[string]*track{}
	goes := func(l *lane, models []projections.Model) {
		for _, t := range l.without(models) {
			known[t.model.Prefix()] = t
		}
	}
	// Each lane lets go before the other takes up: no track is ever in both.
	goes(p.live, live)
	goes(p.building, building)
	p.live.with(live, known)
	p.building.with(building, known)
	for _, l := range []*lane{p.live, p.building} {
		if err := l.stillStands(ctx); err != nil {
			return err
		}
	}
	return nil
}

// without takes out the tracks of all builds but these.
func (l *lane) without(models []projections.Model) (out []*track) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.publish()
	l.tracks = slices.DeleteFunc(l.tracks, func(t *track) bool {
		if slices.ContainsFunc(models, func(m projections.Model) bool { return m.Prefix() == t.model.Prefix() }) {
			return false
		}
		out = append(out, t)
		return true
	})
	return out
}

// with adds tracks for the builds that are missing and starts again for them.
func (l *lane) with(models []projections.Model, known map[string]*track) {
	l.mu.Lock()
	defer l.mu.Unlock()
	joined := false
	for _, m := range models {
		if slices.ContainsFunc(l.tracks, func(t *track) bool { return t.model.Prefix() == m.Prefix() }) {
			continue
		}
		t := known[m.Prefix()]
		if t == nil {
			t = newTrack(m, l.p.config.Store)
		}
		l.tracks, joined = append(l.tracks, t), true
	}
	if joined {
		l.caughtUp = false
		l.publish()
		l.restart()
	}
}

// publish lets Status and the metrics see the tracks without the lane's lock.
func (l *lane) publish() {
	tracks := slices.Clone(l.tracks)
	l.seen.Store(&tracks)
}

// stillStands makes the lane start again if a mark is not where it was left:
// somebody else has gone on, or Redis was emptied. A lane at work finds out by
// itself, with its next commit.
func (l *lane) stillStands(ctx context.Context) error {
	if !l.mu.TryLock() {
		return nil
	}
	defer l.mu.Unlock()
	if len(l.tracks) == 0 {
		return nil
	}
	marks, err := l.p.config.Store.Marks(ctx, models(l.tracks)...)
	if err != nil {
		return err //nolint:wrapcheck // the store says it best
	}
	for i, t := range l.tracks {
		if !t.dirty && t.mark != marks[i] {
			t.dirty = true
			l.restart()
		}
	}
	return nil
}
