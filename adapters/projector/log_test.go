package projector_test

import (
	"context"
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/annals-crm/annals/domain"
)

// memoryLog is a log in memory that cuts pages of at most size events.
type memoryLog struct {
	size int

	mu       sync.Mutex
	events   []domain.Recorded
	appended chan struct{} // closed and replaced on every append
	opened   []domain.Position
}

func newLog(size int, events ...domain.Recorded) *memoryLog {
	return &memoryLog{size: size, events: events, appended: make(chan struct{})}
}

func (l *memoryLog) append(events ...domain.Recorded) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	close(l.appended)
	l.appended = make(chan struct{})
}

// correct makes an event what it would be to a release that can read it.
func (l *memoryLog) correct(i int, e domain.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = slices.Clone(l.events)
	l.events[i].Event = e
}

func (l *memoryLog) Pages(ctx context.Context, from domain.Position) <-chan domain.Page {
	l.mu.Lock()
	l.opened = append(l.opened, from)
	l.mu.Unlock()
	out := make(chan domain.Page)
	go func() {
		defer close(out)
		for first := true; ; first = false {
			page, appended := l.next(from)
			if len(page.Events) > 0 || first {
				select {
				case out <- page:
					from = page.To
					continue
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-appended:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (l *memoryLog) next(from domain.Position) (domain.Page, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	page := domain.Page{From: from, To: from, CaughtUp: true}
	for _, r := range l.events {
		if r.Position.Compare(from) <= 0 {
			continue
		}
		if len(page.Events) == l.size {
			page.CaughtUp = false
			break
		}
		page.Events = append(page.Events, r)
		page.To = r.Position
	}
	return page, l.appended
}

func (l *memoryLog) LastPosition(context.Context) (domain.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		return domain.StartOfLog, nil
	}
	return l.events[len(l.events)-1].Position, nil
}

func (l *memoryLog) Read(_ context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		l.mu.Lock()
		events := l.events
		l.mu.Unlock()
		for _, r := range events {
			if r.Stream == stream && r.Revision >= from && !yield(r, nil) {
				return
			}
		}
	}
}

// subscriptions are the positions that pages were asked from.
func (l *memoryLog) subscriptions(t *testing.T) []domain.Position {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]domain.Position(nil), l.opened...)
}
