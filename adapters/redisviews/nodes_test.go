package redisviews_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
)

func TestNodesTellOfThemselves(t *testing.T) {
	for name, address := range map[string]string{"single": redistest.Start(t), "cluster": redistest.StartCluster(t)} {
		t.Run(name, func(t *testing.T) {
			client, err := redisviews.Connect(address)
			require.NoError(t, err)
			defer func() { _ = client.Close() }()
			nodes, err := redisviews.Nodes(t.Context(), client)
			require.NoError(t, err)
			require.Len(t, nodes, 1)
			n := nodes[0]
			assert.Regexp(t, `^\d+\.\d+\.\d+`, n.Version)
			assert.Equal(t, "noeviction", n.Eviction)
			assert.Positive(t, n.Memory)
			assert.Zero(t, n.MaxMemory)
			assert.False(t, n.Replica)
			assert.Equal(t, name == "cluster", n.InCluster)
			assert.Equal(t, name == "cluster", n.Address != "")
			assert.Less(t, n.Ahead.Abs(), time.Second+n.Took, "it is this machine's clock")
		})
	}
}

func TestNodesOutOfReach(t *testing.T) {
	for _, address := range []string{"redis://127.0.0.1:1", "redis://127.0.0.1:1?cluster=true"} {
		client, err := redisviews.Connect(address)
		require.NoError(t, err)
		_, err = redisviews.Nodes(t.Context(), client)
		require.ErrorIs(t, err, redisviews.ErrUnavailable)
		require.NoError(t, client.Close())
	}
}
