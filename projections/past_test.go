package projections_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// After each event the live document is kept, and found again: by revision and
// by what was known then (ES-01).
func TestAsOfIsWhatReadersSaw(t *testing.T) {
	events := customerHistory()
	h := historyOf(t, events...)
	for n := 2; n <= len(events); n++ {
		then := projectionstest.Given(t, projections.All, events[:n]...)
		for of, ids := range map[string][]string{"customers": {"a", "b"}, "deals": {"d1", "d3"}, "tickets": {"t1"}} {
			for _, id := range ids {
				live, err := then.Document(t.Context(), kind(of).Model, id)
				require.NoError(t, err)
				past, err := h.Document(t.Context(), kind(of), id, projections.Point{KnownAt: events[n-1].RecordedAt})
				if errors.Is(err, projections.ErrNotThen) {
					var head projections.Head
					if live != nil {
						require.NoError(t, json.Unmarshal(live, &head))
					}
					assert.Empty(t, head.ID, "it was not there")
					continue
				}
				require.NoError(t, err)
				require.JSONEq(t, string(live), string(past), "%s %s after %d", of, id, n)
			}
		}
		last := events[n-1]
		if last.Stream == "deal-d1" {
			past, err := h.Document(t.Context(), kind("deals"), "d1", projections.Point{Revision: &last.Revision})
			require.NoError(t, err)
			live, err := then.Document(t.Context(), projections.DealModel, "d1")
			require.NoError(t, err)
			assert.JSONEq(t, string(live), string(past))
		}
	}
}

// A payment of March that was entered in April shows as of March if what is
// known now counts, and not if only what was known in March does (ES-02).
func TestBackDatedFact(t *testing.T) {
	money := func(minor int64) domain.Money { return domain.Money{Minor: minor, Currency: "CNY"} }
	events := projectionstest.History(
		projectionstest.Fact{Stream: "deal-d", Event: deal.Opened{DealID: "d", Amount: money(900)}, At: day("2024-03-01")},
		projectionstest.Fact{Stream: "deal-d", Event: deal.PaymentReceived{DealID: "d", PaidTotal: money(500)}, At: day("2024-04-05")},
	)
	events[1].Meta.OccurredAt = day("2024-03-20")
	h := historyOf(t, events...)
	endOfMarch := day("2024-03-31")
	for name, test := range map[string]struct {
		at   projections.Point
		paid string
	}{
		"as known on 31 March":            {projections.Point{AsOf: endOfMarch, KnownAt: endOfMarch}, ""},
		"31 March as known now":           {projections.Point{AsOf: endOfMarch}, `{"minor":500,"currency":"CNY"}`},
		"before it happened":              {projections.Point{AsOf: day("2024-03-19")}, ""},
		"to the millisecond it was taken": {projections.Point{KnownAt: day("2024-04-05")}, `{"minor":500,"currency":"CNY"}`},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := h.Document(t.Context(), kind("deals"), "d", test.at)
			require.NoError(t, err)
			assert.Equal(t, test.paid, string(field(t, document, "paid")))
		})
	}
	d, err := h.Diff(t.Context(), kind("deals"), "d", projections.Point{AsOf: endOfMarch, KnownAt: endOfMarch}, projections.Point{AsOf: endOfMarch})
	require.NoError(t, err)
	assert.Equal(t, []string{"deal.payment_received.v1"}, types(d.Events))
	assert.Equal(t, 1, d.Total)
	assert.Equal(t, "paid.minor", d.Changes[1].Field)
}

