package eventlog

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Checkpoint makes dir, which must not exist, a copy of the log that can be opened, and returns a position up to which it
// holds everything. Where dir is on the same file system the copy shares the files that never change, so it takes hardly
// any time or space. Writing goes on meanwhile.
func (l *Log) Checkpoint(dir string) (position uint64, err error) {
	release, err := l.reading()
	if err != nil {
		return 0, err
	}
	defer release()
	position = l.Last()
	if err := l.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return 0, fmt.Errorf("copy the event log to %s: %w", dir, err)
	}
	return position, nil
}
