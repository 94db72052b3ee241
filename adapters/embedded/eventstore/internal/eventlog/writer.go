package eventlog

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
)

// writer is the one place where the log grows. Only the goroutine that takes decisions uses it.
type writer struct {
	db     *pebble.DB
	now    func() time.Time
	heads  *headCache
	recent *recentIDs
	encode encoder
	last   uint64 // position of the last record
	next   uint64 // position of the next one
}

// firstPosition leaves 0 free to mean "before everything".
const firstPosition = 1

func newWriter(db *pebble.DB, now func() time.Time) (writer, error) {
	heads, err := newHeadCache()
	if err != nil {
		return writer{}, err
	}
	w := writer{db: db, now: now, heads: heads, recent: newRecentIDs(recentCapacity), next: firstPosition}
	return w, w.recall()
}

// recall finds the end of the log and the events before it whose ids are to be remembered.
func (w *writer) recall() (err error) {
	it, err := w.db.NewIter(&pebble.IterOptions{LowerBound: []byte{eventKeys}, UpperBound: []byte{eventKeys + 1}})
	if err != nil {
		return fmt.Errorf("find the end of the log: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.Last() {
		return it.Error()
	}
	end := Record(it.Value())
	if !end.valid() {
		return ErrFormat
	}
	w.last, w.next = end.Position(), end.Position()+uint64(len(end))

	for range recentCapacity - 1 {
		if !it.Prev() {
			it.First()
			break
		}
	}
	for ok := it.Valid(); ok; ok = it.Next() {
		r := Record(it.Value())
		w.recent.add(r.ID(), string(r.Stream()), r.Revision())
	}
	return it.Error()
}

func (w *writer) head(stream string) (head, error) {
	if h, ok := w.heads.Get(stream); ok {
		return h, nil
	}
	h, err := loadHead(w.db, stream)
	if err == nil {
		w.heads.Add(stream, h)
	}
	return h, err
}

// past answers for one stream, first from the groups that are not in storage yet.
type past struct {
	writer *writer
	group  *group
	stream string
}

func (p past) idAt(revision int64) (uuid.UUID, bool, error) {
	r, err := p.at(revision)
	if err != nil || r == nil {
		return uuid.Nil, false, err
	}
	return r.ID(), true, nil
}

func (p past) recent(id uuid.UUID) (int64, bool) { return p.writer.recent.find(id, p.stream) }

// at returns nil when the stream has no event of that revision.
func (p past) at(revision int64) (Record, error) {
	for g := p.group; g != nil; g = g.previous {
		fresh := g.fresh[p.stream]
		if len(fresh) == 0 || revision < fresh[0].Revision() {
			continue
		}
		i := revision - fresh[0].Revision()
		if i >= int64(len(fresh)) {
			return nil, nil
		}
		return fresh[i], nil
	}
	position, found, err := lookUp(p.writer.db, streamKey(streamPrefix(p.stream), revision))
	if err != nil || !found {
		return nil, err
	}
	return readRecord(p.writer.db, position)
}
