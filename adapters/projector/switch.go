package projector

import (
	"context"
	"errors"
	"fmt"

	"github.com/annals-crm/annals/projections"
)

// settle does what is next for a build that has come to the end of the log:
// compare it, wait for a decision, or serve it. It tells whether it is served.
func (p *Projector) settle(ctx context.Context, s *stand, at projections.Mark) (served bool, err error) {
	parked, err := p.config.Store.Loader(s.wanted).Parked(ctx)
	if err != nil {
		return false, fmt.Errorf("parked streams: %w", err)
	}
	phase, reason := s.waits(len(parked))
	p.report(ctx, s, phase, reason)
	switch {
	case phase == Comparing:
		p.compareSoon(s)
		return false, nil
	case reason != "":
		return false, nil
	}
	return p.switchOver(ctx, s, at)
}

// report logs once what a build waits for.
func (p *Projector) report(ctx context.Context, s *stand, phase Phase, reason string) {
	told := string(phase) + " " + reason
	if p.told[s.wanted.Prefix()] == told {
		return
	}
	p.told[s.wanted.Prefix()] = told
	if phase == Held || phase == Failed {
		p.config.Logger.WarnContext(ctx, "a build is complete but not served", "model", s.model.Name, "build", s.wanted.Label(), "reason", reason)
	}
}

// switchOver serves the wanted build, unless it is behind the one it replaces:
// whoever has read his own write must not see it vanish. Meanwhile the live lane
// stands still, so neither goes on in between. The replaced build stays for a
// way back; the one before that is let go.
func (p *Projector) switchOver(ctx context.Context, s *stand, at projections.Mark) (bool, error) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	builds := []projections.Model{s.wanted}
	if s.serves {
		builds = append(builds, s.served)
	}
	marks, err := p.config.Store.Marks(ctx, builds...)
	if err != nil {
		return false, fmt.Errorf("switch: %w", err)
	}
	if s.serves && marks[0].Position.Compare(marks[1].Position) < 0 || marks[0].Position.Compare(at.Position) < 0 {
		return false, nil
	}
	now := order{At: p.config.Now()}
	notes, done := map[string]string{}, []string{on(s.wanted, noteAsked), on(s.wanted, notePace)}
	if s.serves {
		notes[notePrevious] = s.served.Label()
	}
	for label, r := range s.records {
		build, ok := s.model.Labelled(label)
		if !ok || r.begun == nil || r.cancelled != nil || r.dropped != nil || label == s.wanted.Label() || label == notes[notePrevious] {
			continue
		}
		if s.served.Before(build) && build.Version > s.wanted.Version {
			continue // of a later release
		}
		notes[on(build, noteDropped)] = asNote(now)
	}
	if err := p.config.Store.Note(ctx, s.model, notes, done...); err != nil {
		return false, fmt.Errorf("switch: %w", err)
	}
	switch err := p.config.Store.Serve(ctx, s.wanted, marks[0]); {
	case errors.Is(err, projections.ErrMoved):
		return false, nil // emptied in this moment; the lane will find out
	case err != nil:
		return false, fmt.Errorf("switch: %w", err)
	}
	delete(p.told, s.wanted.Prefix())
	p.config.Logger.InfoContext(ctx, "read model is served", "model", s.model.Name, "build", s.wanted.Label(), "before", notes[notePrevious], "position", marks[0].Position)
	return true, nil
}

// reached tells whether a build in the lane has come to the end of the log, and
// where that is.
func (l *lane) reached(m projections.Model) (at projections.Mark, yes bool) {
	if !l.mu.TryLock() {
		return at, false // a page is being folded; it asks again afterwards
	}
	defer l.mu.Unlock()
	for _, t := range l.tracks {
		if l.caughtUp && !t.dirty && t.model.Prefix() == m.Prefix() {
			return t.mark, true
		}
	}
	return at, false
}

// has tells whether a build is in the lane.
func (l *lane) has(m projections.Model) bool {
	for _, t := range *l.seen.Load() {
		if t.model.Prefix() == m.Prefix() {
			return true
		}
	}
	return false
}

// dropMarked deletes builds that were given up: at once, for this process has
// let go of them, and again when every other one must have, which may just have
// written to it. Then nothing is known of it but that it was cancelled.
func (p *Projector) dropMarked(ctx context.Context, s *stand) error {
	for label, r := range s.records {
		build, ok := s.model.Labelled(label)
		if !ok || r.dropped == nil {
			continue
		}
		late := p.config.Now().Sub(r.dropped.At) > 10*p.config.Check
		if p.droppedOnce[build.Prefix()] && !late {
			continue
		}
		if err := p.config.Store.Drop(ctx, build); err != nil {
			return fmt.Errorf("drop %s: %w", build.Prefix(), err)
		}
		p.droppedOnce[build.Prefix()] = true
		if !late {
			continue
		}
		delete(p.droppedOnce, build.Prefix())
		remove := []string{on(build, noteDropped)}
		if r.cancelled == nil {
			remove = append(remove, everyNote(build)...)
		}
		if err := p.config.Store.Note(ctx, s.model, nil, remove...); err != nil {
			return fmt.Errorf("drop %s: %w", build.Prefix(), err)
		}
	}
	return nil
}

// everyNote are the fields of all there may be on record about a build.
func everyNote(m projections.Model) []string {
	all := []string{noteBegun, noteReached, noteAsked, noteCompared, noteFailed, noteTold, noteCancelled, noteDropped, notePace}
	for i, what := range all {
		all[i] = on(m, what)
	}
	return all
}
