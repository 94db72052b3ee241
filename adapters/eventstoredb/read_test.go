package eventstoredb_test

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

func TestReadBackwards(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	stream := commandstest.NewStream()
	_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 600))
	require.NoError(t, err)
	for count, want := range map[uint64]int{0: 0, 1: 1, 3: 3, 300: 300, 600: 600, 601: 600} {
		next := uint64(599)
		got := 0
		for r, err := range client.ReadBackwards(t.Context(), stream, count) {
			require.NoError(t, err)
			require.Equal(t, next, r.Revision)
			next--
			got++
		}
		assert.Equal(t, want, got)
	}
	for _, err := range client.ReadBackwards(t.Context(), commandstest.NewStream(), 3) {
		assert.NoError(t, err)
		assert.Fail(t, "a missing stream yields nothing")
	}
}

func TestReadAllStartsBehindAPosition(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	done, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 600))
	require.NoError(t, err)
	end, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	assert.Equal(t, done.Position, end)

	var got []domain.Recorded
	for r, err := range client.ReadAll(t.Context(), start) {
		require.NoError(t, err)
		got = append(got, r)
	}
	require.Len(t, got, 600)
	for r, err := range client.ReadAll(t.Context(), got[598].Position) {
		require.NoError(t, err)
		assert.Equal(t, got[599], r)
	}
	for _, err := range client.ReadAll(t.Context(), end) {
		assert.NoError(t, err)
		assert.Fail(t, "nothing lies behind the end")
	}
	whole := 0
	for r, err := range client.ReadAll(t.Context(), domain.StartOfLog) {
		require.NoError(t, err)
		require.NotEqual(t, '$', rune(r.Event.EventType()[0]))
		whole++
	}
	assert.GreaterOrEqual(t, whole, 600)
}

func TestReadAllBackwards(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	_, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 600))
	require.NoError(t, err)
	var all []domain.Recorded
	for r, err := range client.ReadAll(t.Context(), domain.StartOfLog) {
		require.NoError(t, err)
		all = append(all, r)
	}
	for _, count := range []uint64{0, 1, 300, 600} {
		next := len(all)
		for r, err := range client.ReadAllBackwards(t.Context(), count) {
			require.NoError(t, err)
			next--
			require.Equal(t, all[next], r)
		}
		assert.EqualValues(t, count, len(all)-next)
	}
}

func TestServerVersion(t *testing.T) {
	v, err := connect(t, address(t), 5*time.Second).ServerVersion(t.Context())
	require.NoError(t, err)
	assert.True(t, v.AtLeast(23, 10), v.String())
	assert.False(t, v.AtLeast(v.Major, v.Minor+1))
	assert.False(t, v.AtLeast(v.Major+1, 0))
	_, err = connect(t, "esdb://127.0.0.1:1?tls=false", 100*time.Millisecond).ServerVersion(t.Context())
	assert.ErrorIs(t, err, domain.ErrUnavailable)
}

func TestFollow(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	stream := commandstest.NewStream()
	_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 3))
	require.NoError(t, err)
	next := uint64(1)
	for r, err := range client.Follow(soon(t), stream, next) {
		require.NoError(t, err)
		require.Equal(t, next, r.Revision)
		if next++; next == 10 {
			break
		}
		if next > 2 {
			_, err = client.Append(t.Context(), stream, int64(r.Revision), commandstest.Facts(int(next), 1))
			require.NoError(t, err)
		}
	}
	assert.EqualValues(t, 10, next, "an event did not come")
}

// soon is a context for what would otherwise wait for ever.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestStreamDeletedForGood(t *testing.T) {
	server := address(t)
	client := connect(t, server, 5*time.Second)
	stream := commandstest.NewStream()
	_, err := client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 1))
	require.NoError(t, err)
	tombstone(t, server, stream)

	_, err = client.Append(t.Context(), stream, 0, commandstest.Facts(1, 1))
	require.ErrorIs(t, err, eventstoredb.ErrStreamDeleted)
	for _, err := range client.Read(t.Context(), stream, 0) {
		require.ErrorIs(t, err, eventstoredb.ErrStreamDeleted)
	}
	for _, err := range client.Follow(soon(t), stream, 0) {
		require.ErrorIs(t, err, eventstoredb.ErrStreamDeleted)
	}
}

func tombstone(t *testing.T, server, stream string) {
	t.Helper()
	cfg, err := esdb.ParseConnectionString(server)
	require.NoError(t, err)
	cfg.Logger = nil
	bare, err := esdb.NewClient(cfg)
	require.NoError(t, err)
	defer func() { _ = bare.Close() }()
	_, err = bare.TombstoneStream(t.Context(), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	require.NoError(t, err)
}
