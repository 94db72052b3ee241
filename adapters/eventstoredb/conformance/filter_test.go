package conformance_test

import (
	"regexp"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFilters(t *testing.T) {
	client := connect(t)
	tag := "t" + uuid.NewString()
	customer, deal := "customer-"+tag, "deal-"+tag
	wrote(t, client, customer, event(tag+".customer.registered"), event(tag+".customer.renamed"))
	wrote(t, client, deal, event(tag+".deal.opened"))
	for name, c := range map[string]struct {
		filter esdb.SubscriptionFilter
		want   []string
	}{
		"type prefix":    {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{tag + ".customer."}}, []string{".customer.registered", ".customer.renamed"}},
		"type prefixes":  {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{tag + ".deal", tag + ".customer.ren"}}, []string{".customer.renamed", ".deal.opened"}},
		"type regex":     {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "^" + regexp.QuoteMeta(tag) + `\.(deal|customer)\.[or]`}, []string{".customer.registered", ".customer.renamed", ".deal.opened"}},
		"stream prefix":  {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{deal}}, []string{".deal.opened"}},
		"stream regex":   {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: regexp.QuoteMeta(tag) + "$"}, []string{".customer.registered", ".customer.renamed", ".deal.opened"}},
		"nothing at all": {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"nothing-" + tag}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &c.filter})
			found, checkpoints := untilCaughtUp(t, s)
			var types []string
			for _, e := range found {
				if e.StreamID == customer || e.StreamID == deal {
					types = append(types, e.EventType[len(tag):])
				}
			}
			assert.Equal(t, c.want, types)
			assert.NotEmpty(t, checkpoints, "going live says how far the log was looked through")
		})
	}
}

func TestSystemEventsCanBeLeftOut(t *testing.T) {
	client, stream := connect(t), newStream()
	describe(t, client, stream, func(m *esdb.StreamMetadata) { m.SetMaxCount(9) })
	wrote(t, client, stream, event("happened"))
	s := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: esdb.ExcludeSystemEventsFilter()})
	found, _ := untilCaughtUp(t, s)
	require.NotEmpty(t, found)
	for _, e := range found {
		require.NotEqual(t, byte('$'), e.EventType[0])
	}
}

func TestCheckpointsOfASparseFilter(t *testing.T) {
	client, stream := connect(t), newStream()
	rare := "rare-" + uuid.NewString()
	first := wrote(t, client, stream, event("start")).CommitPosition
	for range 10 {
		wrote(t, client, stream, events(100)...)
	}
	wrote(t, client, stream, event(rare))
	last := wrote(t, client, stream, events(100)...).CommitPosition

	s := subscribeToAll(t, client, esdb.SubscribeToAllOptions{
		From:            esdb.Position{Commit: first, Prepare: first},
		Filter:          &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{rare}},
		MaxSearchWindow: 50, CheckpointInterval: 2,
	})
	var checkpoints []esdb.Position
	var position, sent uint64
	for {
		h := next(t, s)
		if h.caughtUp {
			break
		}
		if h.event != nil {
			sent = h.event.Position.Commit
			continue
		}
		require.NotNil(t, h.checkpoint)
		require.GreaterOrEqual(t, h.checkpoint.Commit, position, "checkpoints never go back")
		require.GreaterOrEqual(t, h.checkpoint.Commit, sent, "nor behind an event that was sent")
		require.Positive(t, h.checkpoint.Prepare)
		position = h.checkpoint.Commit
		checkpoints = append(checkpoints, *h.checkpoint)
	}
	require.NotZero(t, sent, "the rare event arrived")
	assert.GreaterOrEqual(t, len(checkpoints), 11, "one for every 100 events looked at, one for going live")
	assert.GreaterOrEqual(t, position, last)

	again := subscribeToAll(t, client, esdb.SubscribeToAllOptions{
		From:   checkpoints[len(checkpoints)-1],
		Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{rare}},
	})
	found, _ := untilCaughtUp(t, again)
	assert.Empty(t, found, "what lies before a checkpoint need not be looked at again")
	expected := event(rare)
	wrote(t, client, stream, expected)
	assert.Equal(t, expected.EventID, nextEvent(t, again).EventID)
}
