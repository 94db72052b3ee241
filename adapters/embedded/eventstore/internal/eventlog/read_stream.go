package eventlog

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// StreamCursor walks one stream, page by page, past what its metadata hides.
type StreamCursor struct {
	log       *Log
	stream    string
	prefix    []byte
	direction Direction
	next      int64
}

// StreamInfo is what a reader is told of a stream before its events.
type StreamInfo struct {
	// Found is false for a stream that was never written, or is deleted.
	Found bool
	// Last is the last revision, -1 without events.
	Last int64
}

// Stream describes a stream. A tombstoned one is a *DeletedError.
func (l *Log) Stream(ctx context.Context, stream string) (StreamInfo, error) {
	h, err := l.readableHead(ctx, stream)
	if err != nil {
		return StreamInfo{}, err
	}
	return StreamInfo{Found: h.last != none && !h.softDeleted(), Last: h.last}, nil
}

// ReadStream includes the event of the revision, in both directions.
func (l *Log) ReadStream(stream string, direction Direction, revision int64) *StreamCursor {
	return &StreamCursor{log: l, stream: stream, prefix: streamPrefix(stream), direction: direction, next: revision}
}

// Page returns the next records, at most limit; none at the end. Forwards, later calls go on when there is more.
func (c *StreamCursor) Page(ctx context.Context, limit int) ([]Record, error) {
	h, err := c.log.readableHead(ctx, c.stream)
	if err != nil {
		return nil, err
	}
	release, err := c.log.reading()
	if err != nil {
		return nil, err
	}
	defer release()
	shown := h.window(c.stream, c.log.now())
	// A whole page can be hidden by age; the reader wants the next one that is not.
	for {
		p := newPage(limit)
		more, err := c.advance(h, shown, p)
		if err != nil {
			return nil, fmt.Errorf("read stream %q: %w", c.stream, err)
		}
		if len(p.records) > 0 || !more {
			return p.records, nil
		}
	}
}

// advance reads one page and reports whether it found revisions at all.
func (c *StreamCursor) advance(h head, shown window, p *page) (bool, error) {
	if c.direction == Backwards {
		return c.backwards(h, shown, p)
	}
	return c.forwards(h, shown, p)
}

func (c *StreamCursor) forwards(h head, shown window, p *page) (bool, error) {
	// What is hidden now may come back later with a stream that was deleted, so next moves only over what was read.
	from := max(c.next, shown.first)
	if from > h.last {
		return false, nil
	}
	positions, err := c.positions(from, h.last, p.limit)
	if err != nil {
		return false, err
	}
	if len(positions) == 0 {
		return false, fmt.Errorf("revision %d is missing: %w", from, ErrFormat)
	}
	read, err := c.collect(positions, shown, p)
	c.next = from + int64(read)
	return true, err
}

func (c *StreamCursor) backwards(h head, shown window, p *page) (bool, error) {
	to := min(c.next, h.last)
	from := max(shown.first, to-int64(p.limit)+1, 0)
	if from > to {
		return false, nil
	}
	positions, err := c.positions(from, to, p.limit)
	if err != nil {
		return false, err
	}
	slices.Reverse(positions)
	read, err := c.collect(positions, shown, p)
	c.next = to - int64(read)
	return true, err
}

// positions reads the index for revisions from and to, both included.
func (c *StreamCursor) positions(from, to int64, limit int) (_ []uint64, err error) {
	upper := to
	if upper < math.MaxInt64 {
		upper++
	}
	if from == to {
		position, found, err := lookUp(c.log.db, streamKey(c.prefix, from))
		if err != nil || !found {
			return nil, err
		}
		return []uint64{position}, nil
	}
	it, err := c.log.db.NewIter(&pebble.IterOptions{LowerBound: streamKey(c.prefix, from), UpperBound: streamKey(c.prefix, upper)})
	if err != nil {
		return nil, err
	}
	defer closing(it, &err)
	positions := make([]uint64, 0, min(int64(limit), to-from+1))
	for ok := it.First(); ok && len(positions) < limit; ok = it.Next() {
		positions = append(positions, binary.BigEndian.Uint64(it.Value()))
	}
	return positions, nil
}

// collect fetches the records of a page, from memory where it can, and returns how many positions it went through.
func (c *StreamCursor) collect(positions []uint64, shown window, p *page) (read int, err error) {
	var it *pebble.Iterator
	defer func() {
		if it != nil {
			closing(it, &err)
		}
	}()
	for _, position := range positions {
		if p.full() {
			break
		}
		read++
		if r, ok := c.log.tail.at(position); ok {
			if shown.shows(r) {
				p.records = append(p.records, r)
			}
			continue
		}
		if it == nil {
			if it, err = c.log.db.NewIter(&pebble.IterOptions{LowerBound: []byte{eventKeys}, UpperBound: []byte{eventKeys + 1}}); err != nil {
				return read, err
			}
		}
		if !it.SeekGE(eventKey(position)) || positionOf(it.Key()) != position {
			return read, fmt.Errorf("the event at %d is missing: %w", position, ErrFormat)
		}
		if shown.shows(Record(it.Value())) {
			if err := p.add(it.Value()); err != nil {
				return read, err
			}
		}
	}
	return read, nil
}
