package conformance_test

import (
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func describe(t *testing.T, client *esdb.Client, stream string, change func(*esdb.StreamMetadata)) {
	t.Helper()
	metadata := esdb.StreamMetadata{}
	change(&metadata)
	_, err := client.SetStreamMetadata(within(t), stream, esdb.AppendToStreamOptions{}, metadata)
	require.NoError(t, err)
}

func TestLatestMetadataCounts(t *testing.T) {
	client, stream := connect(t), newStream()
	for count := uint64(1); count <= 3; count++ {
		describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(count) })
	}
	current, err := client.GetStreamMetadata(within(t), stream, esdb.ReadStreamOptions{})
	require.NoError(t, err)
	require.NotNil(t, current.MaxCount())
	assert.EqualValues(t, 3, *current.MaxCount())
	assert.Equal(t, []uint64{2}, revisions(readStream(t, client, "$$"+stream, esdb.ReadStreamOptions{})),
		"a metastream shows its last event only")
}

func TestMaxCount(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(5)...)
	describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(2) })
	assert.Equal(t, []uint64{3, 4}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{})))
	assert.Equal(t, []uint64{4, 3}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}})))
	wrote(t, client, stream, event("sixth"))
	assert.Equal(t, []uint64{4, 5}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{})))
}

func TestTruncateBefore(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(5)...)
	describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetTruncateBefore(3) })
	assert.Equal(t, []uint64{3, 4}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{From: esdb.Revision(1)})))

	describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetTruncateBefore(9) })
	assert.Empty(t, readStream(t, client, stream, esdb.ReadStreamOptions{}), "all hidden is empty, not absent")
}

func TestStreamWithOnlyMetadataExists(t *testing.T) {
	client, stream := connect(t), newStream()
	describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(10) })
	assert.Equal(t, esdb.ErrorCodeResourceNotFound, code(readError(t, client, stream)), "yet it has no events to read")
	_, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.StreamExists{}}, event("first"))
	require.NoError(t, err)
	assert.Len(t, readStream(t, client, stream, esdb.ReadStreamOptions{}), 1)
}

func link(revision uint64, stream string) esdb.EventData {
	return esdb.EventData{EventType: "$>", ContentType: esdb.ContentTypeBinary, Data: fmt.Appendf(nil, "%d@%s", revision, stream)}
}

func TestLinks(t *testing.T) {
	client, target, links := connect(t), newStream(), newStream()
	wrote(t, client, target, events(2)...)
	gone := newStream()
	wrote(t, client, gone, event("gone"))
	_, err := client.DeleteStream(within(t), gone, esdb.DeleteStreamOptions{})
	require.NoError(t, err)
	wrote(t, client, links, link(1, target), link(7, target), link(0, newStream()), link(0, gone), event("plain"))

	resolved := readStream(t, client, links, esdb.ReadStreamOptions{ResolveLinkTos: true})
	require.Len(t, resolved, 5)
	require.NotNil(t, resolved[0].Event)
	assert.Equal(t, target, resolved[0].Event.StreamID)
	assert.EqualValues(t, 1, resolved[0].Event.EventNumber)
	require.NotNil(t, resolved[0].Link)
	assert.Equal(t, links, resolved[0].Link.StreamID)
	assert.Equal(t, resolved[0].Link, resolved[0].OriginalEvent())
	for i := 1; i < 4; i++ {
		assert.Nil(t, resolved[i].Event, "link %d points nowhere", i)
		require.NotNil(t, resolved[i].Link)
	}
	require.NotNil(t, resolved[4].Event)
	assert.Nil(t, resolved[4].Link)

	raw := readStream(t, client, links, esdb.ReadStreamOptions{})
	require.Len(t, raw, 5)
	assert.Equal(t, "$>", raw[0].Event.EventType)
	assert.Nil(t, raw[0].Link)
}
