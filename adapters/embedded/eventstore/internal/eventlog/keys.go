package eventlog

import (
	"bytes"
	"encoding/binary"
)

// The first byte of a key says what it holds.
const (
	eventKeys  = 'e' // position -> record
	streamKeys = 's' // stream, revision -> position
	headKeys   = 'h' // stream -> head
	formatKey  = "m/format"
)

const formatVersion = 1

func eventKey(position uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{eventKeys}, position)
}

func positionOf(eventKey []byte) uint64 {
	return binary.BigEndian.Uint64(eventKey[1:])
}

// streamPrefix ends in a terminator that sorts before everything a longer name could go on with, so the revisions of one
// stream are neighbours and no name is a prefix of another.
func streamPrefix(stream string) []byte {
	key := make([]byte, 0, 1+len(stream)+2+8)
	key = append(key, streamKeys)
	for {
		zero := indexZero(stream)
		if zero < 0 {
			break
		}
		key = append(append(key, stream[:zero]...), 0, 0xff)
		stream = stream[zero+1:]
	}
	return append(append(key, stream...), 0, 1)
}

func indexZero(s string) int {
	for i := range len(s) {
		if s[i] == 0 {
			return i
		}
	}
	return -1
}

func streamKey(prefix []byte, revision int64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(prefix), uint64(revision))
}

func revisionOf(streamKey []byte) int64 {
	return int64(binary.BigEndian.Uint64(streamKey[len(streamKey)-8:]))
}

func headKey(stream string) []byte {
	return append([]byte{headKeys}, stream...)
}
