package eventstore

import (
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/projections"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

const (
	// maxMessageBytes lets an event that is too large in, so that it is refused by name instead of by gRPC.
	maxMessageBytes = 64 << 20
	// The windows decide how far a catch-up read may run ahead of its reader.
	streamWindowBytes = 4 << 20
	connWindowBytes   = 8 << 20
	bufferBytes       = 128 << 10
	// Clients ping every 10 s, also without calls; gRPC would take that for abuse and hang up.
	shortestPing = 5 * time.Second
)

func (n *Node) newServer(c Config) *grpc.Server {
	server := grpc.NewServer(
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.InitialWindowSize(streamWindowBytes),
		grpc.InitialConnWindowSize(connWindowBytes),
		grpc.WriteBufferSize(bufferBytes),
		grpc.ReadBufferSize(bufferBytes),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: shortestPing, PermitWithoutStream: true}),
	)
	streams.RegisterStreamsServer(server, &streamsServer{log: n.log, closing: n.closing, maxAppendBytes: c.MaxAppendBytes})
	gossip.RegisterGossipServer(server, newGossipServer(n.listener.Addr(), c.Now))
	serverfeatures.RegisterServerFeaturesServer(server, featuresServer{})
	persistent.RegisterPersistentSubscriptionsServer(server, persistent.UnimplementedPersistentSubscriptionsServer{})
	projections.RegisterProjectionsServer(server, projections.UnimplementedProjectionsServer{})
	return server
}
