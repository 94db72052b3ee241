package projector

import (
	"context"
	"errors"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// compareSoon hands a pair of builds to whoever compares, who is found busy if
// he is; then they are handed over at the next look.
func (p *Projector) compareSoon(s *stand) {
	select {
	case p.pairs <- *s:
	default:
	}
}

// compareAll compares pairs of builds, one at a time, until ctx ends.
func (p *Projector) compareAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-p.pairs:
			if err := p.compare(ctx, &s); err != nil && ctx.Err() == nil {
				p.config.Logger.WarnContext(ctx, "builds were not compared; trying again", "model", s.model.Name, "build", s.wanted.Label(), "error", err)
			}
		}
	}
}

// compare puts on record in what a build differs from the served one. A store
// out of reach is no finding.
func (p *Projector) compare(ctx context.Context, s *stand) error {
	comparison, err := p.config.Store.Compare(ctx, s.served, s.wanted)
	told, ours := errors.AsType[*domain.Error](err)
	if ctx.Err() != nil || ours && told.Kind == domain.Unavailable && !errors.Is(err, projections.ErrUnsteady) {
		return err
	}
	notes, remove := map[string]string{}, []string{on(s.wanted, noteAsked)}
	if err != nil {
		notes[on(s.wanted, noteFailed)] = err.Error()
		remove = append(remove, on(s.wanted, noteCompared))
	} else {
		notes[on(s.wanted, noteCompared)] = asNote(finding{order{At: p.config.Now()}, comparison})
		remove = append(remove, on(s.wanted, noteFailed))
	}
	if err := p.noteCompared(ctx, s, notes, remove); err != nil {
		return err
	}
	return p.assign(ctx)
}

// noteCompared does so only if the pair still is what it was.
func (p *Projector) noteCompared(ctx context.Context, s *stand, notes map[string]string, remove []string) error {
	p.assigning.Lock()
	defer p.assigning.Unlock()
	now, err := p.stand(ctx, s.model)
	if err != nil {
		return err
	}
	if now.wanted.Label() != s.wanted.Label() || now.served.Label() != s.served.Label() || !now.building() {
		return nil
	}
	return p.config.Store.Note(ctx, s.model, notes, remove...) //nolint:wrapcheck // the store says it best
}
