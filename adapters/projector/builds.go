package projector

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Build is where one build of a read model stands.
type Build struct {
	Model         projections.Model
	Served        bool // queries read it
	Previous      bool // queries read it before; the way back
	Phase         Phase
	Reason        string // what keeps it from being served, if anything does
	NoSwitch      bool   // it is not to be served by itself
	Position      domain.Position
	Target        domain.Position // end of the log when it was begun
	Progress      float64
	EventsPerSec  float64
	Remaining     *float64
	ParkedStreams int
	StartedAt     time.Time
	StartedBy     string
	SwitchedBy    string // who decided that it is served
	CancelledAt   time.Time
	CancelledBy   string
	ComparedAt    time.Time
	Comparison    *projections.Comparison
}

// Builds lists the builds of m that are there, and the last ones cancelled,
// earliest first.
func (p *Projector) Builds(ctx context.Context, m projections.Model) ([]Build, error) {
	s, err := p.stand(ctx, m)
	if err != nil {
		return nil, err
	}
	end, err := p.end.get(ctx)
	if err != nil {
		return nil, fmt.Errorf("end of the log: %w", err)
	}
	s.record(s.wanted.Label())
	if s.serves {
		s.record(s.served.Label())
	}
	var all []Build
	for label, r := range s.records {
		build, ok := m.Labelled(label)
		if !ok || r.dropped != nil && r.cancelled == nil {
			continue
		}
		one, err := p.build(ctx, &s, build, end)
		if err != nil {
			return nil, fmt.Errorf("build %s of %s: %w", label, m.Name, err)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Build) int {
		if a.Model.Before(b.Model) {
			return -1
		}
		return 1
	})
	return all, nil
}

func (p *Projector) build(ctx context.Context, s *stand, m projections.Model, end domain.Position) (Build, error) {
	label, r := m.Label(), s.record(m.Label())
	b := Build{Model: m, Served: s.serves && label == s.served.Label(), Previous: label == s.previous}
	if r.begun != nil {
		b.StartedAt, b.StartedBy, b.Target, b.NoSwitch = r.begun.At, r.begun.By, r.begun.Target, r.begun.NoSwitch
	}
	if r.told != nil {
		b.SwitchedBy = r.told.By
	}
	if r.compared != nil {
		b.ComparedAt, b.Comparison = r.compared.At, &r.compared.Comparison
	}
	if r.cancelled != nil {
		b.Phase, b.CancelledAt, b.CancelledBy = Cancelled, r.cancelled.At, r.cancelled.By
		return b, nil
	}
	marks, err := p.config.Store.Marks(ctx, m)
	if err != nil {
		return b, err //nolint:wrapcheck // named by the caller
	}
	parked, err := p.config.Store.Loader(m).Parked(ctx)
	if err != nil {
		return b, err //nolint:wrapcheck // named by the caller
	}
	b.Position, b.ParkedStreams = marks[0].Position, len(parked)
	b.Progress = progress(b.Position, end)
	if b.Phase, b.Reason = s.phase(label, len(parked)); b.Phase == "" {
		b.Phase = Replaying
		if r.begun != nil && b.Position.Compare(r.begun.Target) >= 0 {
			b.Phase = CatchingUp
		}
	}
	p.addPace(&b, r)
	return b, nil
}

// addPace adds what only the projector at work knows, from here or from what it
// has noted.
func (p *Projector) addPace(b *Build, r *record) {
	for _, l := range []*lane{p.live, p.building} {
		for _, t := range *l.seen.Load() {
			if t.model.Prefix() == b.Model.Prefix() {
				s := t.shown.Load()
				b.EventsPerSec, b.Remaining = s.rate, s.remaining(b.Progress)
				return
			}
		}
	}
	if r.pace != nil {
		s := shown{rate: r.pace.Rate, events: r.pace.Events}
		b.EventsPerSec, b.Remaining = s.rate, s.remaining(b.Progress)
	}
}
