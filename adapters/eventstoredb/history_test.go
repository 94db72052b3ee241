package eventstoredb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

func TestHistoryReadsOnOverWhatItCannotDecode(t *testing.T) {
	server := address(t)
	stream := commandstest.NewStream()
	_, err := connect(t, server, 5*time.Second).Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 3))
	require.NoError(t, err)
	ignorant, err := eventstoredb.Connect(eventstoredb.Config{ConnectionString: server, Registry: domain.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(ignorant.Close)
	var revisions []uint64
	for r, err := range (eventstoredb.History{Client: ignorant}).Read(t.Context(), stream, 1) {
		require.NoError(t, err)
		assert.Equal(t, "suite.happened.v1", r.Event.EventType())
		assert.IsType(t, domain.Undecodable{}, r.Event)
		revisions = append(revisions, r.Revision)
	}
	assert.Equal(t, []uint64{1, 2}, revisions)
	for r, err := range (eventstoredb.History{Client: ignorant}).Read(t.Context(), stream, 3) {
		assert.Fail(t, "nothing lies beyond the end", "%v %v", r, err)
	}
}
