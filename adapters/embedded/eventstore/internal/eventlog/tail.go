package eventlog

import (
	"sort"
	"sync"
)

// Bounds of the recent records kept in memory, for those who follow the log live.
const (
	tailRecords = 1 << 14
	tailBytes   = 16 << 20
)

// tail is the published end of the log: how far readers may read, the last records, and the wake-up call for followers.
// Nothing waits for a follower; one that is too slow finds its place in storage instead of here.
type tail struct {
	mu      sync.RWMutex
	end     uint64 // position of the last published record
	records []Record
	bytes   int
	changed chan struct{}
}

func newTail(end uint64) *tail { return &tail{end: end, changed: make(chan struct{})} }

func (t *tail) publish(records []Record) {
	if len(records) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = records[len(records)-1].Position()
	t.records = append(t.records, records...)
	for _, r := range records {
		t.bytes += len(r)
	}
	t.trim()
	close(t.changed)
	t.changed = make(chan struct{})
}

// trim moves what stays to a fresh array, and only when twice the bound is reached, so its cost is spread.
func (t *tail) trim() {
	if len(t.records) < 2*tailRecords && t.bytes < 2*tailBytes {
		return
	}
	from, kept := len(t.records), 0
	for from > 0 && len(t.records)-from < tailRecords && kept+len(t.records[from-1]) <= tailBytes {
		from--
		kept += len(t.records[from])
	}
	t.records, t.bytes = append(make([]Record, 0, 2*tailRecords), t.records[from:]...), kept
}

// last returns the published end and a channel that is closed when there is a later one.
func (t *tail) last() (uint64, <-chan struct{}) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.end, t.changed
}

// from returns up to limit records at or after the position, or false when they begin before what is kept.
func (t *tail) from(position uint64, limit int) ([]Record, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if position > t.end {
		return nil, true
	}
	if len(t.records) == 0 || t.records[0].Position() > position {
		return nil, false
	}
	first := sort.Search(len(t.records), func(i int) bool { return t.records[i].Position() >= position })
	found := t.records[first:min(len(t.records), first+limit)]
	return found[:len(found):len(found)], true
}

// at returns the record at a position when it is kept.
func (t *tail) at(position uint64) (Record, bool) {
	found, ok := t.from(position, 1)
	if !ok || len(found) == 0 || found[0].Position() != position {
		return nil, false
	}
	return found[0], true
}
