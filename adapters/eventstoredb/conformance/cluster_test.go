package conformance_test

import (
	"net/url"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServerVersionAndMethods(t *testing.T) {
	address := server(t)
	version, err := connectTo(t, address).GetServerVersion()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, version.Major, 22)

	answer, err := serverfeatures.NewServerFeaturesClient(dialTo(t, address)).GetSupportedMethods(within(t), &shared.Empty{})
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, m := range answer.GetMethods() {
		listed[m.GetServiceName()+"/"+m.GetMethodName()] = true
	}
	for _, method := range []string{"read", "append", "delete", "tombstone", "batchappend"} {
		assert.True(t, listed["event_store.client.streams.streams/"+method], method)
	}
}

func TestGossipNamesOneLeader(t *testing.T) {
	answer, err := gossip.NewGossipClient(dialTo(t, server(t))).Read(within(t), &shared.Empty{})
	require.NoError(t, err)
	leaders := 0
	for _, member := range answer.GetMembers() {
		if member.GetState() == gossip.MemberInfo_Leader && member.GetIsAlive() {
			leaders++
			assert.NotEmpty(t, member.GetHttpEndPoint().GetAddress())
			assert.Positive(t, member.GetHttpEndPoint().GetPort())
		}
	}
	assert.Equal(t, 1, leaders)
}

func TestDiscovery(t *testing.T) {
	target, err := url.Parse(server(t))
	require.NoError(t, err)
	target.Scheme = "esdb+discover"
	client, stream := connectTo(t, target.String()), newStream()
	wrote(t, client, stream, event("happened"))
	assert.Equal(t, []uint64{0}, revisions(readStream(t, client, stream, esdb.ReadStreamOptions{})))
}
