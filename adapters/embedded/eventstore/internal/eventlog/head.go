package eventlog

import (
	"encoding/binary"
	"errors"
	"math"
)

const (
	// none is the revision of a stream without events.
	none = int64(-1)
	// TombstoneRevision is the revision of the event that ends a stream for ever.
	TombstoneRevision = int64(math.MaxInt64)
	// deletedBefore as `$tb` says: nothing written so far counts.
	deletedBefore = int64(math.MaxInt64)
)

// head is all that is known of a stream without reading its events: enough to decide any append and to bound any read.
type head struct {
	last       int64  // the revision of the last event, or none
	position   uint64 // of the last write that changed the head
	tombstoned bool
	described  bool // has metadata
	retention  retention
}

func emptyHead() head { return head{last: none} }

func (h head) softDeleted() bool { return h.retention.truncateBefore == deletedBefore }

// exists is what "stream exists" expects: ever written or described, and not deleted since.
func (h head) exists() bool { return (h.last != none || h.described) && !h.softDeleted() }

const (
	headTombstoned = 1 << iota
	headDescribed
	headRetained
)

const headVersion = 1

var errHeadEncoding = errors.New("the head of a stream is not readable by this version")

func (h head) encode() []byte {
	b := make([]byte, 18, 18+24)
	b[0] = headVersion
	if h.tombstoned {
		b[1] |= headTombstoned
	}
	if h.described {
		b[1] |= headDescribed
	}
	binary.BigEndian.PutUint64(b[2:], uint64(h.last))
	binary.BigEndian.PutUint64(b[10:], h.position)
	if h.retention != (retention{}) {
		b[1] |= headRetained
		b = binary.BigEndian.AppendUint64(b, uint64(h.retention.truncateBefore))
		b = binary.BigEndian.AppendUint64(b, uint64(h.retention.maxCount))
		b = binary.BigEndian.AppendUint64(b, uint64(h.retention.maxAgeSeconds))
	}
	return b
}

func decodeHead(b []byte) (head, error) {
	if len(b) < 18 || b[0] != headVersion || (b[1]&headRetained != 0 && len(b) < 42) {
		return head{}, errHeadEncoding
	}
	h := head{
		last:       int64(binary.BigEndian.Uint64(b[2:])),
		position:   binary.BigEndian.Uint64(b[10:]),
		tombstoned: b[1]&headTombstoned != 0,
		described:  b[1]&headDescribed != 0,
	}
	if b[1]&headRetained != 0 {
		h.retention = retention{
			truncateBefore: int64(binary.BigEndian.Uint64(b[18:])),
			maxCount:       int64(binary.BigEndian.Uint64(b[26:])),
			maxAgeSeconds:  int64(binary.BigEndian.Uint64(b[34:])),
		}
	}
	return h, nil
}
