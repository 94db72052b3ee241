package projections_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// historyOf answers about the past of a log, at noon of 1 July 2024.
func historyOf(t *testing.T, events ...domain.Recorded) projections.History {
	t.Helper()
	return projections.History{
		Streams: projections.NewStreams(&projectionstest.Log{Events: events}, 0),
		Views:   projectionstest.Given(t, projections.All, events...),
		Policy:  func() policy.Policy { return policy.Policy{} },
		Now:     func() time.Time { return day("2024-07-01").Add(12 * time.Hour) },
	}
}

func kind(name string) *projections.Kind { return projections.Kinds()[name] }

func tell(t *testing.T, h projections.History, of, id string, f projections.HistoryFilter) projections.Told {
	t.Helper()
	told, err := h.Tell(t.Context(), kind(of), id, f)
	require.NoError(t, err)
	return told
}

func types(entries []projections.HistoryEntry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Type
	}
	return names
}

// Whatever is in the log, live documents and those folded anew are the same.
func TestTheLastDocumentIsTheLiveOne(t *testing.T) {
	events := slices.Concat(customerHistory())
	h := historyOf(t, events...)
	for of, ids := range map[string][]string{"customers": {"a", "b", "c"}, "deals": {"d1", "d2", "d3"}, "tickets": {"t1"}} {
		for _, id := range ids {
			live, err := h.Views.Document(t.Context(), kind(of).Model, id)
			require.NoError(t, err)
			again, err := h.Document(t.Context(), kind(of), id, projections.Point{})
			require.NoError(t, err, "%s %s", of, id)
			assert.JSONEq(t, string(live), string(again))
		}
	}
}

func TestHistoryTellsWhatChanged(t *testing.T) {
	h := historyOf(t, customerHistory()...)
	told := tell(t, h, "customers", "a", projections.HistoryFilter{Order: "oldest", Paging: projections.Paging{Limit: 200}})
	assert.Equal(t, projections.Record{Kind: "customers", ID: "a", Title: "Acme Pumps"}, told.Record)
	assert.Equal(t, len(told.Items), told.Total)
	byType := map[string]projections.HistoryEntry{}
	for _, e := range told.Items {
		byType[e.Type] = e
	}
	changed := func(name string) []string {
		var all []string
		for _, c := range byType[name].Changes {
			all = append(all, fmt.Sprintf("%s %s: %v -> %v", c.Record, c.Field, c.From, c.To))
		}
		return all
	}
	assert.Equal(t, []string{"customer-a owner: alice -> bob"}, changed("customer.owner_assigned.v1"))
	assert.Equal(t, []string{"customer-a contacts[k1].confirmations: 1 -> 2", "customer-a contacts[k1].verified: false -> true"}, changed("customer.contact_verified.v1"))
	assert.Equal(t, []string{
		"customer-a birthday: <nil> -> 1990-02-03", "customer-a external_id: x-a -> <nil>", "customer-a region: east -> west",
	}, changed("customer.details_changed.v1"))
	assert.Equal(t, []string{"customer-a contacts[k2]: map[contact_id:k2 kind:phone value:021 verified:false] -> <nil>"}, changed("customer.contact_removed.v1"))
	assert.Contains(t, changed("deal.won.v1"), "deal-d1 status: open -> won")
	assert.Contains(t, changed("deal.won.v1"), "customer-a deals.won: 0 -> 1", "what a deal changes on the card of its customer")
	won := byType["deal.won.v1"]
	assert.Equal(t, "deals", won.Record.Kind)
	assert.Equal(t, domain.Actor{ID: "alice", Role: "sales"}, won.Actor)
	assert.JSONEq(t, `"d1"`, string(field(t, won.Data, "deal_id")))
}

func field(t *testing.T, document []byte, name string) json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(document, &fields))
	return fields[name]
}

// d1 went from customer a to b: a's story has it up to then, b's all of it.
func TestHistoryHasWhatBelongedEarlier(t *testing.T) {
	events := slices.Concat(customerHistory())
	after := projectionstest.History(append(make([]projectionstest.Fact, len(events)), of("d1", deal.Reopened{DealID: "d1", CustomerID: "b", From: "won"}))...)
	reopened := after[len(events)]
	reopened.Revision = 3
	h := historyOf(t, append(events, reopened)...)
	ofD1 := projections.HistoryFilter{Order: "oldest", Stream: "deal-d1"}
	told := tell(t, h, "customers", "a", ofD1)
	assert.Equal(t, []string{"deal.opened.v1", "deal.won.v1", "deal.details_changed.v1"}, types(told.Items))
	told = tell(t, h, "customers", "b", ofD1)
	assert.Equal(t, []string{"deal.opened.v1", "deal.won.v1", "deal.details_changed.v1", "deal.reopened.v1"}, types(told.Items))
	before := projections.PointFilter{AsOf: events[20].RecordedAt}
	ofD1.PointFilter = before
	assert.Empty(t, tell(t, h, "customers", "b", ofD1).Items, "then it was no deal of b's")
}

