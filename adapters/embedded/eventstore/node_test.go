package eventstore_test

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

const patience = 20 * time.Second

func open(tb testing.TB, c eventstore.Config) *eventstore.Node {
	tb.Helper()
	node, err := eventstore.Open(c)
	require.NoError(tb, err)
	tb.Cleanup(func() { stop(tb, node) })
	return node
}

func stop(tb testing.TB, node *eventstore.Node) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(tb, node.Close(ctx))
}

func event() esdb.EventData {
	return esdb.EventData{EventID: uuid.New(), EventType: "happened", ContentType: esdb.ContentTypeJson, Data: []byte("{}")}
}

func read(tb testing.TB, client *esdb.Client, stream string) []*esdb.ResolvedEvent {
	tb.Helper()
	found, err := client.ReadStream(context.Background(), stream, esdb.ReadStreamOptions{}, math.MaxUint64)
	require.NoError(tb, err)
	defer found.Close()
	var out []*esdb.ResolvedEvent
	for {
		e, err := found.Recv()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(tb, err)
		out = append(out, e)
	}
}

func TestDataOutlivesTheNode(t *testing.T) {
	dir, mine := t.TempDir(), event()
	first := open(t, eventstore.Config{Dir: dir})
	client := connect(t, first.ConnectionString())
	for _, stream := range []string{"kept", "other"} {
		_, err := client.AppendToStream(t.Context(), stream, esdb.AppendToStreamOptions{}, event(), event())
		require.NoError(t, err)
	}
	before, err := client.AppendToStream(t.Context(), "kept", esdb.AppendToStreamOptions{}, mine)
	require.NoError(t, err)
	_, err = client.DeleteStream(t.Context(), "other", esdb.DeleteStreamOptions{})
	require.NoError(t, err)
	_, err = client.TombstoneStream(t.Context(), "ended", esdb.TombstoneStreamOptions{})
	require.NoError(t, err)
	position := first.Stats().Position
	stop(t, first)

	second := open(t, eventstore.Config{Dir: dir})
	assert.Equal(t, position, second.Stats().Position)
	client = connect(t, second.ConnectionString())
	assert.Len(t, read(t, client, "kept"), 3)

	again, err := client.AppendToStream(t.Context(), "kept", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, mine)
	require.NoError(t, err)
	assert.Equal(t, before, again, "a retry is known by its id after a restart too")

	back, err := client.AppendToStream(t.Context(), "other", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, event())
	require.NoError(t, err)
	assert.EqualValues(t, 2, back.NextExpectedVersion)
	assert.Greater(t, back.CommitPosition, position)
	_, err = client.AppendToStream(t.Context(), "ended", esdb.AppendToStreamOptions{}, event())
	require.Error(t, err)
	assert.Len(t, read(t, client, "$users"), 1, "the readiness stream is written once")
}

func TestDirectoryBelongsToOneNode(t *testing.T) {
	dir := t.TempDir()
	node := open(t, eventstore.Config{Dir: dir})
	_, err := eventstore.Open(eventstore.Config{Dir: dir})
	require.ErrorIs(t, err, eventstore.ErrInUse)
	assert.Contains(t, err.Error(), dir)
	stop(t, node)
	open(t, eventstore.Config{Dir: dir})
}

func TestOpenRefuses(t *testing.T) {
	_, err := eventstore.Open(eventstore.Config{})
	require.Error(t, err, "no directory")
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"} {
		_, err = eventstore.Open(eventstore.Config{InMemory: true, Listen: listen})
		require.ErrorIs(t, err, eventstore.ErrNotLoopback, listen)
	}
	_, err = eventstore.Open(eventstore.Config{InMemory: true, Listen: "nonsense"})
	require.Error(t, err)

	node := open(t, eventstore.Config{InMemory: true})
	_, err = eventstore.Open(eventstore.Config{Dir: t.TempDir(), Listen: node.Addr()})
	require.Error(t, err, "the address is taken")
	open(t, eventstore.Config{InMemory: true, Listen: "0.0.0.0:0", AllowRemote: true})
}

func TestCloseEndsSubscriptionsAndIsRepeatable(t *testing.T) {
	node := open(t, eventstore.Config{InMemory: true})
	client := connect(t, node.ConnectionString())
	subscription, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.NoError(t, err)
	for subscription.Recv().CaughtUp == nil {
	}
	stop(t, node)
	dropped := subscription.Recv().SubscriptionDropped
	require.NotNil(t, dropped)
	stop(t, node)
}

func TestCloseDoesNotWaitForAReaderThatStopped(t *testing.T) {
	node := open(t, eventstore.Config{InMemory: true})
	client := connect(t, node.ConnectionString())
	large := event()
	large.Data = make([]byte, 8<<20)
	large.ContentType = esdb.ContentTypeBinary
	for range 4 {
		large.EventID = uuid.New()
		_, err := client.AppendToStream(t.Context(), "large", esdb.AppendToStreamOptions{}, large)
		require.NoError(t, err)
	}
	stalled, err := client.ReadStream(t.Context(), "large", esdb.ReadStreamOptions{}, math.MaxUint64)
	require.NoError(t, err)
	defer stalled.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.NoError(t, node.Close(ctx))
}

