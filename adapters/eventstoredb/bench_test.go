package eventstoredb_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

// bareClient is the driver without supervision: what the figures are held against.
func bareClient(b *testing.B, server string) *esdb.Client {
	b.Helper()
	cfg, err := esdb.ParseConnectionString(server)
	require.NoError(b, err)
	cfg.Logger = nil
	bare, err := esdb.NewClient(cfg)
	require.NoError(b, err)
	b.Cleanup(func() { _ = bare.Close() })
	return bare
}

func BenchmarkAppend(b *testing.B) {
	server := address(b)
	bare, client := bareClient(b, server), connect(b, server, 5*time.Second)
	fact := commandstest.Facts(0, 1)[0]
	for _, run := range []struct {
		name   string
		append func() error
	}{
		{"bare", func() error {
			data, err := json.Marshal(fact.Event)
			if err != nil {
				return err
			}
			meta, err := json.Marshal(fact.Meta)
			if err != nil {
				return err
			}
			_, err = bare.AppendToStream(context.Background(), commandstest.NewStream(),
				esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}},
				esdb.EventData{EventID: uuid.New(), EventType: "suite.happened.v1", ContentType: esdb.ContentTypeJson, Data: data, Metadata: meta})
			return err
		}},
		{"supervised", func() error {
			_, err := client.Append(context.Background(), commandstest.NewStream(), commands.NoStream,
				[]domain.NewEvent{{ID: uuid.NewString(), Event: fact.Event, Meta: fact.Meta}})
			return err
		}},
	} {
		b.Run(run.name+"/1 caller", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, run.append())
			}
		})
		b.Run(run.name+"/8 callers", func(b *testing.B) {
			b.SetParallelism(4)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := run.append(); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkDrain reads 100,000 events once per iteration.
func BenchmarkDrain(b *testing.B) {
	const events = 100_000
	server := address(b)
	bare, client := bareClient(b, server), connect(b, server, 5*time.Second)
	start, err := client.LastPosition(b.Context())
	require.NoError(b, err)
	var end commands.Appended
	for i := range events / 500 {
		facts := commandstest.Facts(i*500, 500)
		for j := range facts {
			facts[j].Event = commandstest.Happened{Number: i, Text: "a text of the usual length, such as the reason a deal was moved or a ticket was reopened, in a line or two"}
		}
		end, err = client.Append(b.Context(), commandstest.NewStream(), commands.NoStream, facts)
		require.NoError(b, err)
	}
	report := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("bare subscription", func(b *testing.B) {
		for b.Loop() {
			sub, err := bare.SubscribeToAll(b.Context(), esdb.SubscribeToAllOptions{
				From:            esdb.Position{Commit: start.Commit, Prepare: start.Prepare},
				MaxSearchWindow: 2000, Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"suite."}},
			})
			require.NoError(b, err)
			for {
				m := sub.Recv()
				require.Nil(b, m.SubscriptionDropped)
				if m.EventAppeared != nil && m.EventAppeared.Event.Position.Commit >= end.Position.Commit {
					break
				}
			}
			_ = sub.Close()
		}
		report(b)
	})
	b.Run("pages", func(b *testing.B) {
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			count := 0
			for page := range client.Pages(ctx, pagesFrom(start)) {
				count += len(page.Events)
				if page.To.Compare(end.Position) >= 0 {
					break
				}
			}
			cancel()
			require.Equal(b, events, count)
		}
		report(b)
	})
}
