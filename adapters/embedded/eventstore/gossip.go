package eventstore

import (
	"context"
	"encoding/binary"
	"net"
	"strconv"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
)

// gossipServer presents the node as a cluster of one, so that clients that discover their cluster find it.
type gossipServer struct {
	gossip.UnimplementedGossipServer
	id      uuid.UUID
	address net.Addr
	now     func() time.Time
}

func newGossipServer(address net.Addr, now func() time.Time) gossipServer {
	return gossipServer{id: uuid.New(), address: address, now: now}
}

func (s gossipServer) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	host, port := s.endPoint(ctx)
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structuredID(s.id),
		TimeStamp:    s.now().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: host, Port: port},
	}}}, nil
}

// endPoint is the address the caller already used, because that one certainly works for it.
func (s gossipServer) endPoint(ctx context.Context) (host string, port uint32) {
	candidates := append(metadata.ValueFromIncomingContext(ctx, ":authority"), s.address.String())
	for _, candidate := range candidates {
		name, number, err := net.SplitHostPort(candidate)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseUint(number, 10, 16); err == nil {
			return name, uint32(n)
		}
	}
	return s.address.String(), 0
}

func structuredID(id uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}
