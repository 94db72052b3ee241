package eventstoredb_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
)

func TestClientIsAnEventStore(t *testing.T) {
	client := connect(t, address(t), 5*time.Second)
	commandstest.EventStore(t, func(*testing.T) commands.EventStore { return client })
}

// address is the server CRM_TEST_EVENTSTORE names, or a node of this test's own.
func address(tb testing.TB) string {
	tb.Helper()
	if real := os.Getenv("CRM_TEST_EVENTSTORE"); real != "" {
		return real
	}
	return start(tb, eventstore.Config{InMemory: true}).ConnectionString()
}

func start(tb testing.TB, cfg eventstore.Config) *eventstore.Node {
	tb.Helper()
	node, err := eventstore.Open(cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { stop(tb, node) })
	return node
}

// stop may be called again for a node that is stopped.
func stop(tb testing.TB, node *eventstore.Node) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = node.Close(ctx)
}

func connect(tb testing.TB, address string, deadline time.Duration) *eventstoredb.Client {
	tb.Helper()
	cfg := eventstoredb.Config{
		ConnectionString: address, Deadline: deadline,
		Registry: domain.NewRegistry(commandstest.Types()),
	}
	if os.Getenv("CRM_TEST_LOG") != "" {
		cfg.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	client, err := eventstoredb.Connect(cfg)
	require.NoError(tb, err)
	tb.Cleanup(client.Close)
	return client
}
