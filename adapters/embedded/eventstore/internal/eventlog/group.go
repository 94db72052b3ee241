package eventlog

import (
	"context"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Bounds of what is written and synced together. Two groups in flight keep the disk busy while the next is prepared.
const (
	groupRequests  = 1024
	groupBytes     = 4 << 20
	groupsInFlight = 2
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
	batch   *pebble.Batch
	records []Record
	fresh   map[string][]Record
	heads   map[string]head
	waiting []waiting
}

type waiting struct {
	done   chan answer
	answer answer
}

func (l *Log) writeGroups() {
	defer close(l.syncing)
	for {
		select {
		case first := <-l.requests:
			l.syncing <- l.build(first)
		case <-l.closing:
			return
		}
	}
}

// build takes what is waiting, without waiting for more: under load the queue fills while the last group is synced.
func (l *Log) build(r *request) *group {
	g := &group{fresh: map[string][]Record{}, heads: map[string]head{}}
	size := 0
	for count := 1; ; count++ {
		result, err := l.decide(r, g)
		g.waiting = append(g.waiting, waiting{r.done, answer{result, err}})
		size += r.size
		if count == groupRequests || size >= groupBytes {
			break
		}
		select {
		case r = <-l.requests:
			continue
		default:
		}
		break
	}
	l.apply(g)
	return g
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

// apply hands the group to storage, which writes it to its journal in the order of these calls.
func (l *Log) apply(g *group) {
	if len(g.records) == 0 {
		return
	}
	g.batch = l.db.NewBatchWithSize(g.storedBytes())
	err := g.store()
	if err == nil {
		err = l.db.ApplyNoSyncWait(g.batch, pebble.Sync)
	}
	if err != nil {
		g.batch = nil
		l.fail(g, err)
	}
}

func (g *group) storedBytes() int {
	size := 64
	for _, r := range g.records {
		size += len(r) + 2*len(r.Stream()) + 96
	}
	return size
}

func (g *group) store() error {
	for _, r := range g.records {
		key := eventKey(r.Position())
		if err := g.batch.Set(key, r, nil); err != nil {
			return err
		}
		if err := g.batch.Set(streamKey(streamPrefix(string(r.Stream())), r.Revision()), key[1:], nil); err != nil {
			return err
		}
	}
	for stream, h := range g.heads {
		if err := g.batch.Set(headKey(stream), h.encode(), nil); err != nil {
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
		if g.batch != nil {
			l.sync(g)
		}
		for _, w := range g.waiting {
			w.done <- w.answer
		}
	}
}

func (l *Log) sync(g *group) {
	if err := g.batch.SyncWait(); err != nil {
		l.fail(g, err)
		return
	}
	_ = g.batch.Close() // returns the memory; the data is stored
	l.counts.groups.Add(1)
	l.counts.events.Add(uint64(len(g.records)))
	l.tail.publish(g.records)
	l.heads.set(g.heads)
}
