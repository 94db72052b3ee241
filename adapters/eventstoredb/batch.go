package eventstoredb

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// batchBytes bounds what an append may hold to go through the shared call, where
// a large one would hold up all behind it.
const batchBytes = 256 << 10

// batcher appends through BatchAppend, one call that stays open and carries the
// appends of all callers, as the .NET client does. The driver makes a call of
// its own for every append, which costs both sides three times as much
// (docs/benchmarks.md), and does not offer this one.
type batcher struct {
	conn  *grpc.ClientConn
	calls streams.StreamsClient
	login []grpc.CallOption
	life  context.Context // of the generation

	last    atomic.Uint64 // id of an append among those of this connection
	without atomic.Bool   // the server does not know BatchAppend
	mu      sync.Mutex
	call    *batchCall // nil before the first append
}

// newBatcher is nil where the driver has to do it: in a cluster, where it alone
// knows who leads, and with servers before 22.10.
func newBatcher(life context.Context, dial esdb.Configuration, db *esdb.Client) (*batcher, error) {
	v, err := db.GetServerVersion()
	if err != nil || v.Major < 22 || v.Major == 22 && v.Minor < 10 || dial.Address == "" || dial.DnsDiscover || len(dial.GossipSeeds) > 0 {
		return nil, nil //nolint:nilerr,nilnil // the driver serves as well, and reports what is wrong with the server
	}
	options, err := dialOptions(dial)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(dial.Address, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to the event log: %w", err)
	}
	b := &batcher{conn: conn, calls: streams.NewStreamsClient(conn), life: life}
	if dial.Username != "" {
		b.login = append(b.login, grpc.PerRPCCredentials(basicAuth{dial.Username + ":" + dial.Password, !dial.DisableTLS}))
	}
	return b, nil
}

// dialOptions are those of the driver.
func dialOptions(dial esdb.Configuration) ([]grpc.DialOption, error) {
	transport := insecure.NewCredentials()
	if !dial.DisableTLS {
		config := &tls.Config{InsecureSkipVerify: dial.SkipCertificateVerification, RootCAs: dial.RootCAs} //nolint:gosec // the operator asked for it
		if dial.UserCertFile != "" && dial.UserKeyFile != "" {
			certificate, err := tls.LoadX509KeyPair(dial.UserCertFile, dial.UserKeyFile)
			if err != nil {
				return nil, fmt.Errorf("user certificate of the event log: %w", err)
			}
			config.Certificates = []tls.Certificate{certificate}
		}
		transport = credentials.NewTLS(config)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if dial.KeepAliveInterval >= 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: dial.KeepAliveInterval, Timeout: dial.KeepAliveTimeout, PermitWithoutStream: true,
		}))
	}
	return options, nil
}

// basicAuth is the login of a connection string.
type basicAuth struct {
	login  string
	secure bool
}

// GetRequestMetadata is called by gRPC for every call.
func (a basicAuth) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(a.login))}, nil
}

// RequireTransportSecurity keeps the login off plain connections.
func (a basicAuth) RequireTransportSecurity() bool { return a.secure }

// takes tells whether an append goes this way.
func (b *batcher) takes(events []esdb.EventData) bool {
	if b == nil || b.without.Load() {
		return false
	}
	size := 0
	for _, e := range events {
		size += len(e.Data) + len(e.Metadata)
	}
	return size <= batchBytes
}

// append returns the server's answer, which may be a refusal. Any error leaves
// the outcome open.
func (b *batcher) append(ctx context.Context, request *streams.BatchAppendReq) (*streams.BatchAppendResp, error) {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], b.last.Add(1))
	request.CorrelationId = structured(id)
	return b.current().do(ctx, id, request)
}

// current is the call under way; a new one after a failure.
func (b *batcher) current() *batchCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call == nil || b.call.over() {
		b.call = newBatchCall(b.life)
		go b.call.run(b)
	}
	return b.call
}

func (b *batcher) close() {
	if b != nil {
		_ = b.conn.Close() // it never fails twice
	}
}
