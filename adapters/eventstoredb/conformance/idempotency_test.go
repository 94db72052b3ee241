package conformance_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetryIsAnsweredAsTheFirstTime(t *testing.T) {
	client := connect(t)
	for name, c := range map[string]struct {
		before   int
		expected esdb.ExpectedRevision
		later    int // events appended between the first try and the retry
	}{
		"no stream":                  {0, esdb.NoStream{}, 0},
		"no stream, others followed": {0, esdb.NoStream{}, 3},
		"revision":                   {2, esdb.Revision(1), 0},
		"revision, others followed":  {2, esdb.Revision(1), 3},
		"any":                        {0, esdb.Any{}, 0},
		"any, others followed":       {2, esdb.Any{}, 3},
		"stream exists":              {2, esdb.StreamExists{}, 0},
		"stream exists, others came": {2, esdb.StreamExists{}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			stream, mine := newStream(), events(2)
			if c.before > 0 {
				wrote(t, client, stream, events(c.before)...)
			}
			options := esdb.AppendToStreamOptions{ExpectedRevision: c.expected}
			first, err := client.AppendToStream(within(t), stream, options, mine...)
			require.NoError(t, err)
			if c.later > 0 {
				wrote(t, client, stream, events(c.later)...)
			}
			again, err := client.AppendToStream(within(t), stream, options, mine...)
			require.NoError(t, err)
			assert.Equal(t, first.NextExpectedVersion, again.NextExpectedVersion)
			assert.Equal(t, first.CommitPosition, again.CommitPosition)
			assert.Len(t, readStream(t, client, stream, esdb.ReadStreamOptions{}), c.before+2+c.later, "nothing was written twice")
		})
	}
}

func TestRetryThatIsNotTheSameIsRefused(t *testing.T) {
	client, stream, mine := connect(t), newStream(), events(2)
	none := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
	_, err := client.AppendToStream(within(t), stream, none, mine...)
	require.NoError(t, err)

	for name, proposed := range map[string][]esdb.EventData{
		"other events":               events(2),
		"first the same, then other": {mine[0], event("other")},
		"the same and one more":      {mine[0], mine[1], event("more")},
		"in another order":           {mine[1], mine[0]},
	} {
		_, err := client.AppendToStream(within(t), stream, none, proposed...)
		assert.Equal(t, esdb.ErrorCodeWrongExpectedVersion, code(err), name)
	}

	_, err = client.AppendToStream(within(t), stream, none, mine[0])
	require.NoError(t, err, "a part of the first append, from its beginning, was written as expected")
}

func TestSameIDInAnotherStreamIsAnotherEvent(t *testing.T) {
	client, mine := connect(t), events(1)
	one, other := newStream(), newStream()
	wrote(t, client, one, mine...)
	wrote(t, client, other, mine...)
	assert.Equal(t, proposedIDs(mine), ids(readStream(t, client, one, esdb.ReadStreamOptions{})))
	assert.Equal(t, proposedIDs(mine), ids(readStream(t, client, other, esdb.ReadStreamOptions{})))
}

// Two tries of one append can be on their way at once, when the first answer was slow. Both must succeed, once.
func TestRetriesAtTheSameTime(t *testing.T) {
	client, stream, mine := connect(t), newStream(), events(3)
	const tries = 8
	results := make(chan *esdb.WriteResult, tries)
	for range tries {
		go func() {
			result, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, mine...)
			assert.NoError(t, err)
			results <- result
		}()
	}
	first := <-results
	require.NotNil(t, first)
	for range tries - 1 {
		assert.Equal(t, first, <-results)
	}
	assert.Equal(t, proposedIDs(mine), ids(readStream(t, client, stream, esdb.ReadStreamOptions{})))
}
