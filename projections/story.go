package projections

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// History answers queries about the past from the log itself: what happened to
// a record and to all that belongs to it, what it was at any time, and why.
type History struct {
	Streams *Streams
	Views   Views // to find what belongs to a record
	Policy  func() policy.Policy
	Now     func() time.Time
}

// story is everything that happened to a record and to all that belongs or once
// belonged to it, up to a point.
type story struct {
	kind    *Kind
	id      string
	events  []*domain.Recorded // in the order of the log
	records map[string]member  // by stream; the record itself included
	told    *telling           // the record, folded up to the event upTo in the telling; nil: not told yet
	upTo    int
}

// readAtOnceStreams is how many streams of a story are read side by side.
const readAtOnceStreams = 8

// story reads it. It fails with the kind's Missing, ErrNotThen or ErrNoRevision.
func (h History) story(ctx context.Context, kind *Kind, id string, at Point) (*story, error) {
	if err := at.check(h.Now()); err != nil {
		return nil, err
	}
	ctx, err := h.seen(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	own, err := h.Streams.Of(ctx, kind.stream(id))
	if err != nil {
		return nil, err
	}
	if len(own) == 0 {
		return nil, kind.Missing
	}
	s := &story{kind: kind, id: id, records: map[string]member{kind.stream(id): {kind: kind, id: id}}}
	holds, err := within(own, at)
	if err != nil {
		return nil, err
	}
	if first := &own[0]; !holds(first) { // a later event may have happened before it
		return nil, ErrNotThen.With(Since{domain.Instant(first.OccurredAt()), domain.Instant(first.RecordedAt), own[len(own)-1].Revision})
	}
	s.add(own, holds)
	if len(kind.Holds) == 0 {
		return s, nil
	}
	members, err := kind.members(ctx, h.Views, id)
	if err != nil {
		return nil, err
	}
	streams, err := h.read(ctx, members)
	if err != nil {
		return nil, err
	}
	for i, m := range members {
		before := len(s.events)
		s.add(streams[i], holds)
		kept, err := m.belonging(s.events[before:], id)
		if err != nil {
			return nil, err
		}
		if s.events = s.events[:before+kept]; kept > 0 {
			s.records[m.kind.stream(m.id)] = m
		}
	}
	if len(members) > 0 {
		slices.SortFunc(s.events, func(a, b *domain.Recorded) int { return a.Position.Compare(b.Position) })
	}
	return s, nil
}

// seen fails with the kind's Missing unless the record is within reach now:
// whoever sees a record sees its past, and all that belongs to it.
func (h History) seen(ctx context.Context, kind *Kind, id string) (context.Context, error) {
	if !reachOf(ctx).Limited() {
		return ctx, nil
	}
	document, err := h.Views.Document(ctx, kind.Model, id)
	if err == nil && document == nil {
		err = kind.Missing
	}
	return unlimited(ctx), err
}

// within says which events belong to a point; own is the record's own stream.
func within(own []domain.Recorded, at Point) (func(*domain.Recorded) bool, error) {
	if at.Revision == nil {
		return at.holds, nil
	}
	i, found := slices.BinarySearchFunc(own, *at.Revision, func(r domain.Recorded, revision uint64) int {
		return int(r.Revision) - int(revision) //nolint:gosec // revisions count events
	})
	if !found {
		last := own[len(own)-1]
		return nil, ErrNoRevision.Because("the record has come to revision %d, so it has no revision %d", last.Revision, *at.Revision)
	}
	position := own[i].Position
	return func(r *domain.Recorded) bool { return r.Position.Compare(position) <= 0 }, nil
}

func (s *story) add(events []domain.Recorded, holds func(*domain.Recorded) bool) {
	s.events = slices.Grow(s.events, len(events))
	for i := range events {
		if holds(&events[i]) {
			s.events = append(s.events, &events[i])
		}
	}
}

// read reads the streams of members side by side.
func (h History) read(ctx context.Context, members []member) ([][]domain.Recorded, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	streams := make([][]domain.Recorded, len(members))
	var work sync.WaitGroup
	next := make(chan int)
	for range min(readAtOnceStreams, len(members)) {
		work.Go(func() {
			for i := range next {
				var err error
				m := members[i]
				if streams[i], err = h.Streams.UpTo(ctx, m.kind.stream(m.id), m.revision); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range members {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	work.Wait()
	return streams, context.Cause(ctx)
}

// belonging is how many events of a member concern its owner: all of them while
// it belongs to it, and up to the one that gave it away if it no longer does.
func (m member) belonging(events []*domain.Recorded, owner string) (int, error) {
	replay := m.kind.Model.Replay(m.id)
	mine, kept := false, 0
	want := quoted(owner)
	for i, r := range events {
		if _, err := replay.Take(r); err != nil {
			if mine {
				kept = i + 1 // whose it is from here on is unknown
			}
			continue
		}
		whose, err := replay.Field(m.field)
		if err != nil {
			return 0, err
		}
		if was := mine; string(whose) == want || was {
			mine, kept = string(whose) == want, i+1
		}
	}
	if mine {
		kept = len(events)
	}
	return kept, nil
}

// quoted is an id as JSON.
func quoted(id string) string { return `"` + id + `"` }
