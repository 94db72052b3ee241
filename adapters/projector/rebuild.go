package projector

import (
	"context"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Reasons why something cannot be done to the builds of a read model.
var (
	ErrUnknownModel = &domain.Error{Kind: domain.Missing, Code: "unknown_read_model", Message: "there is no read model of this name"}
	ErrNoBuild      = &domain.Error{Kind: domain.Missing, Code: "no_such_build", Message: "there is no such build"}
	ErrNotBuilding  = &domain.Error{Kind: domain.Refused, Code: "not_building", Message: "no build of this read model is on its way"}
	ErrUnderWay     = &domain.Error{Kind: domain.Refused, Code: "build_under_way", Message: "another build of this read model is on its way; cancel it first"}
	ErrOnlyBuild    = &domain.Error{Kind: domain.Refused, Code: "only_build", Message: "queries have nothing else to read"}
	ErrNoWayBack    = &domain.Error{Kind: domain.Refused, Code: "no_way_back", Message: "there is no build to go back to"}
)

// Model finds a read model by name.
func (p *Projector) Model(name string) (projections.Model, error) {
	for _, m := range p.config.Models {
		if m.Name == name {
			return m, nil
		}
	}
	return projections.Model{}, ErrUnknownModel.Because("there is no read model named %q", name)
}

// Models lists the read models.
func (p *Projector) Models() []projections.Model { return p.config.Models }

// Rebuild starts to build m anew from the start of the log, beside the build
// being served. When it is complete it is compared with that one and, if nothing
// differs, takes its place, unless noSwitch is set. The projector that runs finds
// out by itself, here or in another process. If a build is on its way already,
// that one is returned, and begun is false.
func (p *Projector) Rebuild(ctx context.Context, m projections.Model, by string, noSwitch bool) (build projections.Model, begun bool, err error) {
	p.assigning.Lock()
	defer p.assigning.Unlock()
	s, err := p.stand(ctx, m)
	if err != nil {
		return m, false, err
	}
	if s.building() {
		return s.wanted, false, nil
	}
	if s.serves && s.served.Version > m.Version {
		return m, false, ErrUnderWay.Because("queries read version %d of %s, which a later release has built; rebuild it there", s.served.Version, m.Name)
	}
	next := s.next()
	var forget []string
	for label, r := range s.records {
		if build, ok := m.Labelled(label); ok && r.cancelled != nil && r.dropped == nil {
			forget = append(forget, everyNote(build)...)
		}
	}
	if err := p.config.Store.Note(ctx, m, map[string]string{noteLast: next.Label()}, forget...); err != nil {
		return m, false, fmt.Errorf("rebuild %s: %w", m.Name, err)
	}
	if err := p.begin(ctx, next, order{p.config.Now(), by}, noSwitch); err != nil {
		return m, false, err
	}
	if err := p.config.Store.Want(ctx, next); err != nil {
		return m, false, fmt.Errorf("rebuild %s: %w", m.Name, err)
	}
	return next, true, nil
}

// next is a build whose number was never used.
func (s *stand) next() projections.Model {
	next := s.wanted
	later := func(label string) {
		if m, ok := s.model.Labelled(label); ok && m.Version == next.Version && m.Build > next.Build {
			next.Build = m.Build
		}
	}
	later(s.last)
	later(s.served.Label())
	for label := range s.records {
		later(label)
	}
	next.Build++
	return next
}

// begin puts a build on record.
func (p *Projector) begin(ctx context.Context, m projections.Model, by order, noSwitch bool) error {
	end, err := p.end.get(ctx)
	if err != nil {
		return fmt.Errorf("begin %s: %w", m.Prefix(), err)
	}
	note := map[string]string{on(m, noteBegun): asNote(beginning{by, end, noSwitch})}
	if err := p.config.Store.Note(ctx, m, note); err != nil {
		return fmt.Errorf("begin %s: %w", m.Prefix(), err)
	}
	return nil
}

// Cancel gives up a build on its way and deletes it; queries go on reading what
// they read. It fails with ErrNotBuilding or ErrOnlyBuild.
func (p *Projector) Cancel(ctx context.Context, m projections.Model, by string) error {
	return p.decide(ctx, m, func(s *stand) error {
		switch {
		case !s.building():
			return ErrNotBuilding.Because("no build of %s is on its way", m.Name)
		case !s.comparable():
			return ErrOnlyBuild.Because("build %s of %s is the only one this release can read; it cannot be given up", s.wanted.Label(), m.Name)
		}
		if err := p.config.Store.Want(ctx, s.served); err != nil {
			return err //nolint:wrapcheck // named by decide
		}
		now := order{p.config.Now(), by}
		if s.wanted.Label() == s.previous { // it was on its way back, and is complete up to some time ago
			return p.config.Store.Note(ctx, m, nil, on(s.wanted, noteTold), on(s.wanted, notePace))
		}
		return p.config.Store.Note(ctx, m, map[string]string{
			on(s.wanted, noteCancelled): asNote(now), on(s.wanted, noteDropped): asNote(now),
		}, on(s.wanted, noteAsked), on(s.wanted, noteTold), on(s.wanted, notePace))
	})
}

// Recompare asks for the build on its way to be compared with the served one
// again, once it has caught up. Builds tells the outcome.
func (p *Projector) Recompare(ctx context.Context, m projections.Model, by string) error {
	return p.decide(ctx, m, func(s *stand) error {
		if !s.building() || !s.comparable() {
			return ErrNotBuilding.Because("no build of %s is on its way that could be compared with the served one", m.Name)
		}
		asked := map[string]string{on(s.wanted, noteAsked): asNote(order{p.config.Now(), by})}
		return p.config.Store.Note(ctx, m, asked, on(s.wanted, noteFailed), on(s.wanted, noteCompared))
	})
}

// Switch makes queries read the build on its way, whatever was found wrong with
// it; if it is not complete, then as soon as it is.
func (p *Projector) Switch(ctx context.Context, m projections.Model, by string) error {
	return p.decide(ctx, m, func(s *stand) error {
		if !s.building() {
			return ErrNotBuilding.Because("no build of %s is on its way", m.Name)
		}
		return p.config.Store.Note(ctx, m, map[string]string{on(s.wanted, noteTold): asNote(order{p.config.Now(), by})})
	})
}

// RollBack makes queries read the build they read before. It stood still since,
// so it first takes in what came after it; until then queries read what they
// read now.
func (p *Projector) RollBack(ctx context.Context, m projections.Model, by string) error {
	return p.decide(ctx, m, func(s *stand) error {
		previous, ok := m.Labelled(s.previous)
		switch r := s.record(s.previous); {
		case s.building():
			return ErrUnderWay.Because("build %s of %s is on its way; cancel it first", s.wanted.Label(), m.Name)
		case !ok || r.dropped != nil:
			return ErrNoWayBack.Because("no build of %s but the served one is kept", m.Name)
		case previous.Version != m.Version:
			return ErrNoWayBack.Because("build %s of %s is of another release: run that, and it keeps its build current and reads it", s.previous, m.Name)
		}
		now := order{p.config.Now(), by}
		end, err := p.end.get(ctx)
		if err != nil {
			return err
		}
		again := map[string]string{on(previous, noteBegun): asNote(beginning{now, end, false}), on(previous, noteTold): asNote(now)}
		if err := p.config.Store.Note(ctx, m, again, on(previous, noteReached), on(previous, noteCompared), on(previous, noteFailed)); err != nil {
			return err //nolint:wrapcheck // named by decide
		}
		return p.config.Store.Want(ctx, previous)
	})
}

// Drop deletes a build that nobody reads; the one served before if label is
// empty.
func (p *Projector) Drop(ctx context.Context, m projections.Model, label, by string) error {
	return p.decide(ctx, m, func(s *stand) error {
		if label == "" {
			if label = s.previous; label == "" {
				return ErrNoBuild.Because("%s keeps no build that was served before; name the one to drop", m.Name)
			}
		}
		build, ok := m.Labelled(label)
		switch {
		case !ok || s.records[label] == nil || s.records[label].begun == nil || s.records[label].dropped != nil || s.records[label].cancelled != nil:
			return ErrNoBuild.Because("%s has no build %q", m.Name, label)
		case s.serves && label == s.served.Label():
			return ErrOnlyBuild.Because("build %s of %s is the one queries read", label, m.Name)
		case label == s.wanted.Label():
			return ErrUnderWay.Because("build %s of %s is on its way; cancel it", label, m.Name)
		}
		var remove []string
		if label == s.previous {
			remove = append(remove, notePrevious)
		}
		return p.config.Store.Note(ctx, m, map[string]string{on(build, noteDropped): asNote(order{p.config.Now(), by})}, remove...)
	})
}

// decide changes what is on record, and lets a projector that runs here act on
// it at once; one elsewhere finds it within a second.
func (p *Projector) decide(ctx context.Context, m projections.Model, change func(*stand) error) error {
	p.assigning.Lock()
	s, err := p.stand(ctx, m)
	if err == nil {
		err = change(&s)
	}
	p.assigning.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	if p.running.Load() {
		return p.assign(ctx)
	}
	return nil
}

// countParked keeps the number of parked streams for the metrics.
func (p *Projector) countParked(ctx context.Context) error {
	for _, l := range []*lane{p.live, p.building} {
		for _, t := range *l.seen.Load() {
			streams, err := p.config.Store.Loader(t.model).Parked(ctx)
			if err != nil {
				return fmt.Errorf("count parked streams: %w", err)
			}
			t.parked.Store(int64(len(streams)))
		}
	}
	return nil
}

// tellPace notes how fast builds on their way go on, for other processes.
func (p *Projector) tellPace(ctx context.Context) error {
	for _, t := range *p.building.seen.Load() {
		s := t.shown.Load()
		told := pace{At: p.config.Now().Truncate(time.Millisecond), Rate: s.rate, Events: s.events, CaughtUp: s.caughtUp}
		if err := p.config.Store.Note(ctx, t.model, map[string]string{on(t.model, notePace): asNote(told)}); err != nil {
			return fmt.Errorf("note the pace: %w", err)
		}
	}
	return nil
}
