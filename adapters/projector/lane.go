package projector

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// lane takes one page at a time to all its tracks.
type lane struct {
	name string
	p    *Projector

	mu       sync.Mutex // held while a page is folded
	tracks   []*track
	caughtUp bool
	second   bool                     // another projector does the work; see giveWay
	seen     atomic.Pointer[[]*track] // a copy of tracks that needs no lock

	restarts  sync.Mutex
	interrupt context.CancelFunc // ends the subscription that runs
	changed   chan struct{}      // signals that tracks have joined
}

func newLane(name string, p *Projector) *lane {
	l := &lane{name: name, p: p, interrupt: func() {}, changed: make(chan struct{}, 1)}
	l.publish()
	return l
}

// begin tells where a subscription must start so that no track misses anything.
// While there are no tracks it waits. Calling interrupt ends the subscription.
func (l *lane) begin(ctx context.Context, interrupt context.CancelFunc) (domain.Position, error) {
	l.restarts.Lock()
	l.interrupt = interrupt
	l.restarts.Unlock()
	for {
		l.mu.Lock()
		l.caughtUp = false
		if len(l.tracks) > 0 {
			defer l.mu.Unlock()
			err := l.resync(ctx)
			return l.lowest(), err
		}
		l.mu.Unlock()
		select {
		case <-l.changed:
		case <-ctx.Done():
			return domain.Position{}, ctx.Err()
		}
	}
}

// restart makes the subscription start again from the lowest track.
func (l *lane) restart() {
	l.restarts.Lock()
	defer l.restarts.Unlock()
	l.interrupt()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// handle is the Watermill handler of the lane.
func (l *lane) handle(msg *message.Message) error {
	page, ok := msg.Context().Value(pageKey{}).(domain.Page)
	if !ok {
		return errors.New("message without a page")
	}
	caughtUp, err := l.apply(msg.Context(), page)
	if err == nil && caughtUp && l == l.p.building {
		// Not waiting for the next look: a laptop starts that much sooner.
		return l.p.assign(msg.Context())
	}
	return err
}

// apply takes the tracks over a page. After any failure the marks are read
// again before the next attempt: perhaps it was written and only the answer was
// lost. A track that turns out to lie before the page makes the lane go back.
func (l *lane) apply(ctx context.Context, page domain.Page) (caughtUp bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.second && len(l.tracks) > 0 {
		if err := l.giveWay(ctx, page); err != nil {
			return false, err
		}
	}
	began, before := false, domain.Position{}
	for {
		if slices.ContainsFunc(l.tracks, func(t *track) bool { return t.dirty }) {
			if err := l.resync(ctx); err != nil {
				return false, err
			}
			l.second = l.second || began && l.lowest().Compare(before) > 0
		}
		if len(l.tracks) == 0 || l.lowest().Compare(page.From) < 0 {
			l.restart()
			return false, nil
		}
		began, before = true, l.lowest()
		err := l.advance(ctx, page)
		if err == nil {
			l.caughtUp = page.CaughtUp
			if l == l.p.live {
				l.p.metrics.visible(page, l.p.config.Now())
			}
			return page.CaughtUp, nil
		}
		if !errors.Is(err, projections.ErrMoved) {
			return false, err
		}
		l.p.metrics.moved.Inc()
		l.p.config.Logger.DebugContext(ctx, "a read model has moved; going on from where it is", "lane", l.name, "cause", err)
	}
}

const (
	// patience is how long a page is left to another projector.
	patience = 50 * time.Millisecond
	// glance is the first pause between two looks at how far that is.
	glance = time.Millisecond
)

// giveWay leaves a page to the projector that was faster last time, so that two
// of them cost hardly more than one: folding what somebody else commits is work
// for nothing. If that one takes too long, or is gone, this lane goes on itself.
func (l *lane) giveWay(ctx context.Context, page domain.Page) error {
	for pause, waited := glance, time.Duration(0); waited < patience; pause *= 2 {
		if err := l.resync(ctx); err != nil {
			return err
		}
		if l.lowest().Compare(page.To) >= 0 {
			return nil
		}
		select {
		case <-time.After(pause):
			waited += pause
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l.second = false
	return nil
}

// resync reads where the tracks stand.
func (l *lane) resync(ctx context.Context) error {
	marks, err := l.p.config.Store.Marks(ctx, models(l.tracks)...)
	if err != nil {
		return err //nolint:wrapcheck // the store says it best
	}
	for i, t := range l.tracks {
		t.stands(marks[i])
	}
	return nil
}

func (l *lane) lowest() domain.Position {
	lowest := l.tracks[0].mark.Position
	for _, t := range l.tracks[1:] {
		if t.mark.Position.Compare(lowest) < 0 {
			lowest = t.mark.Position
		}
	}
	return lowest
}

func models(tracks []*track) []projections.Model {
	models := make([]projections.Model, len(tracks))
	for i, t := range tracks {
		models[i] = t.model
	}
	return models
}
