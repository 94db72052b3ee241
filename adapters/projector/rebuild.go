package projector

import (
	"context"
	"fmt"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// ErrUnknownModel says that no read model has the given name.
var ErrUnknownModel = &domain.Error{Kind: domain.Missing, Code: "unknown_read_model", Message: "there is no read model of this name"}

// Model finds a read model by name.
func (p *Projector) Model(name string) (projections.Model, error) {
	for _, m := range p.config.Models {
		if m.Name == name {
			return m, nil
		}
	}
	return projections.Model{}, ErrUnknownModel.Because("there is no read model named %q", name)
}

// Rebuild starts to build m anew from the start of the log, beside the build
// being served, which it replaces when it is complete. The projector that runs
// finds out by itself, here or in another process.
func (p *Projector) Rebuild(ctx context.Context, m projections.Model) (projections.Model, error) {
	p.assigning.Lock()
	defer p.assigning.Unlock()
	next, err := p.config.Store.Wanted(ctx, m)
	if err != nil {
		return m, fmt.Errorf("rebuild %s: %w", m.Name, err)
	}
	next.Build++
	if err := p.config.Store.Drop(ctx, next); err != nil {
		return m, fmt.Errorf("rebuild %s: %w", m.Name, err)
	}
	if err := p.config.Store.Want(ctx, next); err != nil {
		return m, fmt.Errorf("rebuild %s: %w", m.Name, err)
	}
	return next, nil
}

// Serve makes queries read the wanted build of m although streams of it are
// parked; it takes effect once the build has caught up with the log.
func (p *Projector) Serve(ctx context.Context, m projections.Model) error {
	wanted, err := p.config.Store.Wanted(ctx, m)
	if err != nil {
		return fmt.Errorf("serve %s: %w", m.Name, err)
	}
	for _, t := range *p.building.seen.Load() {
		if t.model.Prefix() == wanted.Prefix() {
			t.force.Store(true)
		}
	}
	return p.assign(ctx)
}

// countParked keeps the number of parked streams for Status and the metrics.
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
