package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

const (
	benchData     = 300
	benchMetadata = 80
)

func benchEvents(n int) []esdb.EventData {
	events := make([]esdb.EventData, n)
	for i := range events {
		events[i] = esdb.EventData{
			EventID: uuid.New(), EventType: "deal.moved.v1", ContentType: esdb.ContentTypeJson,
			Data:     bytes.Repeat([]byte("d"), benchData),
			Metadata: bytes.Repeat([]byte("m"), benchMetadata),
		}
	}
	return events
}

func openBench(b *testing.B) *esdb.Client {
	b.Helper()
	node, err := eventstore.Open(eventstore.Config{Dir: b.TempDir()})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, node.Close(context.Background())) })
	return connect(b, node.ConnectionString())
}

func connect(tb testing.TB, connection string) *esdb.Client {
	tb.Helper()
	config, err := esdb.ParseConnectionString(connection)
	require.NoError(tb, err)
	config.Logger = nil
	client, err := esdb.NewClient(config)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// BenchmarkAppend is one event per call, durable, by so many callers at once.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			client := openBench(b)
			var streams atomic.Int64
			b.SetParallelism(max(1, callers/2)) // times GOMAXPROCS, on the two cores this is measured on
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					stream := fmt.Sprintf("deal-%d", streams.Add(1))
					_, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, benchEvents(1)...)
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
		})
	}
}

// BenchmarkAppendMany is 100 events per call.
func BenchmarkAppendMany(b *testing.B) {
	client := openBench(b)
	for b.Loop() {
		_, err := client.AppendToStream(context.Background(), uuid.NewString(), esdb.AppendToStreamOptions{}, benchEvents(100)...)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.N*100)/b.Elapsed().Seconds(), "events/s")
}

func fill(b *testing.B, client *esdb.Client, streams, perStream int) {
	b.Helper()
	for i := range streams {
		_, err := client.AppendToStream(context.Background(), fmt.Sprintf("filled-%d", i), esdb.AppendToStreamOptions{}, benchEvents(perStream)...)
		require.NoError(b, err)
	}
}

func drain(b *testing.B, read func() (*esdb.ReadStream, error)) int {
	b.Helper()
	events, err := read()
	require.NoError(b, err)
	defer events.Close()
	for n := 0; ; n++ {
		if _, err := events.Recv(); err != nil {
			if !errors.Is(err, io.EOF) {
				require.NoError(b, err)
			}
			return n
		}
	}
}

// BenchmarkReadAll drains 200,000 events.
func BenchmarkReadAll(b *testing.B) {
	client, total := openBench(b), 0
	fill(b, client, 2_000, 100)
	b.ResetTimer()
	for range b.N {
		total += drain(b, func() (*esdb.ReadStream, error) {
			return client.ReadAll(context.Background(), esdb.ReadAllOptions{}, math.MaxUint64)
		})
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkSubscribeToAll catches up with 200,000 events.
func BenchmarkSubscribeToAll(b *testing.B) {
	client, total := openBench(b), 0
	fill(b, client, 2_000, 100)
	b.ResetTimer()
	for range b.N {
		subscription, err := client.SubscribeToAll(context.Background(), esdb.SubscribeToAllOptions{
			From: esdb.Start{}, Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"deal."}},
			MaxSearchWindow: 512, CheckpointInterval: 1,
		})
		require.NoError(b, err)
		for {
			event := subscription.Recv()
			require.Nil(b, event.SubscriptionDropped)
			if event.EventAppeared != nil {
				total++
			}
			if event.CaughtUp != nil {
				break
			}
		}
		require.NoError(b, subscription.Close())
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReadStream reads one stream of 10,000 events, and of one.
func BenchmarkReadStream(b *testing.B) {
	for _, length := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("events=%d", length), func(b *testing.B) {
			client, total := openBench(b), 0
			fill(b, client, 1, length)
			b.ResetTimer()
			for range b.N {
				total += drain(b, func() (*esdb.ReadStream, error) {
					return client.ReadStream(context.Background(), "filled-0", esdb.ReadStreamOptions{}, math.MaxUint64)
				})
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkSync is the bare cost of making a small write durable on the disk the other benchmarks use.
func BenchmarkSync(b *testing.B) {
	file, err := os.CreateTemp(b.TempDir(), "sync")
	require.NoError(b, err)
	defer func() { require.NoError(b, file.Close()) }()
	block := make([]byte, 1024)
	for b.Loop() {
		_, err := file.Write(block)
		require.NoError(b, err)
		require.NoError(b, file.Sync())
	}
}
