package conformance_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAppendedEventComesBackWhole(t *testing.T) {
	client, stream := connect(t), newStream()
	before := time.Now().Add(-time.Minute)
	binary := esdb.EventData{EventType: "binary", ContentType: esdb.ContentTypeBinary, Data: []byte{0, 1, 0xff}}
	json := event("happened")

	result := wrote(t, client, stream, json, binary)

	found := readStream(t, client, stream, esdb.ReadStreamOptions{})
	require.Len(t, found, 2)
	first, second := found[0].Event, found[1].Event
	assert.Equal(t, json.EventID, first.EventID)
	assert.Equal(t, "happened", first.EventType)
	assert.Equal(t, "application/json", first.ContentType)
	assert.Equal(t, stream, first.StreamID)
	assert.Equal(t, json.Data, first.Data)
	assert.Equal(t, json.Metadata, first.UserMetadata)
	assert.Zero(t, first.EventNumber)
	assert.WithinRange(t, first.CreatedDate, before, time.Now().Add(time.Minute))
	assert.NotEqual(t, uuid.Nil, second.EventID, "the client fills in an id")
	assert.Equal(t, "application/octet-stream", second.ContentType)
	assert.Equal(t, binary.Data, second.Data)
	assert.EqualValues(t, 1, second.EventNumber)

	assert.EqualValues(t, 1, result.NextExpectedVersion)
	assert.Equal(t, second.Position.Commit, result.CommitPosition)
	assert.Positive(t, first.Position.Commit)
	assert.Less(t, first.Position.Commit, second.Position.Commit)
	assert.Nil(t, found[0].Link)
}

func TestExpectedRevision(t *testing.T) {
	client := connect(t)
	for name, c := range map[string]struct {
		existing int
		expected esdb.ExpectedRevision
		fails    bool
	}{
		"no stream, none there":           {0, esdb.NoStream{}, false},
		"no stream, one there":            {1, esdb.NoStream{}, true},
		"any, none there":                 {0, esdb.Any{}, false},
		"any, some there":                 {3, esdb.Any{}, false},
		"exists, none there":              {0, esdb.StreamExists{}, true},
		"exists, one there":               {1, esdb.StreamExists{}, false},
		"revision met":                    {3, esdb.Revision(2), false},
		"revision behind":                 {3, esdb.Revision(1), true},
		"revision ahead":                  {3, esdb.Revision(3), true},
		"revision of an absent stream":    {0, esdb.Revision(0), true},
		"first revision of a one-long":    {1, esdb.Revision(0), false},
		"far ahead of an absent stream":   {0, esdb.Revision(1 << 40), true},
		"far ahead of an existing stream": {2, esdb.Revision(1 << 40), true},
	} {
		t.Run(name, func(t *testing.T) {
			stream := newStream()
			if c.existing > 0 {
				wrote(t, client, stream, events(c.existing)...)
			}
			result, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: c.expected}, event("next"))
			if c.fails {
				require.Error(t, err)
				assert.Equal(t, esdb.ErrorCodeWrongExpectedVersion, code(err))
				return
			}
			require.NoError(t, err)
			assert.EqualValues(t, c.existing, result.NextExpectedVersion)
		})
	}
}

// A client that is still sending when it is answered reports a broken connection. So a refusal must wait for the end.
func TestRefusalOfALongAppendArrives(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, event("first"))
	gone := newStream()
	_, err := client.TombstoneStream(within(t), gone, esdb.TombstoneStreamOptions{})
	require.NoError(t, err)
	many := events(2_000)

	for range 5 {
		_, err = client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, many...)
		require.Equal(t, esdb.ErrorCodeWrongExpectedVersion, code(err), "%v", err)
		_, err = client.AppendToStream(within(t), gone, esdb.AppendToStreamOptions{}, many...)
		require.Equal(t, esdb.ErrorCodeStreamDeleted, code(err), "%v", err)
	}
	assert.Len(t, readStream(t, client, stream, esdb.ReadStreamOptions{}), 1, "a refused append leaves nothing")
}

func TestAppendIsAtomicAndContiguous(t *testing.T) {
	client, stream := connect(t), newStream()
	const writers, perWriter, size = 4, 10, 5
	done := make(chan error, writers)
	for range writers {
		go func() {
			for range perWriter {
				if _, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{}, events(size)...); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		require.NoError(t, <-done)
	}
	found := readStream(t, client, stream, esdb.ReadStreamOptions{})
	require.Len(t, found, writers*perWriter*size)
	for i, e := range found {
		require.EqualValues(t, i, e.Event.EventNumber)
		if i > 0 {
			require.Greater(t, e.Event.Position.Commit, found[i-1].Event.Position.Commit)
		}
	}
}

func TestOneOfManyRivalsWins(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, event("first"))
	const rivals = 16
	outcomes := make(chan error, rivals)
	for range rivals {
		go func() {
			_, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(0)}, event("mine"))
			outcomes <- err
		}()
	}
	won := 0
	for range rivals {
		if err := <-outcomes; err == nil {
			won++
		} else {
			require.Equal(t, esdb.ErrorCodeWrongExpectedVersion, code(err))
		}
	}
	assert.Equal(t, 1, won)
}

func TestEventSizes(t *testing.T) {
	client, stream := connect(t), newStream()
	large := event("large")
	large.Data = bytes.Repeat([]byte("x"), 8<<20)
	large.ContentType = esdb.ContentTypeBinary
	wrote(t, client, stream, large)
	found := readStream(t, client, stream, esdb.ReadStreamOptions{})
	require.Len(t, found, 1)
	assert.True(t, bytes.Equal(large.Data, found[0].Event.Data))

	empty := esdb.EventData{EventType: "empty", ContentType: esdb.ContentTypeBinary}
	wrote(t, client, stream, empty)
	found = readStream(t, client, stream, esdb.ReadStreamOptions{From: esdb.Revision(1)})
	require.Len(t, found, 1)
	assert.Empty(t, found[0].Event.Data)
	assert.Empty(t, found[0].Event.UserMetadata)

	large.EventID = uuid.New()
	large.Data = bytes.Repeat([]byte("x"), 17<<20)
	_, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{}, large)
	require.Error(t, err)
}

func TestStreamNames(t *testing.T) {
	client := connect(t)
	for _, name := range []string{"Kunde-Müller", "客户-1", "with space", "a/b@c:d%20", "$system-like"} {
		stream := name + newStream()
		proposed := event("happened")
		wrote(t, client, stream, proposed)
		found := readStream(t, client, stream, esdb.ReadStreamOptions{})
		require.Len(t, found, 1, name)
		assert.Equal(t, stream, found[0].Event.StreamID)
	}
}
