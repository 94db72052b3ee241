package eventlog

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTailKeepsTheLastRecords(t *testing.T) {
	enc, tail := &encoder{}, newTail(0)
	position := uint64(firstPosition)
	publish := func(n, size int) (first uint64) {
		first = position
		var records []Record
		for range n {
			r := enc.record(Event{Data: make([]byte, size)}, place{stream: "s", position: position, created: time.Unix(1, 0)})
			position += uint64(len(r))
			records = append(records, r)
		}
		tail.publish(records)
		return first
	}
	_, changed := tail.last()
	first := publish(10, 10)
	select {
	case <-changed:
	default:
		require.Fail(t, "followers are woken")
	}
	found, ok := tail.from(first, 4)
	require.True(t, ok)
	require.Len(t, found, 4)
	between, ok := tail.from(found[1].Position()+1, 1)
	require.True(t, ok)
	assert.Equal(t, found[2].Position(), between[0].Position())
	_, ok = tail.from(0, 1)
	assert.False(t, ok, "what may lie before is not known here")
	end, _ := tail.last()
	found, ok = tail.from(end+1, 1)
	assert.True(t, ok)
	assert.Empty(t, found)

	for range 5 {
		publish(tailRecords/2, 10)
	}
	assert.LessOrEqual(t, len(tail.records), 2*tailRecords)
	_, ok = tail.at(first)
	assert.False(t, ok, "the oldest were let go")
	for range 40 {
		publish(1, 1<<20)
	}
	assert.Less(t, tail.bytes, 2*tailBytes)
	last := publish(1, 1)
	r, ok := tail.at(last)
	require.True(t, ok)
	assert.Equal(t, last, r.Position())
	_, ok = tail.at(last - 1)
	assert.False(t, ok)
}
