package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/annals-crm/annals/domain"
)

// folded is the state of one stream up to a revision.
type folded[S any] struct {
	State    S               `json:"state"`
	Revision int64           `json:"revision"` // NoStream before the first event
	Position domain.Position `json:"position"` // of the last event
	Seen     []uint64        `json:"seen"`     // only in snapshots
	seen     seen
	unsaved  int // events since the last snapshot
}

// snapshotEvery is the length of stream that is worth a snapshot.
const snapshotEvery = 200

// current is the state of a stream as far as this process knows; fresh tells
// whether it was just read. A stream not yet in memory is read.
func current[S any, E domain.Event](ctx context.Context, l *Loop, agg domain.Aggregate[S, E], stream string) (f *folded[S], fresh bool, err error) {
	if cached, ok := l.states.Get(stream); ok {
		if f, ok := cached.(*folded[S]); ok {
			return f, false, nil
		}
	}
	f = &folded[S]{Revision: NoStream, seen: seen{}}
	if saved := load[S](ctx, l, snapshotKey(agg, stream)); saved != nil {
		f = saved
	}
	return f, true, catchUp(ctx, l, agg, stream, f)
}

// catchUp folds what came in since f, and keeps it.
func catchUp[S any, E domain.Event](ctx context.Context, l *Loop, agg domain.Aggregate[S, E], stream string, f *folded[S]) error {
	for rec, err := range l.store.Read(ctx, stream, uint64(f.Revision+1)) {
		if err != nil {
			l.states.Remove(stream)
			return fmt.Errorf("read %s: %w", stream, err)
		}
		e, ok := rec.Event.(E)
		if !ok {
			l.states.Remove(stream)
			return fmt.Errorf("%s holds a foreign event %s at %d", stream, rec.Event.EventType(), rec.Revision)
		}
		f.State = agg.Evolve(f.State, e)
		f.Revision, f.Position = int64(rec.Revision), rec.Position
		f.seen.add(rec.Meta.CausationID)
		f.unsaved++
	}
	if f.Revision != NoStream {
		keep(l, agg, stream, f)
	}
	return nil
}

// keep remembers f, and saves a snapshot when enough events came together.
func keep[S any, E domain.Event](l *Loop, agg domain.Aggregate[S, E], stream string, f *folded[S]) {
	l.states.Add(stream, f)
	if f.unsaved < snapshotEvery || l.snapshots == nil {
		return
	}
	f.unsaved = 0
	saved := *f
	saved.Seen = slices.Collect(maps.Keys(f.seen))
	text, err := json.Marshal(saved)
	if err != nil {
		l.log.Error("snapshot not written", "stream", stream, "error", err)
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := l.snapshots.SaveSnapshot(ctx, snapshotKey(agg, stream), text); err != nil {
			l.log.Warn("snapshot not written", "stream", stream, "error", err)
		}
	}()
}

// load returns nil when there is no usable snapshot: reading the whole stream
// is always right, only slower.
func load[S any](ctx context.Context, l *Loop, key string) *folded[S] {
	if l.snapshots == nil {
		return nil
	}
	text, err := l.snapshots.Snapshot(ctx, key)
	if err != nil || text == nil {
		return nil
	}
	f := &folded[S]{}
	if err := json.Unmarshal(text, f); err != nil {
		l.log.Warn("snapshot not readable", "key", key, "error", err)
		return nil
	}
	f.seen = make(seen, len(f.Seen))
	for _, id := range f.Seen {
		f.seen[id] = struct{}{}
	}
	f.Seen = nil
	return f
}

func snapshotKey[S any, E domain.Event](agg domain.Aggregate[S, E], stream string) string {
	return stream + ":" + strconv.Itoa(agg.Snapshot)
}
