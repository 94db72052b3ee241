package conformance_test

import (
	"context"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heard is one thing a subscription said.
type heard struct {
	revision   int64
	caughtUp   bool
	checkpoint *esdb.Position
	event      *esdb.RecordedEvent
}

func next(t *testing.T, s *esdb.Subscription) heard {
	t.Helper()
	e := s.Recv()
	if dropped := e.SubscriptionDropped; dropped != nil {
		require.NoError(t, dropped.Error, "the subscription was dropped")
	}
	switch {
	case e.EventAppeared != nil:
		original := e.EventAppeared.OriginalEvent()
		return heard{revision: int64(original.EventNumber), event: original}
	case e.CaughtUp != nil:
		return heard{caughtUp: true, revision: -1}
	case e.CheckPointReached != nil:
		return heard{checkpoint: e.CheckPointReached, revision: -1}
	}
	require.Fail(t, "the subscription said something unknown")
	return heard{}
}

// untilCaughtUp returns the events before the subscription went live.
func untilCaughtUp(t *testing.T, s *esdb.Subscription) (found []*esdb.RecordedEvent, checkpoints []esdb.Position) {
	t.Helper()
	for {
		h := next(t, s)
		switch {
		case h.caughtUp:
			return found, checkpoints
		case h.checkpoint != nil:
			checkpoints = append(checkpoints, *h.checkpoint)
		default:
			found = append(found, h.event)
		}
	}
}

func nextEvent(t *testing.T, s *esdb.Subscription) *esdb.RecordedEvent {
	t.Helper()
	for {
		if h := next(t, s); h.event != nil {
			return h.event
		}
	}
}

func subscribe(t *testing.T, client *esdb.Client, stream string, from esdb.StreamPosition) *esdb.Subscription {
	t.Helper()
	s, err := client.SubscribeToStream(within(t), stream, esdb.SubscribeToStreamOptions{From: from})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func subscribeToAll(t *testing.T, client *esdb.Client, o esdb.SubscribeToAllOptions) *esdb.Subscription {
	t.Helper()
	s, err := client.SubscribeToAll(within(t), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSubscribeToStream(t *testing.T) {
	client := connect(t)
	for name, c := range map[string]struct {
		from esdb.StreamPosition
		want int // events before it is live
	}{
		"from the start":          {esdb.Start{}, 3},
		"after a revision":        {esdb.Revision(0), 2},
		"after the last revision": {esdb.Revision(2), 0},
		"from the end":            {esdb.End{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			stream := newStream()
			wrote(t, client, stream, events(3)...)
			s := subscribe(t, client, stream, c.from)
			found, checkpoints := untilCaughtUp(t, s)
			assert.Len(t, found, c.want)
			assert.Empty(t, checkpoints, "checkpoints belong to filtered subscriptions")
			wrote(t, client, stream, event("live"))
			assert.EqualValues(t, 3, nextEvent(t, s).EventNumber)
		})
	}
}

func TestSubscribeToAnAbsentStreamWaits(t *testing.T) {
	client, stream := connect(t), newStream()
	fromStart, fromEnd := subscribe(t, client, stream, esdb.Start{}), subscribe(t, client, stream, esdb.End{})
	wrote(t, client, stream, event("first"))
	assert.Zero(t, nextEvent(t, fromStart).EventNumber)
	assert.Zero(t, nextEvent(t, fromEnd).EventNumber)
}

func TestSubscriptionGoesOnWithAStreamThatComesBack(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(2)...)
	s := subscribe(t, client, stream, esdb.Start{})
	found, _ := untilCaughtUp(t, s)
	require.Len(t, found, 2)
	_, err := client.DeleteStream(within(t), stream, esdb.DeleteStreamOptions{})
	require.NoError(t, err)
	wrote(t, client, stream, event("back"))
	assert.EqualValues(t, 2, nextEvent(t, s).EventNumber)
}

func TestSubscriptionEndsWhenClosed(t *testing.T) {
	client, stream := connect(t), newStream()
	s := subscribe(t, client, stream, esdb.Start{})
	_, _ = untilCaughtUp(t, s)
	require.NoError(t, s.Close())
	assert.NotNil(t, s.Recv().SubscriptionDropped)

	ctx, cancel := context.WithCancel(context.Background())
	s, err := client.SubscribeToStream(ctx, stream, esdb.SubscribeToStreamOptions{})
	require.NoError(t, err)
	_, _ = untilCaughtUp(t, s)
	cancel()
	assert.NotNil(t, s.Recv().SubscriptionDropped)
}

func TestSubscribeToAllIsExclusiveAndComplete(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, events(3)...)
	mine := readStream(t, client, stream, esdb.ReadStreamOptions{})
	s := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: mine[0].Event.Position})
	assert.Equal(t, mine[1].Event.EventID, nextEvent(t, s).EventID)
	assert.Equal(t, mine[2].Event.EventID, nextEvent(t, s).EventID)
}

func TestSubscribeToAllFromTheEnd(t *testing.T) {
	client, stream := connect(t), newStream()
	wrote(t, client, stream, event("before"))
	s := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: esdb.End{}})
	after := event("after")
	wrote(t, client, stream, after)
	for {
		e := nextEvent(t, s)
		require.NotEqual(t, "before", e.EventType)
		if e.EventID == after.EventID {
			return
		}
	}
}

// Whether an event is read from storage or handed on live, it comes once and in order.
func TestSubscriptionMissesNothingUnderLoad(t *testing.T) {
	client, prefix := connect(t), newStream()
	const writers, perWriter = 8, 200
	filter := &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{prefix}}
	early := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: esdb.End{}, Filter: filter})
	for w := range writers {
		go func() {
			stream := prefix + string(rune('a'+w))
			for range perWriter {
				if _, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{}, event("happened")); !assert.NoError(t, err) {
					return
				}
			}
		}()
	}
	late := subscribeToAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: filter})
	for _, s := range []*esdb.Subscription{early, late} {
		position, counts := uint64(0), map[string]uint64{}
		for range writers * perWriter {
			e := nextEvent(t, s)
			require.Greater(t, e.Position.Commit, position)
			require.Equal(t, counts[e.StreamID], e.EventNumber, e.StreamID)
			position = e.Position.Commit
			counts[e.StreamID]++
		}
	}
}
