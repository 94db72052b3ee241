package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// lookUp reads one entry of the stream index.
func lookUp(db *pebble.DB, key []byte) (position uint64, found bool, err error) {
	value, closer, err := db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read the stream index: %w", err)
	}
	position = binary.BigEndian.Uint64(value)
	return position, true, closer.Close()
}

// readRecord returns a copy of the record at a position that the index named.
func readRecord(db *pebble.DB, position uint64) (Record, error) {
	value, closer, err := db.Get(eventKey(position))
	if err != nil {
		return nil, fmt.Errorf("read the event at %d: %w", position, err)
	}
	r := append(Record(nil), value...)
	if err := closer.Close(); err != nil {
		return nil, err
	}
	if !r.valid() {
		return nil, fmt.Errorf("read the event at %d: %w", position, ErrFormat)
	}
	return r, nil
}
