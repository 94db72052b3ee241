package eventlog

import (
	"context"

	"github.com/google/uuid"
)

// Result says where the stream and the log are after a write.
type Result struct {
	// Revision is the last revision of the stream, -1 while it has no events.
	Revision int64
	// Position is that of the last event written, or of the same event when it had been written before.
	Position uint64
}

// Append writes all events or none. It returns when they are on disk; *WrongRevisionError and *DeletedError are refusals.
// When ctx ends first the outcome is open: a retry with the same ids and expectation tells.
func (l *Log) Append(ctx context.Context, stream string, expected Expected, events []Event) (Result, error) {
	size := 0
	for _, e := range events {
		size += e.Size()
	}
	return l.submit(ctx, size, func(w *writer, g *group) (Result, error) {
		return w.append(g, stream, expected, events)
	})
}

func (l *Log) submit(ctx context.Context, size int, change func(*writer, *group) (Result, error)) (Result, error) {
	r := &request{ctx: ctx, change: change, size: size, done: make(chan answer, 1)}
	select {
	case <-l.closing:
		return Result{}, ErrClosed
	default:
	}
	select {
	case l.requests <- r:
	case <-l.closing:
		return Result{}, ErrClosed
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	select {
	case a := <-r.done:
		return a.result, a.err
	case <-ctx.Done():
		return Result{}, ctx.Err()
	case <-l.stopped:
	}
	select {
	case a := <-r.done:
		return a.result, a.err
	default:
		return Result{}, ErrClosed // it was still queued
	}
}

func (w *writer) append(g *group, stream string, expected Expected, events []Event) (Result, error) {
	h, err := w.openHead(stream)
	if err != nil {
		return Result{}, err
	}
	ids := make([]uuid.UUID, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	before := past{writer: w, group: g, stream: stream}
	d, err := decide(expected, h, ids, before)
	if err != nil {
		return Result{}, err
	}
	switch d.verdict {
	case deleted:
		return Result{}, &DeletedError{Stream: stream}
	case wrong:
		return Result{}, &WrongRevisionError{Stream: stream, Expected: expected, Current: h.last}
	case repeat:
		return w.again(before, d.revision)
	case write:
	}
	if len(events) == 0 {
		return Result{Revision: h.last, Position: w.last}, nil
	}
	return w.write(g, stream, h, events)
}

// openHead is the head of a stream that may be written to. The metastream of a tombstoned stream ends with it.
func (w *writer) openHead(stream string) (head, error) {
	if owner, meta := described(stream); meta {
		h, err := w.head(owner)
		if err != nil {
			return head{}, err
		}
		if h.tombstoned {
			return head{}, &DeletedError{Stream: stream}
		}
	}
	return w.head(stream)
}

// again answers a retry as the first time.
func (w *writer) again(before past, revision int64) (Result, error) {
	if revision == none {
		return Result{Revision: none, Position: w.last}, nil
	}
	r, err := before.at(revision)
	if err != nil {
		return Result{}, err
	}
	if r == nil {
		return Result{Revision: revision, Position: w.last}, nil // a retry of nothing: no event has that revision
	}
	return Result{Revision: revision, Position: r.Position()}, nil
}

func (w *writer) write(g *group, stream string, h head, events []Event) (Result, error) {
	revived, err := w.revival(g, stream, h, events)
	if err != nil {
		return Result{}, err
	}
	h = w.put(g, stream, h, events)
	result := Result{Revision: h.last, Position: h.position}
	if revived != nil {
		if err := w.describe(g, revived.stream, revived.metadata); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// put records events behind the head and returns the new one. It cannot fail: the group is written as a whole or not.
func (w *writer) put(g *group, stream string, h head, events []Event) head {
	created := w.now()
	for _, e := range events {
		h.last++
		h.position = w.record(g, e, place{stream: stream, revision: h.last, created: created})
	}
	w.setHead(g, stream, h)
	if owner, meta := described(stream); meta {
		w.redescribe(g, owner, h.position, events[len(events)-1].Data)
	}
	return h
}

func (w *writer) record(g *group, e Event, at place) uint64 {
	at.position = w.next
	r := w.encode.record(e, at)
	w.last, w.next = at.position, at.position+uint64(len(r))
	g.records = append(g.records, r)
	g.fresh[at.stream] = append(g.fresh[at.stream], r)
	w.recent.add(e.ID, at.stream, at.revision)
	return at.position
}

func (w *writer) setHead(g *group, stream string, h head) {
	w.heads.Add(stream, h)
	g.heads[stream] = h
}
