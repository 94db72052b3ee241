package conformance_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDeletedStreamComesBackAndGoesOnCounting(t *testing.T) {
	for name, expected := range map[string]esdb.ExpectedRevision{
		"any": esdb.Any{}, "no stream": esdb.NoStream{}, "last revision": esdb.Revision(2),
	} {
		t.Run(name, func(t *testing.T) {
			client, stream := connect(t), newStream()
			wrote(t, client, stream, events(3)...)
			deleted, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(2)})
			require.NoError(t, err)
			assert.Positive(t, deleted.Position.Commit)
			assert.Equal(t, esdb.ErrorCodeResourceNotFound, code(readError(t, client, stream)))

			_, err = client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.StreamExists{}}, event("no"))
			assert.Equal(t, esdb.ErrorCodeWrongExpectedVersion, code(err), "a deleted stream does not exist")

			result, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, event("back"))
			require.NoError(t, err)
			assert.EqualValues(t, 3, result.NextExpectedVersion)
			assert.Equal(t, []uint64{3}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{})))
			wrote(t, client, stream, event("more"))
			assert.Equal(t, []uint64{3, 4}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{})))
		})
	}
}

func TestDeletedEventsStayInTheLog(t *testing.T) {
	client, stream := connect(t), newStream()
	proposed := events(3)
	wrote(t, client, stream, proposed...)
	first := readStream(t, client, stream, esdb.ReadStreamOptions{})[0].Event.Position
	_, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{})
	require.NoError(t, err)
	read, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: first}, 3)
	assert.Equal(t, proposedIDs(proposed), ids(collect(t, read, err)))
}

func TestDeleteKeepsOtherMetadata(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, event("happened"))
	metadata := esdb.StreamMetadata{}
	metadata.SetMaxCount(7)
	metadata.AddCustomProperty("owner", "sales")
	_, err := client.SetStreamMetadata(within(t), stream, esdb.AppendToStreamOptions{}, metadata)
	require.NoError(t, err)
	_, err = client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{})
	require.NoError(t, err)
	wrote(t, client, stream, event("back"))

	kept, err := client.GetStreamMetadata(within(t), stream, esdb.ReadStreamOptions{})
	require.NoError(t, err)
	require.NotNil(t, kept.MaxCount())
	assert.EqualValues(t, 7, *kept.MaxCount())
	assert.Equal(t, "sales", kept.CustomProperties()["owner"])
	require.NotNil(t, kept.TruncateBefore())
	assert.EqualValues(t, 1, *kept.TruncateBefore())
}

func TestDeleteChecksTheRevision(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(2)...)
	_, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(0)})
	require.Error(t, err)
	_, err = client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(0)})
	require.Error(t, err)
	assert.Len(t, readStream(t, client, stream, esdb.ReadStreamOptions{}), 2)
}

func TestTombstoneIsForEver(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(2)...)
	ended, err := client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(1)})
	require.NoError(t, err)
	assert.Positive(t, ended.Position.Commit)

	assert.Equal(t, esdb.ErrorCodeStreamDeleted, code(readError(t, client, stream)))
	for _, expected := range []esdb.ExpectedRevision{esdb.Any{}, esdb.NoStream{}, esdb.StreamExists{}, esdb.Revision(1)} {
		_, err = client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, event("no"))
		assert.Equal(t, esdb.ErrorCodeStreamDeleted, code(err))
	}
	_, err = client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{})
	assert.Equal(t, esdb.ErrorCodeStreamDeleted, code(err))
	_, err = client.SubscribeToStream(within(t), stream, esdb.SubscribeToStreamOptions{})
	assert.Equal(t, esdb.ErrorCodeStreamDeleted, code(err))
}

func TestTombstoneOfAnAbsentStream(t *testing.T) {
	client, stream := connect(t), newStream()
	_, err := client.TombstoneStream(within(t), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.NoStream{}})
	require.NoError(t, err)
	assert.Equal(t, esdb.ErrorCodeStreamDeleted, code(readError(t, client, stream)))
}