// What a slow reader has not taken must cost the writers nothing, and the reader nothing but time.
func TestSlowReaderHoldsNobodyUp(t *testing.T) {
	node := open(t, eventstore.Config{InMemory: true})
	address := node.ConnectionString()
	slow, err := connect(t, address).SubscribeToStream(t.Context(), "large", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	require.NoError(t, err)
	all, err := connect(t, address).SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.End{}})
	require.NoError(t, err)
	for _, s := range []*esdb.Subscription{slow, all} {
		for s.Recv().CaughtUp == nil {
		}
	}
	client := connect(t, address)
	const appends = 40
	large := event()
	large.Data, large.ContentType = make([]byte, 1<<20), esdb.ContentTypeBinary
	for range appends {
		large.EventID = uuid.New()
		_, err := client.AppendToStream(t.Context(), "large", esdb.AppendToStreamOptions{}, large)
		require.NoError(t, err)
	}
	for _, s := range []*esdb.Subscription{slow, all} {
		for i := range appends {
			e := s.Recv()
			require.Nil(t, e.SubscriptionDropped)
			require.NotNil(t, e.EventAppeared)
			require.EqualValues(t, i, e.EventAppeared.OriginalEvent().EventNumber)
		}
		assert.NotNil(t, s.Recv().CaughtUp, "it had fallen behind and is told that it has caught up")
	}
	assert.Len(t, read(t, client, "large"), appends)
}

func TestRunServesUntilToldToStop(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- eventstore.Run(ctx, eventstore.Config{Dir: dir}) }()
	cancel()
	require.NoError(t, <-done)
	open(t, eventstore.Config{Dir: dir})
	require.Error(t, eventstore.Run(t.Context(), eventstore.Config{Dir: dir}))
}

// A clock that tests move by hand.
type clock struct{ now chan time.Time }

func newClock(start time.Time) *clock {
	c := &clock{now: make(chan time.Time, 1)}
	c.now <- start
	return c
}

func (c *clock) Now() time.Time {
	now := <-c.now
	c.now <- now
	return now
}

func (c *clock) advance(by time.Duration) { c.now <- (<-c.now).Add(by) }

func TestEventsAge(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := newClock(start)
	node := open(t, eventstore.Config{InMemory: true, Now: now.Now})
	client := connect(t, node.ConnectionString())
	metadata := esdb.StreamMetadata{}
	metadata.SetMaxAge(time.Minute)
	_, err := client.SetStreamMetadata(t.Context(), "short", esdb.AppendToStreamOptions{}, metadata)
	require.NoError(t, err)
	for range 3 {
		_, err = client.AppendToStream(t.Context(), "short", esdb.AppendToStreamOptions{}, event())
		require.NoError(t, err)
		now.advance(25 * time.Second)
	}
	found := read(t, client, "short")
	require.Len(t, found, 2, "the first is 75 s old")
	assert.Equal(t, start.Add(25*time.Second), found[0].Event.CreatedDate)
	now.advance(time.Hour)
	assert.Empty(t, read(t, client, "short"), "all expired is empty, not absent")
	result, err := client.AppendToStream(t.Context(), "short", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(2)}, event())
	require.NoError(t, err)
	assert.EqualValues(t, 3, result.NextExpectedVersion)
	assert.Len(t, read(t, client, "short"), 1)
}

func TestWhatTheNodeDoesNotOffer(t *testing.T) {
	client := connect(t, open(t, eventstore.Config{InMemory: true}).ConnectionString())
	err := client.CreatePersistentSubscription(t.Context(), "s", "g", esdb.PersistentStreamSubscriptionOptions{})
	var e *esdb.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, esdb.ErrorCodeUnsupportedFeature, e.Code())
	_, err = client.ListAllPersistentSubscriptions(t.Context(), esdb.ListPersistentSubscriptionsOptions{})
	require.ErrorAs(t, err, &e)
	assert.Equal(t, esdb.ErrorCodeUnsupportedFeature, e.Code())
	err = esdb.NewProjectionClientFromExistingClient(client).Create(t.Context(), "p", "fromAll()", esdb.CreateProjectionOptions{})
	require.Error(t, err)
}

func TestAppendLargerThanAllowed(t *testing.T) {
	client := connect(t, open(t, eventstore.Config{InMemory: true, MaxAppendBytes: 1000}).ConnectionString())
	small := event()
	small.Data = make([]byte, 300)
	small.ContentType = esdb.ContentTypeBinary
	var events []esdb.EventData
	for range 500 {
		small.EventID = uuid.New()
		events = append(events, small)
	}
	_, err := client.AppendToStream(t.Context(), "bounded", esdb.AppendToStreamOptions{}, events...)
	require.ErrorContains(t, err, "1000 bytes")
	_, err = client.AppendToStream(t.Context(), "bounded", esdb.AppendToStreamOptions{}, events[:2]...)
	require.NoError(t, err)
}
