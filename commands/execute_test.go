package commands_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
)

func TestHotPathCostsOneRoundTrip(t *testing.T) {
	store := &counting{Memory: new(commandstest.Memory)}
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	store.reads = 0
	opened := openDeal(t, deals, fresh())
	_, err := deals.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "bob"})
	require.NoError(t, err)
	assert.Equal(t, 0, store.reads)
	assert.Equal(t, 2, store.appends)
}

func TestRepeatedCommandGetsTheFirstResult(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, deals, by("open"))
	assign := commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "bob"}
	back := commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "ann"}
	first, err := deals.Assign(t.Context(), by("assign"), assign)
	require.NoError(t, err)
	_, err = deals.Assign(t.Context(), by("back"), back)
	require.NoError(t, err)

	restarted := commands.Deals{Loop: loopOver(t, store, nil)}
	for name, handler := range map[string]commands.Deals{"same process": deals, "after a restart": restarted} {
		t.Run(name, func(t *testing.T) {
			again, err := handler.Assign(t.Context(), by("assign"), assign)
			require.NoError(t, err)
			assert.Equal(t, first, again)
			assert.Equal(t, opened, openDeal(t, handler, by("open")))
			assert.Len(t, store.Log(), 3)
		})
	}
}

func TestKeyOfAnotherRequestIsRefused(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, deals, by("open"))
	_, err := deals.Open(t.Context(), by("open"), commands.OpenDeal{Title: "something else"})
	require.ErrorIs(t, err, domain.ErrKeyReused)
	assign := commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "bob"}
	_, err = deals.Assign(t.Context(), by("open"), assign)
	require.ErrorIs(t, err, domain.ErrKeyReused)
	assert.Len(t, store.Log(), 1)
}

// Whoever brings in the same record of another system finds it there.
func TestExternalIDIsOpenedOnce(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	imported := commands.OpenDeal{Title: "200 workstations", ExternalID: "1C1I7A6R"}
	first, err := deals.Open(t.Context(), by("import"), imported)
	require.NoError(t, err)
	again, err := deals.Open(t.Context(), by("import"), imported)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	_, err = deals.Open(t.Context(), by("import by someone else"), imported)
	require.ErrorIs(t, err, deal.ErrExists)
	exists, ok := errors.AsType[*domain.Error](err)
	require.True(t, ok)
	assert.Equal(t, map[string]string{"id": first.ID}, exists.Details)
	assert.Len(t, store.Log(), 1)
}

func TestDecidesAgainAfterConflict(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, deals, fresh())
	rival := deal.OwnerAssigned{DealID: opened.ID, From: "ann", To: "carol"}
	store.BeforeAppend = func(stream string) error {
		if len(store.Log()) == 1 {
			store.Given(t, stream, rival)
		}
		return nil
	}
	_, err := deals.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "bob"})
	require.NoError(t, err)
	last, ok := store.Log()[2].Event.(deal.OwnerAssigned)
	require.True(t, ok)
	assert.Equal(t, "carol", last.From)
}

// Another process closed and reopened the deal: what this one remembers would
// be refused, what the log holds is not.
func TestRefusalOnAStaleStateIsNotBelieved(t *testing.T) {
	store := new(commandstest.Memory)
	here, there := commands.Deals{Loop: loopOver(t, store, nil)}, commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, here, fresh())
	ref := commands.DealRef{DealID: opened.ID}
	_, err := here.Lose(t.Context(), fresh(), commands.LoseDeal{DealRef: ref, Reason: "price"})
	require.NoError(t, err)
	_, err = there.Reopen(t.Context(), fresh(), commands.ReopenDeal{DealRef: ref, Reason: "they came back"})
	require.NoError(t, err)
	_, err = here.Win(t.Context(), fresh(), commands.WinDeal{DealRef: ref})
	require.NoError(t, err)
	_, err = there.Lose(t.Context(), fresh(), commands.LoseDeal{DealRef: ref, Reason: "price"})
	require.ErrorIs(t, err, deal.ErrClosed)
}

