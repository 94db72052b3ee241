package eventlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Bounds of one page. A page is copied out of storage and then owned by the reader, so a slow reader pins nothing.
const (
	pageRecords = 512
	pageBytes   = 512 << 10
)

// Direction of a read.
type Direction bool

// The directions.
const (
	Forwards  Direction = false
	Backwards Direction = true
)

// page collects copies of records. The copies share one allocation, which a reader may keep for as long as it sends.
type page struct {
	records []Record
	buffer  []byte
	copied  int
	limit   int
}

func newPage(limit int) *page {
	limit = min(limit, pageRecords)
	return &page{records: make([]Record, 0, min(limit, 32)), limit: limit}
}

func (p *page) full() bool { return len(p.records) >= p.limit || p.copied >= pageBytes }

func (p *page) add(r Record) error {
	if !r.valid() {
		return fmt.Errorf("read an event: %w", ErrFormat)
	}
	if cap(p.buffer)-len(p.buffer) < len(r) {
		// Guess what the rest of the page needs, so that a short page costs little and a long one few allocations.
		size := min(pageBytes, max(len(r)*min(p.limit-len(p.records), 64), len(r)))
		p.buffer = make([]byte, 0, max(size, len(r)))
	}
	p.copied += len(r)
	start := len(p.buffer)
	p.buffer = append(p.buffer, r...)
	p.records = append(p.records, p.buffer[start:len(p.buffer):len(p.buffer)])
	return nil
}

// reading holds storage open for the length of one page.
func (l *Log) reading() (release func(), err error) {
	l.use.RLock()
	if l.closed {
		l.use.RUnlock()
		return nil, ErrClosed
	}
	return l.use.RUnlock, nil
}

// head is what readers may know of a stream. A head found in storage can be ahead of the last sync; then it is worth the
// moment until it is published, because what it says must not be taken back.
func (l *Log) head(ctx context.Context, stream string) (head, error) {
	h, err := l.publishedHead(stream)
	if err != nil {
		return head{}, err
	}
	for {
		end, changed := l.tail.last()
		if h.position <= end {
			return h, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return head{}, ctx.Err()
		case <-l.stopped:
			return head{}, ErrClosed
		}
	}
}

func (l *Log) publishedHead(stream string) (head, error) {
	release, err := l.reading()
	if err != nil {
		return head{}, err
	}
	defer release()
	return l.heads.get(l.db, stream)
}

// readableHead refuses a tombstoned stream, and the metastream of one.
func (l *Log) readableHead(ctx context.Context, stream string) (head, error) {
	h, err := l.head(ctx, stream)
	if err != nil {
		return head{}, err
	}
	ended := h.tombstoned
	if owner, meta := described(stream); meta && !ended {
		of, err := l.head(ctx, owner)
		if err != nil {
			return head{}, err
		}
		ended = of.tombstoned
	}
	if ended {
		return head{}, &DeletedError{Stream: stream}
	}
	return h, nil
}

// recordAt finds a record by position, in memory if it is recent.
func (l *Log) recordAt(position uint64) (Record, error) {
	if r, ok := l.tail.at(position); ok {
		return r, nil
	}
	return readRecord(l.db, position)
}

func closing(it *pebble.Iterator, err *error) {
	*err = errors.Join(*err, it.Error(), it.Close())
}
