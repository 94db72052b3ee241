package eventlog

import "github.com/google/uuid"

// recentIDs remembers where the last events went, by id. An append that expects nothing can be recognised as a retry only
// by this; the memory is bounded and is filled again from the log at start.
type recentIDs struct {
	places map[uuid.UUID]recentPlace
	order  []uuid.UUID // a ring
	next   int
}

type recentPlace struct {
	stream   string
	revision int64
}

const recentCapacity = 1 << 16

func newRecentIDs(capacity int) *recentIDs {
	return &recentIDs{places: make(map[uuid.UUID]recentPlace, capacity), order: make([]uuid.UUID, 0, capacity)}
}

func (r *recentIDs) add(id uuid.UUID, stream string, revision int64) {
	if _, known := r.places[id]; known {
		// The same id may be written again, to another stream or much later; the newest place counts.
		r.places[id] = recentPlace{stream: stream, revision: revision}
		return
	}
	if len(r.order) < cap(r.order) {
		r.order = append(r.order, id)
	} else {
		delete(r.places, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % len(r.order)
	}
	r.places[id] = recentPlace{stream: stream, revision: revision}
}

func (r *recentIDs) find(id uuid.UUID, stream string) (int64, bool) {
	place, ok := r.places[id]
	if !ok || place.stream != stream {
		return 0, false
	}
	return place.revision, true
}
