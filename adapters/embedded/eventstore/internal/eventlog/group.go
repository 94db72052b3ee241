package eventlog

import (
	"context"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Bounds of what is written and synced together.
const (
	groupRequests = 1024
	groupBytes    = 4 << 20
)

// request is one write on its way to the log.
type request struct {
	ctx    context.Context
	change func(*writer, *group) (Result, error)
	size   int
	done   chan answer
}

type answer struct {
	result Result
	err    error
}

// group is what one sync makes durable. Every answer waits for it, also a refusal: it may rest on an append that is only
// just being written.
type group struct {
	records []Record
	fresh   map[string][]Record
	heads   map[string]head
	waiting []waiting
	size    int
	// previous is the group before, which is perhaps not in storage yet.
	previous *group
}

type waiting struct {
	done   chan answer
	answer answer
}

func newGroup(previous *group) *group {
	if previous != nil {
		previous.previous = nil // it was handed over after that one was stored
	}
	return &group{fresh: map[string][]Record{}, heads: map[string]head{}, previous: previous}
}

func (g *group) full() bool { return len(g.waiting) >= groupRequests || g.size >= groupBytes }

// writeGroups fills one group while the last one is written and synced. So a group grows with the load, and with no load
// it does not wait.
func (l *Log) writeGroups() {
	defer close(l.syncing)
	for g := newGroup(nil); ; g = newGroup(g) {
		select {
		case first := <-l.requests:
			l.join(g, first)
		case <-l.closing:
			return
		}
		l.fill(g)
	}
}

// fill returns when the group was handed over. Whoever is waiting already comes along.
func (l *Log) fill(g *group) {
	for !g.full() {
		select {
		case r := <-l.requests:
			l.join(g, r)
			continue
		default:
		}
		select {
		case r := <-l.requests:
			l.join(g, r)
		case l.syncing <- g:
			return
		}
	}
	l.syncing <- g
}

func (l *Log) join(g *group, r *request) {
	result, err := l.decide(r, g)
	g.waiting = append(g.waiting, waiting{r.done, answer{result, err}})
	g.size += r.size
}

func (l *Log) decide(r *request, g *group) (Result, error) {
	if err := r.ctx.Err(); err != nil {
		return Result{}, err // the caller has gone; what nobody waits for need not be written
	}
	if failure := l.failure.Load(); failure != nil {
		return Result{}, *failure
	}
	return r.change(&l.writer, g)
}

func (g *group) storedBytes() int {
	size := 64
	for _, r := range g.records {
		size += len(r) + 2*len(r.Stream()) + 96
	}
	return size
}

func (g *group) store(batch *pebble.Batch) error {
	for _, r := range g.records {
		key := eventKey(r.Position())
		if err := batch.Set(key, r, nil); err != nil {
			return err
		}
		if err := batch.Set(streamKey(streamPrefix(string(r.Stream())), r.Revision()), key[1:], nil); err != nil {
			return err
		}
	}
	for stream, h := range g.heads {
		if err := batch.Set(headKey(stream), h.encode(), nil); err != nil {
			return err
		}
	}
	return nil
}

// fail refuses the group and every write after it: what the writer remembers is no longer what storage holds.
func (l *Log) fail(g *group, err error) {
	err = fmt.Errorf("write to the event log: %w", err)
	l.failure.CompareAndSwap(nil, &err)
	for i := range g.waiting {
		g.waiting[i].answer = answer{err: err}
	}
}

func (l *Log) syncGroups() {
	defer close(l.stopped)
	for g := range l.syncing {
		if len(g.records) > 0 {
			l.sync(g)
		}
		for _, w := range g.waiting {
			w.done <- w.answer
		}
	}
}

// sync writes the group to storage, in one batch and with one sync, and publishes it.
func (l *Log) sync(g *group) {
	batch := l.db.NewBatchWithSize(g.storedBytes())
	err := g.store(batch)
	if err == nil {
		err = batch.Commit(pebble.Sync)
	}
	if err != nil {
		l.fail(g, err)
		return
	}
	_ = batch.Close() // returns the memory; the data is stored
	l.counts.groups.Add(1)
	l.counts.events.Add(uint64(len(g.records)))
	// Heads first: whoever publish wakes looks at the head of its stream, and
	// would go back to sleep over an old one.
	l.heads.set(g.heads)
	l.tail.publish(g.records)
}
