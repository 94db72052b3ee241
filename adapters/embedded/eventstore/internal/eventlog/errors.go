package eventlog

import (
	"errors"
	"fmt"
)

var (
	// ErrInUse is returned by Open when another node holds the directory.
	ErrInUse = errors.New("the data directory is in use by another node")
	// ErrFormat is returned by Open for a directory written by a version this one cannot read.
	ErrFormat = errors.New("the data directory has a format this version cannot read")
	// ErrClosed is returned once Close was called; nothing of the call was written.
	ErrClosed = errors.New("the event log is closed")
	// ErrSystemStream is returned for a write that would make the log's own bookkeeping contradict itself.
	ErrSystemStream = errors.New("the stream is not open to this kind of write")
)

// WrongRevisionError says where the stream was when an expectation failed.
type WrongRevisionError struct {
	Stream   string
	Expected Expected
	// Current is the last revision, or -1 when the stream has none.
	Current int64
}

func (e *WrongRevisionError) Error() string {
	return fmt.Sprintf("append failed due to wrong expected version: stream %q is at %d, expected %d", e.Stream, e.Current, e.Expected)
}

// DeletedError is the answer to everything on a tombstoned stream.
type DeletedError struct{ Stream string }

func (e *DeletedError) Error() string { return fmt.Sprintf("event stream %q is deleted", e.Stream) }
