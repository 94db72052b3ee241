package redisviews

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Node is what one server of Redis says of itself.
type Node struct {
	Address   string // host:port in a cluster; empty for the only one
	Version   string
	Replica   bool
	InCluster bool
	Eviction  string        // maxmemory-policy
	MaxMemory int64         // bytes; 0: no bound
	Memory    int64         // bytes in use
	Evicted   int64         // keys thrown away since its start for want of memory
	Ahead     time.Duration // of our clock
	Took      time.Duration // a question and its answer; Ahead is no more precise
}

// Nodes asks every server that client knows. It needs no right to read the
// configuration, which hosted ones refuse. It fails with ErrUnavailable.
func Nodes(ctx context.Context, client redis.UniversalClient) ([]Node, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		node, err := askNode(ctx, client)
		return []Node{node}, err
	}
	var mu sync.Mutex
	var nodes []Node
	err := cluster.ForEachShard(ctx, func(ctx context.Context, shard *redis.Client) error {
		node, err := askNode(ctx, shard)
		node.Address = shard.Options().Addr
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, node)
		return err
	})
	if err != nil && !errors.Is(err, ErrUnavailable) {
		err = failed(ctx, "look for the nodes of the cluster", err)
	}
	return nodes, err
}

func askNode(ctx context.Context, client redis.Cmdable) (Node, error) {
	text, err := client.Info(ctx).Result()
	if err != nil {
		return Node{}, failed(ctx, "ask for info", err)
	}
	told := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			told[name] = value
		}
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(told[name], 10, 64) // what a server does not tell counts as nothing
		return n
	}
	began := time.Now()
	now, err := client.Time(ctx).Result()
	if err != nil {
		return Node{}, failed(ctx, "ask for the time", err)
	}
	took := time.Since(began)
	return Node{
		Version: told["redis_version"], Replica: told["role"] == "slave", InCluster: told["cluster_enabled"] == "1",
		Eviction: told["maxmemory_policy"], MaxMemory: number("maxmemory"), Memory: number("used_memory"), Evicted: number("evicted_keys"),
		Ahead: now.Sub(began.Add(took / 2)), Took: took,
	}, nil
}
