package projector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// repair is one record being folded anew, from one call to the next.
type repair struct {
	mu        sync.Mutex
	id        string
	refolding *projections.Refolding
	surveyed  bool
	at        domain.Position // folded, or surveyed, up to here
	used      time.Time
}

// repairs are those under way in this process.
type repairs struct {
	mu  sync.Mutex
	all map[string]*repair
}

const mostRepairs = 16

// of finds the repair of a record that is under way, or begins one. When there
// are too many the one longest unused is forgotten: it starts over.
func (r *repairs) of(m projections.Model, id string) *repair {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := m.Prefix() + id
	one := r.all[key]
	if one == nil {
		if len(r.all) >= mostRepairs {
			oldest := ""
			for key, other := range r.all {
				if oldest == "" || other.used.Before(r.all[oldest].used) {
					oldest = key
				}
			}
			delete(r.all, oldest)
		}
		one = &repair{id: id, refolding: m.Refold(id)}
		if r.all == nil {
			r.all = map[string]*repair{}
		}
		r.all[key] = one
	}
	one.used = time.Now()
	return one
}

func (r *repairs) done(m projections.Model, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, m.Prefix()+id)
}

// refold takes the record to a position: first every event is surveyed, which
// matters only to read models whose records tell each other something, then
// those that concern it are folded.
func (p *Projector) refold(ctx context.Context, m projections.Model, r *repair, to domain.Position) error {
	parked, err := p.config.Store.Parked(ctx, m)
	if err != nil {
		return err //nolint:wrapcheck // the store says it best
	}
	left := map[string][]uint64{} // what the build leaves out, too
	for _, one := range parked {
		left[one.Stream] = append(left[one.Stream], one.Revision)
	}
	for stream, revisions := range p.config.Discarded(m) {
		left[stream] = append(left[stream], revisions...)
	}
	if !r.surveyed && r.refolding.Surveys() {
		err := p.through(ctx, &r.at, to, func(events []domain.Recorded) error { r.refolding.Survey(events); return nil })
		if err != nil {
			return err
		}
		r.at = domain.StartOfLog
	}
	r.surveyed = true
	for {
		again := errors.New("another record matters")
		err := p.through(ctx, &r.at, to, func(events []domain.Recorded) error {
			if r.refolding.Survey(events) {
				return again
			}
			return r.refolding.Take(ctx, kept(events, left))
		})
		if !errors.Is(err, again) {
			return err
		}
		r.refolding.Restart()
		r.at = domain.StartOfLog
	}
}

// through reads the log from a position to another one, page by page.
func (p *Projector) through(ctx context.Context, at *domain.Position, to domain.Position, take func([]domain.Recorded) error) error {
	if at.Compare(to) >= 0 {
		return nil
	}
	enough := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		enough, cancel = context.WithDeadline(ctx, deadline.Add(-refoldMargin))
		defer cancel()
	}
	reading, stop := context.WithCancel(enough)
	defer stop()
	for page := range p.config.Log.Pages(reading, *at) {
		events := page.Events
		for len(events) > 0 && events[len(events)-1].Position.Compare(to) > 0 {
			events = events[:len(events)-1]
		}
		if err := take(events); err != nil {
			return err
		}
		if page.To.Compare(to) >= 0 || page.CaughtUp {
			*at = to
			return nil
		}
		*at = page.To
		if enough.Err() != nil {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return ErrRefolding.Because("the log is read up to %s of %s; repeat the request, which goes on from there", at, to)
}
