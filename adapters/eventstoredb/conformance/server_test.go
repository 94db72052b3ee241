package conformance_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

// patience is how long a test waits for what must come. It is reached only by a failing test.
const patience = 20 * time.Second

const serverVariable = "CRM_TEST_EVENTSTORE"

// server is the address under test: a real server, or a node that lives as long as the test.
func server(t *testing.T) string {
	t.Helper()
	if address := os.Getenv(serverVariable); address != "" {
		return address
	}
	node, err := eventstore.Open(eventstore.Config{InMemory: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, node.Close(ctx))
	})
	return node.ConnectionString()
}

func connect(t *testing.T) *esdb.Client {
	t.Helper()
	return connectTo(t, server(t))
}

func connectTo(t *testing.T, address string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(address)
	require.NoError(t, err)
	config.Logger = nil
	client, err := esdb.NewClient(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// dial speaks the protocol itself, for what the Go client does not offer or does not show.
func dial(t *testing.T) streams.StreamsClient {
	t.Helper()
	return streams.NewStreamsClient(dialTo(t, server(t)))
}

func dialTo(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	var options []grpc.DialOption
	if target.Query().Get("tls") == "false" {
		options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	} else {
		unverified := target.Query().Get("tlsVerifyCert") == "false" || target.Query().Get("tlsverifycert") == "false"
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: unverified})))
		if user := target.User; user != nil {
			password, _ := user.Password()
			options = append(options, grpc.WithPerRPCCredentials(basic(user.Username()+":"+password)))
		}
	}
	conn, err := grpc.NewClient(target.Host, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

type basic string

func (b basic) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(b))}, nil
}

func (basic) RequireTransportSecurity() bool { return true }

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func newStream() string { return "conformance-" + uuid.NewString() }

func event(eventType string) esdb.EventData {
	return esdb.EventData{
		EventID: uuid.New(), EventType: eventType, ContentType: esdb.ContentTypeJson,
		Data: []byte(`{"type":"` + eventType + `"}`), Metadata: []byte(`{"meta":true}`),
	}
}

func events(n int) []esdb.EventData {
	out := make([]esdb.EventData, n)
	for i := range out {
		out[i] = event("happened")
	}
	return out
}

// wrote appends n events and expects that to work.
func wrote(t *testing.T, client *esdb.Client, stream string, proposed ...esdb.EventData) *esdb.WriteResult {
	t.Helper()
	result, err := client.AppendToStream(within(t), stream, esdb.AppendToStreamOptions{}, proposed...)
	require.NoError(t, err)
	return result
}

func code(err error) esdb.ErrorCode {
	var e *esdb.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return -1
}

func collect(t *testing.T, read *esdb.ReadStream, err error) []*esdb.ResolvedEvent {
	t.Helper()
	require.NoError(t, err)
	defer read.Close()
	var found []*esdb.ResolvedEvent
	for {
		e, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		found = append(found, e)
	}
}

func readStream(t *testing.T, client *esdb.Client, stream string, o esdb.ReadStreamOptions) []*esdb.ResolvedEvent {
	t.Helper()
	read, err := client.ReadStream(within(t), stream, o, math.MaxUint64)
	return collect(t, read, err)
}

// readError is what reading a stream ends with.
func readError(t *testing.T, client *esdb.Client, stream string) error {
	t.Helper()
	read, err := client.ReadStream(within(t), stream, esdb.ReadStreamOptions{}, 1)
	require.NoError(t, err)
	defer read.Close()
	_, err = read.Recv()
	return err
}

func revisions(found []*esdb.ResolvedEvent) []uint64 {
	out := make([]uint64, len(found))
	for i, e := range found {
		out[i] = e.OriginalEvent().EventNumber
	}
	return out
}

func ids(found []*esdb.ResolvedEvent) []uuid.UUID {
	out := make([]uuid.UUID, len(found))
	for i, e := range found {
		out[i] = e.OriginalEvent().EventID
	}
	return out
}

func proposedIDs(proposed []esdb.EventData) []uuid.UUID {
	out := make([]uuid.UUID, len(proposed))
	for i, e := range proposed {
		out[i] = e.EventID
	}
	return out
}