func TestConflictNamesWhatCameInBetween(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, deals, fresh())
	ref := commands.DealRef{DealID: opened.ID}
	_, err := deals.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: ref, Owner: "bob"})
	require.NoError(t, err)
	env := fresh()
	env.Expected = &opened.Revision
	_, err = deals.Assign(t.Context(), env, commands.AssignDeal{DealRef: ref, Owner: "carol"})
	require.ErrorIs(t, err, domain.ErrConflict)
	details, ok := err.(*domain.Error).Details.(map[string]any) //nolint:errorlint // the test wants it unwrapped
	require.True(t, ok)
	missed, ok := details["events"].([]commands.Between)
	require.True(t, ok)
	require.Len(t, missed, 1)
	assert.Equal(t, "deal.owner_assigned.v1", missed[0].Type)
	assert.Equal(t, "ann", missed[0].Actor)
}

// A busy process may get in first many times in a row.
func TestSlowProcessIsNotStarved(t *testing.T) {
	store := new(commandstest.Memory)
	here, busy := commands.Deals{Loop: loopOver(t, store, nil)}, commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, here, fresh())
	rivals := 0
	store.BeforeAppend = func(string) error {
		if rivals++; rivals > 20 {
			return nil
		}
		_, err := busy.SendQuote(t.Context(), fresh(), commands.SendQuote{
			DealRef: commands.DealRef{DealID: opened.ID}, Amount: domain.Money{Minor: int64(rivals), Currency: "CNY"},
		})
		return err
	}
	_, err := here.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: commands.DealRef{DealID: opened.ID}, Owner: "bob"})
	require.NoError(t, err)
}

func TestCommandsOnOneRecordQueueUp(t *testing.T) {
	store := new(commandstest.Memory)
	deals := commands.Deals{Loop: loopOver(t, store, nil)}
	opened := openDeal(t, deals, fresh())
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			_, err := deals.SendQuote(t.Context(), fresh(), commands.SendQuote{
				DealRef: commands.DealRef{DealID: opened.ID}, Amount: domain.Money{Minor: int64(i + 1), Currency: "CNY"},
			})
			assert.NoError(t, err)
		})
	}
	group.Wait()
	quotes := 0
	for _, e := range store.Events(opened.Stream) {
		if _, ok := e.(deal.QuoteSent); ok {
			quotes++
		}
	}
	assert.Equal(t, 64, quotes)
}

func TestFactsCannotLieInTheFuture(t *testing.T) {
	deals := commands.Deals{Loop: loopOver(t, new(commandstest.Memory), nil)}
	env := fresh()
	env.OccurredAt = now.Add(time.Hour)
	_, err := deals.Open(t.Context(), env, commands.OpenDeal{Title: "tomorrow"})
	require.ErrorIs(t, err, domain.ErrFuture)
}

// A time that was sent is never taken for none.
func TestFactsCannotLieBeforeAllTime(t *testing.T) {
	deals := commands.Deals{Loop: loopOver(t, new(commandstest.Memory), nil)}
	for _, at := range []time.Time{{}, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)} {
		env := fresh()
		env.OccurredAt = commands.At{OccurredAt: &at}.Occurred()
		_, err := deals.Open(t.Context(), env, commands.OpenDeal{Title: "long ago"})
		require.ErrorIs(t, err, domain.ErrTooEarly, at)
	}
}

func TestUnknownRecordIsMissing(t *testing.T) {
	deals := commands.Deals{Loop: loopOver(t, new(commandstest.Memory), nil)}
	_, err := deals.Assign(t.Context(), fresh(), commands.AssignDeal{DealRef: commands.DealRef{DealID: "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"}, Owner: "bob"})
	require.ErrorIs(t, err, deal.ErrNotFound)
}
