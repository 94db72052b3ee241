package eventstoredb_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

func pagesFrom(from domain.Position) eventstoredb.PagesConfig {
	return eventstoredb.PagesConfig{From: from}
}

// until receives pages up to the first that will do, and returns their events.
func until(t *testing.T, pages <-chan domain.Page, enough func(domain.Page) bool) []domain.Recorded {
	t.Helper()
	var got []domain.Recorded
	for {
		select {
		case page, open := <-pages:
			require.True(t, open, "pages ended")
			got = append(got, page.Events...)
			if enough(page) {
				return got
			}
		case <-time.After(20 * time.Second):
			require.FailNow(t, "no page came")
		}
	}
}

func TestPagesResumeAnywhere(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	stream := commandstest.NewStream()
	_, err = client.Append(t.Context(), stream, commands.NoStream, commandstest.Facts(0, 20))
	require.NoError(t, err)
	all := until(t, client.Pages(t.Context(), pagesFrom(start)), func(p domain.Page) bool { return p.CaughtUp })
	require.Len(t, all, 20)
	for i, r := range all {
		rest := until(t, client.Pages(t.Context(), pagesFrom(r.Position)), func(p domain.Page) bool { return p.CaughtUp })
		require.Len(t, rest, 19-i)
		if len(rest) > 0 {
			require.Equal(t, all[i+1], rest[0])
		}
	}
}

func TestPagesKeepTheirLimits(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	_, err = client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 100))
	require.NoError(t, err)
	for _, limit := range []eventstoredb.PagesConfig{
		{From: start, Size: 7, Linger: time.Minute},
		{From: start, Bytes: 1000, Linger: time.Minute},
		{From: start, Size: 1},
	} {
		t.Run(fmt.Sprintf("size %d bytes %d", limit.Size, limit.Bytes), func(t *testing.T) {
			at := start
			got := until(t, client.Pages(t.Context(), limit), func(p domain.Page) bool {
				assert.Equal(t, at, p.From)
				at = p.To
				if limit.Size > 0 {
					assert.LessOrEqual(t, len(p.Events), limit.Size)
				}
				if limit.Bytes > 0 {
					assert.Less(t, p.Bytes, limit.Bytes+500)
				}
				return p.CaughtUp
			})
			assert.Len(t, got, 100)
		})
	}
}

func TestPagesAreLive(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	pages := client.Pages(t.Context(), pagesFrom(start))
	until(t, pages, func(p domain.Page) bool { return p.CaughtUp })
	stream := commandstest.NewStream()
	for i := range 20 {
		done, err := client.Append(t.Context(), stream, int64(i)-1, commandstest.Facts(i, 1))
		require.NoError(t, err)
		until(t, pages, func(p domain.Page) bool {
			assert.True(t, p.CaughtUp)
			return p.To == done.Position
		})
	}
}

func TestPagesOfSomeTypesMoveOn(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	done, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 30))
	require.NoError(t, err)
	cfg := eventstoredb.PagesConfig{From: start, Types: []string{"suite.other.v1"}}
	got := until(t, client.Pages(t.Context(), cfg), func(p domain.Page) bool { return p.To.Compare(done.Position) >= 0 })
	assert.Empty(t, got)
}

// Whoever wants a type wants all its versions: older ones are upcast, and a
// newer one must not be passed over as if it were of no concern.
func TestPagesOfSomeTypesHoldAllTheirVersions(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	facts := commandstest.Facts(0, 3)
	facts[1].Event, facts[2].Event = foreign{kind: "suite.happened.v9"}, foreign{kind: "suite.happened_elsewhere.v1"}
	done, err := client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, facts)
	require.NoError(t, err)
	cfg := eventstoredb.PagesConfig{From: start, Types: []string{"suite.happened.v1"}}
	got := until(t, client.Pages(t.Context(), cfg), func(p domain.Page) bool { return p.To.Compare(done.Position) >= 0 })
	require.Len(t, got, 2)
	assert.Equal(t, "suite.happened.v9", got[1].Event.EventType())
}

func TestUnreadableEvents(t *testing.T) {
	server := address(t)
	client := connect(t, server, 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	stream := commandstest.NewStream()
	for i, bad := range []foreign{{kind: "suite.happened.v1", Number: "not a number"}, {kind: "suite.future.v9"}} {
		facts := commandstest.Facts(i, 1)
		facts[0].Event = bad
		_, err = client.Append(t.Context(), stream, int64(i)-1, facts)
		require.NoError(t, err)
	}
	for _, err := range client.Read(t.Context(), stream, 0) {
		require.ErrorContains(t, err, "event 0 of "+stream)
	}
	got := until(t, client.Pages(t.Context(), pagesFrom(start)), func(p domain.Page) bool { return p.CaughtUp })
	require.Len(t, got, 2)
	for i, name := range []string{"suite.happened.v1", "suite.future.v9"} {
		u, ok := got[i].Event.(domain.Undecodable)
		require.True(t, ok)
		assert.Equal(t, name, u.EventType())
		assert.Equal(t, stream, got[i].Stream)
		assert.Equal(t, "agent", got[i].Meta.Actor.Role)
	}
}

type foreign struct {
	kind   string
	Number string `json:"number"`
}

func (f foreign) EventType() string { return f.kind }

// A reader that hands events on wants their bytes, and types it does not know.
func TestPagesAsStored(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	start, err := client.LastPosition(t.Context())
	require.NoError(t, err)
	_, err = client.Append(t.Context(), commandstest.NewStream(), commands.NoStream, commandstest.Facts(0, 3))
	require.NoError(t, err)
	caughtUp := func(p domain.Page) bool { return p.CaughtUp }
	all := until(t, client.Pages(t.Context(), pagesFrom(start)), caughtUp)
	stored := until(t, client.Pages(t.Context(), eventstoredb.PagesConfig{From: start, Prefixes: []string{"suite."}, Stored: true}), caughtUp)
	require.Len(t, stored, 3)
	for i, r := range stored {
		as, ok := r.Event.(domain.AsStored)
		require.True(t, ok)
		assert.Equal(t, all[i].Event, as.Event)
		assert.True(t, json.Valid(as.Data))
		held, err := client.Holds(t.Context(), r.Position)
		require.NoError(t, err)
		assert.True(t, held)
	}
	none := until(t, client.Pages(t.Context(), eventstoredb.PagesConfig{From: start, Prefixes: []string{"other."}, Stored: true}), caughtUp)
	assert.Empty(t, none)
	for _, p := range []domain.Position{
		{Commit: stored[0].Position.Commit, Prepare: stored[0].Position.Prepare + 1<<40},
		{Commit: stored[2].Position.Commit + 1<<40, Prepare: stored[2].Position.Prepare + 1<<40},
	} {
		held, err := client.Holds(t.Context(), p)
		require.NoError(t, err)
		assert.False(t, held, p)
	}
}