func TestHistoryInPages(t *testing.T) {
	h := historyOf(t, customerHistory()...)
	for _, order := range []string{"newest", "oldest"} {
		all := tell(t, h, "customers", "a", projections.HistoryFilter{Order: order, Paging: projections.Paging{Limit: 200}})
		f := projections.HistoryFilter{Order: order, Paging: projections.Paging{Limit: 3}}
		var paged []projections.HistoryEntry
		for {
			page := tell(t, h, "customers", "a", f)
			assert.Equal(t, all.Total, page.Total)
			paged = append(paged, page.Items...)
			if f.Cursor = page.Next; f.Cursor == "" {
				break
			}
			assert.Len(t, page.Items, 3)
		}
		assert.Equal(t, all.Items, paged)
		record, entries, err := h.All(t.Context(), kind("customers"), "a", projections.HistoryFilter{Order: order})
		require.NoError(t, err)
		assert.Equal(t, all.Record, record)
		var exported []projections.HistoryEntry
		for e, err := range entries {
			require.NoError(t, err)
			exported = append(exported, e)
		}
		assert.Equal(t, all.Items, exported)
	}
}

func TestHistoryFilters(t *testing.T) {
	events := customerHistory()
	for i := range events {
		events[i].Meta.CausationID, events[i].Meta.Command = fmt.Sprint("c", i/2), "do"
		events[i].Meta.OccurredAt = events[i].RecordedAt.Add(-time.Hour)
	}
	events[5].Meta.Actor = domain.Actor{ID: "bob", Role: "service"}
	h := historyOf(t, events...)
	total := tell(t, h, "customers", "a", projections.HistoryFilter{}).Total
	at := events[5].RecordedAt
	for name, test := range map[string]struct {
		f    projections.HistoryFilter
		want int
	}{
		"actor":               {projections.HistoryFilter{Actor: "bob"}, 1},
		"role":                {projections.HistoryFilter{Role: "service"}, 1},
		"type":                {projections.HistoryFilter{Type: "customer.contact_added.v1"}, 2},
		"type without number": {projections.HistoryFilter{Type: "customer.contact_added"}, 2},
		"category":            {projections.HistoryFilter{Type: "deal"}, total - 15 - 1},
		"part of a word":      {projections.HistoryFilter{Type: "customer.contact"}, 0},
		"stream":              {projections.HistoryFilter{Stream: "deal-d3"}, 4},
		"causation":           {projections.HistoryFilter{CausationID: "c2"}, 2},
		"recorded":            {projections.HistoryFilter{RecordedFrom: at, RecordedTo: at.Add(time.Minute)}, 1},
		"occurred":            {projections.HistoryFilter{OccurredFrom: at, OccurredTo: at.Add(time.Minute)}, 0},
		"nothing fits":        {projections.HistoryFilter{Actor: "nobody"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			told := tell(t, h, "customers", "a", test.f)
			assert.Equal(t, test.want, told.Total)
			assert.Len(t, told.Items, test.want)
			assert.NotNil(t, told.Items)
		})
	}
}

func TestHistoryRefusals(t *testing.T) {
	h := historyOf(t, customerHistory()...)
	first := tell(t, h, "customers", "a", projections.HistoryFilter{Paging: projections.Paging{Limit: 2}})
	long := day("2020-01-01")
	for name, test := range map[string]struct {
		id   string
		f    projections.HistoryFilter
		want error
	}{
		"unknown id":       {"zz", projections.HistoryFilter{}, kind("customers").Missing},
		"not then":         {"a", projections.HistoryFilter{PointFilter: projections.PointFilter{AsOf: long}}, projections.ErrNotThen},
		"not known then":   {"a", projections.HistoryFilter{PointFilter: projections.PointFilter{KnownAt: long}}, projections.ErrNotThen},
		"future":           {"a", projections.HistoryFilter{PointFilter: projections.PointFilter{AsOf: day("2030-01-01")}}, projections.ErrAsOfFuture},
		"known in future":  {"a", projections.HistoryFilter{PointFilter: projections.PointFilter{KnownAt: day("2030-01-01")}}, projections.ErrAsOfFuture},
		"interval":         {"a", projections.HistoryFilter{OccurredFrom: day("2024-05-02"), OccurredTo: long}, projections.ErrInterval},
		"another filter":   {"a", projections.HistoryFilter{Actor: "alice", Paging: projections.Paging{Cursor: first.Next}}, projections.ErrCursor},
		"another record":   {"b", projections.HistoryFilter{Paging: projections.Paging{Cursor: first.Next}}, projections.ErrCursor},
		"another order":    {"a", projections.HistoryFilter{Order: "oldest", Paging: projections.Paging{Cursor: first.Next}}, projections.ErrCursor},
		"cursor made up":   {"a", projections.HistoryFilter{Paging: projections.Paging{Cursor: "abc"}}, projections.ErrCursor},
		"cursor no base64": {"a", projections.HistoryFilter{Paging: projections.Paging{Cursor: "%"}}, projections.ErrCursor},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Tell(t.Context(), kind("customers"), test.id, test.f)
			require.ErrorIs(t, err, test.want)
			if errors.Is(err, projections.ErrNotThen) {
				told, _ := errors.AsType[*domain.Error](err)
				assert.NotNil(t, told.Details, "since when it is known")
			}
		})
	}
}
