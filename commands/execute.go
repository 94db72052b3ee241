// Package commands turns requests into events. Every command runs through
// execute, the one load-fold-decide-append loop of the program.
package commands

import (
	"context"
	"errors"
	"fmt"

	"github.com/annals-crm/annals/domain"
)

// attempts is how often a decision is taken afresh. Other processes may get in
// first many times in a row, and the sender has nothing to do with it.
const attempts = 32

// onNew runs a command that starts a record, onOne a command on one that exists.
func onNew[S any, E domain.Event](ctx context.Context, l *Loop, agg domain.Aggregate[S, E], env Envelope, id string, command any, decide func(S, moment) ([]E, error)) (Result, error) {
	return execute(ctx, l, request[S, E]{env: env, command: command, agg: agg, id: id, creates: true, decide: decide})
}

func onOne[S any, E domain.Event](ctx context.Context, l *Loop, agg domain.Aggregate[S, E], env Envelope, id string, command any, decide func(S, moment) ([]E, error)) (Result, error) {
	return execute(ctx, l, request[S, E]{env: env, command: command, agg: agg, id: id, decide: decide})
}

// execute folds the stream, decides, and appends what was decided, expecting
// the revision it decided on. It decides afresh when another writer got in
// first. A state from memory may be stale: whatever is refused on it, or found
// to change nothing, is decided again on what the log holds now. A repeated
// command is answered with its first result.
func execute[S any, E domain.Event](ctx context.Context, l *Loop, r request[S, E]) (_ Result, err error) {
	if l.trace != nil {
		var ended func(error)
		ctx, r.env.TraceParent, ended = l.trace(ctx, r.env.Command, r.agg.Stream(r.id))
		defer func() { ended(err) }()
	}
	m, err := l.moment(r.env)
	if err != nil {
		return Result{}, err
	}
	meta, err := r.meta(m)
	if err != nil {
		return Result{}, err
	}
	stream := r.agg.Stream(r.id)
	if r.lanes == nil {
		r.lanes = l.lanes
	}
	leave, err := r.lanes.enter(ctx, stream)
	if err != nil {
		return Result{}, err
	}
	defer leave()
	f, fresh, err := start(ctx, l, r, stream)
	for range attempts {
		if err != nil {
			return Result{}, err
		}
		if f.seen.has(r.env.CommandID) {
			if first, found, err := firstResult(ctx, l, r, meta, stream); found || err != nil {
				return first, err
			}
		}
		events, stale, err := r.tryDecide(ctx, l, f, m, stream)
		if stale && !fresh {
			fresh, err = true, catchUp(ctx, l, r.agg, stream, f)
			if err != nil {
				return Result{}, err
			}
			continue
		}
		if err != nil {
			return Result{}, err
		}
		if len(events) == 0 {
			return r.result(stream, f.Revision, f.Position, nil), nil
		}
		result, err := appendDecided(ctx, l, r, f, stream, meta, events)
		if !errors.Is(err, domain.ErrConflict) {
			return result, err
		}
		f, err = moved(ctx, l, r, f, stream)
		if err != nil {
			return Result{}, err
		}
		fresh = true
	}
	return Result{}, domain.ErrConflict
}

// start finds the state to decide on. A new aggregate under a command id never
// used before has none, which saves the read.
func start[S any, E domain.Event](ctx context.Context, l *Loop, r request[S, E], stream string) (*folded[S], bool, error) {
	if r.creates && !l.states.Contains(stream) {
		return &folded[S]{Revision: NoStream, seen: seen{}}, false, nil
	}
	return current(ctx, l, r.agg, stream)
}

// moved catches up with whoever got in first. When nothing came in, what we
// knew was wrong (a snapshot of another log): it is read again from the start.
func moved[S any, E domain.Event](ctx context.Context, l *Loop, r request[S, E], f *folded[S], stream string) (*folded[S], error) {
	before := f.Revision
	if err := catchUp(ctx, l, r.agg, stream, f); err != nil {
		return nil, err
	}
	if f.Revision == before {
		f = &folded[S]{Revision: NoStream, seen: seen{}}
		return f, catchUp(ctx, l, r.agg, stream, f)
	}
	return f, nil
}

// tryDecide is stale when a fresh read might decide otherwise.
func (r request[S, E]) tryDecide(ctx context.Context, l *Loop, f *folded[S], m moment, stream string) (events []E, stale bool, err error) {
	if f.Revision != NoStream && !r.creates {
		if err := r.seen(ctx, l, f.State); err != nil {
			return nil, true, err
		}
	}
	if want := r.env.Expected; want != nil && int64(*want) != f.Revision {
		return nil, true, inBetween(ctx, l, stream, *want, f.Revision)
	}
	if f.Revision == NoStream && !r.creates {
		return nil, true, r.agg.NotFound
	}
	if m.at, err = r.since(f.State, m.at); err == nil {
		events, err = r.decide(f.State, m)
	}
	if err == nil && f.Revision == NoStream && len(events) > 0 {
		err = seesNew(ctx, l, r.env, r.agg, events)
	}
	return events, err != nil || len(events) == 0, err
}

func appendDecided[S any, E domain.Event](ctx context.Context, l *Loop, r request[S, E], f *folded[S], stream string, meta domain.Meta, decided []E) (Result, error) {
	var err error
	if meta.OccurredAt, err = r.since(f.State, meta.OccurredAt); err != nil {
		return Result{}, err
	}
	events := make([]domain.NewEvent, len(decided))
	types := make([]string, len(decided))
	for i, e := range decided {
		events[i] = domain.NewEvent{ID: eventID(r.env.CommandID, meta.Digest, i), Event: e, Meta: meta}
		if dated, ok := any(e).(domain.Dated); ok {
			events[i].Meta.OccurredAt = dated.HappenedAt()
		}
		types[i] = e.EventType()
	}
	finish := func(bool) {}
	if r.prepare != nil {
		if finish, err = r.prepare(ctx, f.State, decided); err != nil {
			return Result{}, err
		}
	}
	done, err := l.store.Append(ctx, stream, f.Revision, events)
	finish(err == nil)
	if err != nil {
		if !errors.Is(err, domain.ErrConflict) {
			l.states.Remove(stream) // what is stored now is unknown
		}
		return Result{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	result := r.result(stream, int64(done.Revision), done.Position, types)
	result.Created = f.Revision == NoStream
	// A repeat the log recognised may have decided differently from what is
	// stored: only what surely was written just now is remembered.
	if r.creates && !r.env.Fresh || int64(done.Revision) != f.Revision+int64(len(decided)) {
		l.states.Remove(stream)
		return result, nil
	}
	for _, e := range decided {
		f.State = r.agg.Evolve(f.State, e)
	}
	f.Revision, f.Position = int64(done.Revision), done.Position
	f.seen.add(meta.CausationID)
	f.unsaved += len(decided)
	keep(l, r.agg, stream, f)
	return result, nil
}