func TestDifference(t *testing.T) {
	events := customerHistory()
	h := historyOf(t, events...)
	first, last := uint64(0), uint64(12)
	d, err := h.Diff(t.Context(), kind("customers"), "a", projections.Point{Revision: &first}, projections.Point{Revision: &last})
	require.NoError(t, err)
	assert.True(t, d.From.Existed)
	assert.Equal(t, last, d.To.Revision)
	changes := map[string]any{}
	for _, c := range d.Changes {
		changes[c.Field] = c.To
	}
	assert.Equal(t, "bob", changes["owner"])
	assert.Equal(t, "west", changes["region"])
	assert.Len(t, d.Events, d.Total)

	back, err := h.Diff(t.Context(), kind("customers"), "a", projections.Point{Revision: &last}, projections.Point{Revision: &first})
	require.NoError(t, err)
	assert.Equal(t, d.Total, back.Undone)
	assert.Empty(t, back.Events)
	assert.Len(t, back.Changes, len(d.Changes))

	none, err := h.Diff(t.Context(), kind("customers"), "a", projections.Point{KnownAt: day("2020-01-01")}, projections.Point{})
	require.NoError(t, err)
	assert.False(t, none.From.Existed)
	assert.Contains(t, none.Changes, projections.Change{Record: "customer-a", Field: "name", To: "Acme Pumps"})

	missing := uint64(99)
	_, err = h.Diff(t.Context(), kind("customers"), "a", projections.Point{Revision: &missing}, projections.Point{})
	require.ErrorIs(t, err, projections.ErrNoRevision)
	_, err = h.Diff(t.Context(), kind("customers"), "a", projections.Point{Revision: &first, AsOf: day("2024-05-01")}, projections.Point{})
	require.ErrorIs(t, err, projections.ErrTwoPoints)
	_, err = h.Diff(t.Context(), kind("customers"), "zz", projections.Point{}, projections.Point{})
	require.ErrorIs(t, err, kind("customers").Missing)
}

func TestWhatBelongedThen(t *testing.T) {
	events := customerHistory()
	h := historyOf(t, events...)
	held := func(id string, f projections.HeldFilter) (ids []string, list projections.List) {
		list, err := h.Held(t.Context(), kind("customers"), id, kind("deals"), f)
		require.NoError(t, err)
		for _, item := range list.Items {
			var head projections.Head
			require.NoError(t, json.Unmarshal(item, &head))
			ids = append(ids, head.ID)
		}
		return ids, list
	}
	now, _ := held("a", projections.HeldFilter{})
	assert.Equal(t, []string{"d3"}, now)
	before := projections.PointFilter{KnownAt: events[25].RecordedAt}
	then, list := held("a", projections.HeldFilter{PointFilter: before})
	assert.Equal(t, []string{"d1", "d3"}, then, "before d1 went to b")
	assert.EqualValues(t, 2, list.Total)
	at := slices.IndexFunc(then, func(id string) bool { return id == "d1" })
	assert.JSONEq(t, `"won"`, string(field(t, list.Items[at], "status")))

	one := projections.HeldFilter{PointFilter: before, Paging: projections.Paging{Limit: 1}}
	first, page := held("a", one)
	one.Cursor = page.Next
	second, page := held("a", one)
	assert.Equal(t, then, append(first, second...))
	assert.Empty(t, page.Next)
	one.AsOf = day("2024-06-01")
	_, err := h.Held(t.Context(), kind("customers"), "a", kind("deals"), one)
	require.ErrorIs(t, err, projections.ErrCursor)
}

// counted is a log that counts what is read from it.
type counted struct {
	projectionstest.Log
	events int
	err    error
}

