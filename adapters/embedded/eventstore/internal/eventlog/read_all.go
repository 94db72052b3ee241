package eventlog

import (
	"fmt"
	"math"

	"github.com/cockroachdb/pebble/v2"
)

// AllCursor walks the whole log, page by page.
type AllCursor struct {
	log       *Log
	direction Direction
	// next is the first position to read forwards, and the first not to read backwards.
	next uint64
}

// ForwardsFrom includes the event at the position.
func (l *Log) ForwardsFrom(position uint64) *AllCursor { return &AllCursor{log: l, next: position} }

// ForwardsAfter excludes the event at the position.
func (l *Log) ForwardsAfter(position uint64) *AllCursor {
	if position == math.MaxUint64 {
		return l.ForwardsFrom(position)
	}
	return l.ForwardsFrom(position + 1)
}

// BackwardsFrom excludes the event at the position.
func (l *Log) BackwardsFrom(position uint64) *AllCursor {
	return &AllCursor{log: l, direction: Backwards, next: position}
}

// Page returns the next records, at most limit; none at the end of what is published. Forwards, later calls go on when
// there is more.
func (c *AllCursor) Page(limit int) ([]Record, error) {
	release, err := c.log.reading()
	if err != nil {
		return nil, err
	}
	defer release()
	var records []Record
	if c.direction == Backwards {
		records, err = c.backwards(limit)
	} else {
		records, err = c.forwards(limit)
	}
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if n := len(records); n > 0 {
		c.next = records[n-1].Position()
		if c.direction == Forwards {
			c.next++
		}
	}
	return records, nil
}

func (c *AllCursor) forwards(limit int) (_ []Record, err error) {
	if recent, ok := c.log.tail.from(c.next, min(limit, pageRecords)); ok {
		return recent, nil
	}
	end, _ := c.log.tail.last()
	it, err := c.log.db.NewIter(&pebble.IterOptions{LowerBound: eventKey(c.next), UpperBound: eventKey(end + 1)})
	if err != nil {
		return nil, err
	}
	defer closing(it, &err)
	p := newPage(limit)
	for ok := it.First(); ok && !p.full(); ok = it.Next() {
		if err := p.add(it.Value()); err != nil {
			return nil, err
		}
	}
	return p.records, nil
}

func (c *AllCursor) backwards(limit int) (_ []Record, err error) {
	end, _ := c.log.tail.last()
	before := min(c.next, end+1)
	it, err := c.log.db.NewIter(&pebble.IterOptions{LowerBound: []byte{eventKeys}, UpperBound: eventKey(before)})
	if err != nil {
		return nil, err
	}
	defer closing(it, &err)
	p := newPage(limit)
	for ok := it.Last(); ok && !p.full(); ok = it.Prev() {
		if err := p.add(it.Value()); err != nil {
			return nil, err
		}
	}
	return p.records, nil
}
