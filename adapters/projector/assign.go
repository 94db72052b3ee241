package projector

import (
	"context"
	"fmt"
	"slices"

	"github.com/annals-crm/annals/projections"
)

// assign gives every read model the lanes it belongs in; see steer.
func (p *Projector) assign(ctx context.Context) error {
	p.assigning.Lock()
	defer p.assigning.Unlock()
	var live, building []projections.Model
	stands := make([]stand, len(p.config.Models))
	for i, m := range p.config.Models {
		s, err := p.stand(ctx, m)
		if err != nil {
			return fmt.Errorf("assign: %w", err)
		}
		l, b, err := p.steer(ctx, &s)
		if err != nil {
			return fmt.Errorf("assign %s: %w", m.Name, err)
		}
		live, building, stands[i] = append(live, l...), append(building, b...), s
	}
	if err := p.place(ctx, live, building); err != nil {
		return err
	}
	for i := range stands {
		if err := p.dropMarked(ctx, &stands[i]); err != nil {
			return err
		}
	}
	return nil
}

// steer says where the builds of one read model belong. A build starts in the
// lane of those that are built. Once it has come to the end of the log it joins
// the live lane, where it takes in the same pages as the served one, so that the
// two can be compared and exchanged. With nothing served there is nothing to
// wait for.
func (p *Projector) steer(ctx context.Context, s *stand) (live, building []projections.Model, err error) {
	wanted := []projections.Model{s.wanted}
	if !s.building() {
		return wanted, nil, nil
	}
	if s.comparable() {
		live = append(live, s.served) // its code is here, so it is kept up to date meanwhile
	}
	if s.record(s.wanted.Label()).begun == nil { // a version was raised, or Redis is empty
		if err := p.begin(ctx, s.wanted, order{At: p.config.Now()}, false); err != nil {
			return nil, nil, err
		}
	}
	at, arrived, err := p.arrived(ctx, s)
	if err != nil || !arrived {
		return live, wanted, err
	}
	switched, err := p.settle(ctx, s, at)
	switch {
	case err != nil:
		return nil, nil, err
	case switched:
		return wanted, nil, nil
	case !s.serves:
		return nil, wanted, nil
	}
	return append(live, s.wanted), nil, nil
}

// arrived tells whether the wanted build has come to the end of the log, and
// where it was then. It notes when it first has.
func (p *Projector) arrived(ctx context.Context, s *stand) (at projections.Mark, yes bool, err error) {
	at, reached := p.building.reached(s.wanted)
	if !reached && s.serves && p.live.has(s.wanted) {
		marks, err := p.config.Store.Marks(ctx, s.wanted)
		if err != nil {
			return at, false, err //nolint:wrapcheck // the store says it best
		}
		at, reached = marks[0], marks[0] != projections.Mark{} // else its keys are gone: it starts over, and not in the live lane
	}
	r := s.record(s.wanted.Label())
	if !reached || r.reached != nil {
		return at, reached, nil
	}
	r.reached = &order{At: p.config.Now()}
	return at, true, p.config.Store.Note(ctx, s.wanted, map[string]string{on(s.wanted, noteReached): asNote(r.reached)}) //nolint:wrapcheck // the store says it best
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

// without takes out the tracks of all builds but these. A lane that had gone
// back for one of them need not stay there.
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
	if len(out) > 0 && !l.caughtUp {
		l.restart()
	}
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
			t = l.p.newTrack(m)
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