func (c *counted) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		if c.err != nil {
			yield(domain.Recorded{}, c.err)
			return
		}
		for r, err := range c.Log.Read(ctx, stream, from) {
			c.events++
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestStreamsReadWhatIsNew(t *testing.T) {
	facts := make([]projectionstest.Fact, 30)
	for i := range facts {
		facts[i] = of(fmt.Sprint("d", i%3), deal.OwnerAssigned{DealID: "d", To: fmt.Sprint(i)})
	}
	events := projectionstest.History(facts...)
	log := &counted{Log: projectionstest.Log{Events: events[:24]}}
	s := projections.NewStreams(log, 20)
	read := func(stream string) []domain.Recorded {
		all, err := s.Of(t.Context(), stream)
		require.NoError(t, err)
		return all
	}
	assert.Len(t, read("deal-d0"), 8)
	assert.Len(t, read("deal-d0"), 8)
	assert.Equal(t, 8, log.events, "the second time nothing is new")
	log.Events = events
	assert.Len(t, read("deal-d0"), 10)
	assert.Equal(t, 10, log.events)
	some, err := s.UpTo(t.Context(), "deal-d0", 9)
	require.NoError(t, err)
	assert.Len(t, some, 10)
	_ = append(some, domain.Recorded{Stream: "mine"})
	assert.Len(t, read("deal-none"), 0)
	read("deal-d1")
	assert.Equal(t, 20, log.events)
	read("deal-d2")
	read("deal-d1")
	assert.Equal(t, 30, log.events, "still remembered")
	read("deal-d0")
	assert.Equal(t, 40, log.events, "forgotten to make room")
	log.err = errors.New("away")
	_, err = s.Of(t.Context(), "deal-d0")
	require.ErrorIs(t, err, log.err)
}

// An event that cannot be folded is told; what follows in its stream changes
// nothing, as in the live read model, where it is parked.
func TestUnreadableEventsAreTold(t *testing.T) {
	events := projectionstest.History(
		of("d", deal.Opened{DealID: "d", Stage: "lead"}),
		of("d", domain.Undecodable{Type: "deal.stage_moved.v9", Err: errors.New("from a newer version")}),
		of("d", deal.OwnerAssigned{DealID: "d", To: "bob"}),
	)
	told := tell(t, historyOf(t, events...), "deals", "d", projections.HistoryFilter{Order: "oldest"})
	require.Len(t, told.Items, 3)
	assert.Equal(t, "from a newer version", told.Items[1].Unreadable)
	assert.Nil(t, told.Items[1].Data)
	assert.NotEmpty(t, told.Items[2].Unreadable)
	assert.Empty(t, told.Items[2].Changes)
	assert.NotNil(t, told.Items[2].Data)
}

func TestCorrelationTree(t *testing.T) {
	events := projectionstest.History(
		of("d", deal.Opened{DealID: "d"}),
		of("d", deal.PaymentReceived{DealID: "d"}), of("d", deal.StageMoved{DealID: "d"}), of("d", deal.Won{DealID: "d"}),
		of("d", deal.OwnerAssigned{DealID: "d"}), of("d", deal.AmountChanged{DealID: "d"}),
	)
	for i, meta := range []domain.Meta{
		{CausationID: "open", CorrelationID: "open"},
		{CausationID: "pay", CorrelationID: "pay"},
		{CausationID: "pay", CorrelationID: "pay"},
		{CausationID: "pay", CorrelationID: "pay"},
		{CausationID: "hand-over", CorrelationID: "pay"},
		{CausationID: events[3].ID, CorrelationID: "campaign"},
	} {
		events[i].Meta.CausationID, events[i].Meta.CorrelationID = meta.CausationID, meta.CorrelationID
	}
	told := tell(t, historyOf(t, events...), "deals", "d", projections.HistoryFilter{Order: "oldest"})
	assert.Equal(t, projections.Step{Number: 2, Of: 3}, told.Items[2].Step)
	assert.Equal(t, []string{"hand-over", events[3].ID}, told.Items[2].LedTo)
	assert.Equal(t, "pay", told.Items[4].CausedBy)
	assert.Equal(t, "pay", told.Items[5].CausedBy, "by way of the event it names")
	assert.Empty(t, told.Items[0].LedTo)
	assert.Empty(t, told.Items[1].CausedBy)
}

func TestClocksThatDiffer(t *testing.T) {
	h := historyOf(t, customerHistory()...)
	_, err := h.Document(t.Context(), kind("customers"), "a", projections.Point{AsOf: h.Now().Add(30 * time.Second)})
	require.NoError(t, err, "a caller whose clock is a little ahead asks for now")
}
