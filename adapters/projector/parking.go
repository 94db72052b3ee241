package projector

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// ErrNotParked says that a stream has no parked events.
var ErrNotParked = &domain.Error{Kind: domain.Missing, Code: "not_parked", Message: "no event of this stream is parked"}

// WholeStream stands for every parked event of a stream; see Discard.
const WholeStream = math.MaxUint64

// Replayed is how a retry went.
type Replayed struct {
	Folded    int                  `json:"folded" doc:"Events now part of the read model"`
	Discarded int                  `json:"discarded" doc:"Events given up for this read model"`
	Parked    []projections.Parked `json:"parked" doc:"Events still parked, the first with the reason"`
}

// Parked lists the parked events of the builds of m that are at work.
func (p *Projector) Parked(ctx context.Context, m projections.Model) ([]projections.Parked, error) {
	builds, err := p.builds(ctx, m)
	if err != nil {
		return nil, err
	}
	var all []projections.Parked
	for _, build := range builds {
		parked, err := p.config.Store.Parked(ctx, build)
		if err != nil {
			return nil, err //nolint:wrapcheck // the store says it best
		}
		for _, one := range parked {
			if !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	return all, nil
}

// Retry folds the parked events of a stream again, in order, except those given
// up meanwhile. Those from the first that fails again stay parked.
func (p *Projector) Retry(ctx context.Context, m projections.Model, stream string) (Replayed, error) {
	return p.replay(ctx, m, stream, func(projections.Parked) bool { return false })
}

// Discard gives up the parked events of a stream up to a revision, for this read
// model, and folds those behind them. The log keeps them all. Whoever calls it
// has put on record that they are discarded, and why: otherwise the next build
// parks them again.
func (p *Projector) Discard(ctx context.Context, m projections.Model, stream string, upTo uint64) (Replayed, error) {
	return p.replay(ctx, m, stream, func(parked projections.Parked) bool { return parked.Revision <= upTo })
}

// builds are the served and the wanted build of a model, as far as this program
// has the code for them.
func (p *Projector) builds(ctx context.Context, m projections.Model) ([]projections.Model, error) {
	wanted, err := p.config.Store.Wanted(ctx, m)
	if err != nil {
		return nil, err //nolint:wrapcheck // the store says it best
	}
	served, ok, err := p.config.Store.Served(ctx, m)
	if err != nil {
		return nil, err //nolint:wrapcheck // the store says it best
	}
	if ok && served.Version == m.Version && served.Build != wanted.Build {
		return []projections.Model{served, wanted}, nil
	}
	return []projections.Model{wanted}, nil
}

func (p *Projector) replay(ctx context.Context, m projections.Model, stream string, discard func(projections.Parked) bool) (Replayed, error) {
	builds, err := p.builds(ctx, m)
	if err != nil {
		return Replayed{}, err
	}
	replayed, found := Replayed{}, false
	for _, build := range builds {
		done, err := p.replayBuild(ctx, build, stream, discard)
		switch {
		case errors.Is(err, ErrNotParked):
			continue
		case err != nil:
			return Replayed{}, err
		}
		replayed, found = done, true
	}
	if !found {
		return Replayed{}, ErrNotParked.Because("no event of stream %s is parked for %s", stream, m.Name)
	}
	return replayed, nil
}

// replayBuild goes on until its commit gets in between those of the lane, which
// is stopped if it leaves no time for that. The commit leaves the position and
// counts as an edit, so the lane notices that what it remembers is no longer so.
func (p *Projector) replayBuild(ctx context.Context, m projections.Model, stream string, discard func(projections.Parked) bool) (Replayed, error) {
	for attempt := 0; ; attempt++ {
		if attempt == 1 {
			defer p.hold()()
		}
		if err := ctx.Err(); err != nil {
			return Replayed{}, err
		}
		marks, err := p.config.Store.Marks(ctx, m)
		if err != nil {
			return Replayed{}, err //nolint:wrapcheck // the store says it best
		}
		parked, err := p.config.Store.Parked(ctx, m)
		if err != nil {
			return Replayed{}, err //nolint:wrapcheck // the store says it best
		}
		parked = slices.DeleteFunc(parked, func(one projections.Parked) bool { return one.Stream != stream })
		if len(parked) == 0 {
			return Replayed{}, ErrNotParked
		}
		gone := p.config.Discarded(m)[stream]
		keep := slices.DeleteFunc(slices.Clone(parked), func(one projections.Parked) bool {
			return discard(one) || slices.Contains(gone, one.Revision)
		})
		events, err := p.read(ctx, stream, keep)
		if err != nil {
			return Replayed{}, err
		}
		changes, err := m.Folder(unparking{p.config.Store.Loader(m), stream}).Fold(ctx, events)
		if err != nil {
			return Replayed{}, fmt.Errorf("fold parked events of %s: %w", stream, err)
		}
		err = p.config.Store.Commit(ctx, projections.Commit{
			Model: m, From: marks[0], To: marks[0].Edited(), Changes: changes, Unparked: []string{stream},
		})
		if errors.Is(err, projections.ErrMoved) {
			continue
		}
		still := len(changes.Parked)
		return Replayed{Folded: len(keep) - still, Discarded: len(parked) - len(keep), Parked: changes.Parked}, err //nolint:wrapcheck // the store says it best
	}
}

// hold stops the lanes of this process until the function it returns is called.
func (p *Projector) hold() (release func()) {
	p.live.mu.Lock()
	p.building.mu.Lock()
	return func() {
		p.building.mu.Unlock()
		p.live.mu.Unlock()
	}
}

// read fetches parked events from the log.
func (p *Projector) read(ctx context.Context, stream string, parked []projections.Parked) ([]domain.Recorded, error) {
	events := make([]domain.Recorded, 0, len(parked))
	if len(parked) == 0 {
		return events, nil
	}
	for r, err := range p.config.Log.Read(ctx, stream, parked[0].Revision) {
		if err != nil {
			return nil, fmt.Errorf("read parked events of %s: %w", stream, err)
		}
		if r.Revision == parked[len(events)].Revision {
			events = append(events, r)
		}
		if len(events) == len(parked) {
			return events, nil
		}
	}
	return nil, fmt.Errorf("read parked events of %s: the log has %d of %d", stream, len(events), len(parked))
}

// unparking is a loader to which one stream does not look parked.
type unparking struct {
	projections.Loader
	stream string
}

func (l unparking) Parked(ctx context.Context) ([]string, error) {
	streams, err := l.Loader.Parked(ctx)
	return slices.DeleteFunc(streams, func(s string) bool { return s == l.stream }), err //nolint:wrapcheck // a part of it
}
