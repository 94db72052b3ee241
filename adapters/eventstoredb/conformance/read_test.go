package conformance_test

import (
	"errors"
	"io"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadStreamPositions(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(5)...)
	for name, c := range map[string]struct {
		direction esdb.Direction
		from      esdb.StreamPosition
		count     uint64
		want      []uint64
	}{
		"forwards from the start":        {esdb.Forwards, esdb.Start{}, 100, []uint64{0, 1, 2, 3, 4}},
		"forwards includes the revision": {esdb.Forwards, esdb.Revision(3), 100, []uint64{3, 4}},
		"forwards, some":                 {esdb.Forwards, esdb.Revision(1), 2, []uint64{1, 2}},
		"forwards from beyond the end":   {esdb.Forwards, esdb.Revision(5), 100, []uint64{}},
		"forwards from the end":          {esdb.Forwards, esdb.End{}, 100, []uint64{}},
		"backwards from the end":         {esdb.Backwards, esdb.End{}, 100, []uint64{4, 3, 2, 1, 0}},
		"backwards, the last":            {esdb.Backwards, esdb.End{}, 1, []uint64{4}},
		"backwards includes":             {esdb.Backwards, esdb.Revision(2), 100, []uint64{2, 1, 0}},
		"backwards from the start":       {esdb.Backwards, esdb.Start{}, 100, []uint64{0}},
		"backwards from beyond the end":  {esdb.Backwards, esdb.Revision(9), 2, []uint64{4, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := client.ReadStream(within(t), stream, esdb.ReadStreamOptions{Direction: c.direction, From: c.from}, c.count)
			assert.Equal(t, c.want, revisions(collect(t, read, err)))
		})
	}
}

func TestReadOfALongStream(t *testing.T) {
	client, stream := connect(t), newStream()
	const length = 2_500
	for range 5 {
		wrote(t, client, stream, events(length/5)...)
	}
	forwards := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{}))
	require.Len(t, forwards, length)
	backwards := revisions(readStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}))
	require.Len(t, backwards, length)
	for i := range length {
		require.EqualValues(t, i, forwards[i])
		require.EqualValues(t, length-1-i, backwards[i])
	}
}

func TestReadOfAnAbsentStream(t *testing.T) {
	client := connect(t)
	assert.Equal(t, esdb.ErrorCodeResourceNotFound, code(readError(t, client, newStream())))
	_, err := client.GetStreamMetadata(within(t), newStream(), esdb.ReadStreamOptions{})
	assert.Equal(t, esdb.ErrorCodeResourceNotFound, code(err))
}

func TestReadAllPositions(t *testing.T) {
	client, stream := connect(t), newStream()
	proposed := events(5)
	wrote(t, client, stream, proposed...)
	mine := readStream(t, client, stream, esdb.ReadStreamOptions{})
	third := mine[2].Event.Position

	forwards, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: third}, 1)
	assert.Equal(t, ids(mine[2:3]), ids(collect(t, forwards, err)), "forwards includes the position")

	backwards, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: third, Direction: esdb.Backwards}, 1)
	assert.Equal(t, ids(mine[1:2]), ids(collect(t, backwards, err)), "backwards excludes it")

	fromEnd, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 20)
	assert.Contains(t, ids(collect(t, fromEnd, err)), proposed[4].EventID)

	fromStart, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: esdb.Start{}, Direction: esdb.Backwards}, 20)
	assert.Empty(t, collect(t, fromStart, err), "nothing lies before the start")
}

func TestPositionsRiseInTheOrderOfDelivery(t *testing.T) {
	client, stream := connect(t), newStream()
	for range 10 {
		wrote(t, client, stream, events(30)...)
	}
	first := readStream(t, client, stream, esdb.ReadStreamOptions{})[0].Event.Position
	read, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: first}, 300)
	last := uint64(0)
	for _, e := range collect(t, read, err) {
		at := e.OriginalEvent().Position
		require.Greater(t, at.Commit, last)
		require.LessOrEqual(t, at.Prepare, at.Commit)
		require.NotNil(t, e.Commit)
		last = at.Commit
	}
}

// The same event must look the same whichever way it is read.
func TestPositionsAgreeBetweenReads(t *testing.T) {
	client, stream := connect(t), newStream()
	result := wrote(t, client, stream, event("happened"))
	byStream := readStream(t, client, stream, esdb.ReadStreamOptions{})[0].Event
	read, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: byStream.Position}, 1)
	byAll := collect(t, read, err)
	require.Len(t, byAll, 1)
	assert.Equal(t, byStream, byAll[0].Event)
	assert.Equal(t, result.CommitPosition, byAll[0].Event.Position.Commit)
}

func TestReadEndsQuietly(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, event("happened"))
	read, err := client.ReadStream(within(t), stream, esdb.ReadStreamOptions{}, 10)
	require.NoError(t, err)
	defer read.Close()
	_, err = read.Recv()
	require.NoError(t, err)
	_, err = read.Recv()
	assert.True(t, errors.Is(err, io.EOF))
}

func TestUsersStreamShowsReadiness(t *testing.T) {
	assert.NotEmpty(t, readStream(t, connect(t), "$users", esdb.ReadStreamOptions{}))
}
