package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/projections"
)

// checkRedis looks at each server of Redis, and at the read models of the log.
func (d *visit) checkRedis(ctx context.Context, s *stack, log *openedLog) {
	const check = "redis"
	if d.c.redis == "" {
		d.ok(check, "embedded; read models are in memory and filled at every start")
		return
	}
	redisviews.LogTo(d.c.log)
	client, err := redisviews.Connect(d.c.redis)
	if err != nil {
		d.skip(check, "see settings")
		return
	}
	s.push(client.Close)
	asking, cancel := context.WithTimeout(ctx, longestAnswer)
	defer cancel()
	nodes, err := redisviews.Nodes(asking, client)
	if err != nil {
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(), Means: "queries are answered with 503; commands go on, and nothing is lost",
			Do: "see that Redis runs, and that address, user and password in --redis are right",
		})
		return
	}
	for _, node := range nodes {
		d.checkNode(check+ofNode(node), node, client)
	}
	switch {
	case log == nil:
		d.skip("read models", "the event log is not at hand")
	case log.id == "":
		d.skip("read models", "the log is empty")
	default:
		store := redisviews.New(client, redisviews.Config{Log: log.id, ReadTimeout: longestAnswer})
		still := projector.New(projector.Config{Log: pagedLog{log.Client}, Store: store, Models: projections.All, Logger: d.c.log})
		d.checkReadModels(ctx, "", d.c.eventstore == "", readModels(still)) // the embedded log is at hand to one process
	}
}

func ofNode(n redisviews.Node) string {
	if n.Address == "" {
		return ""
	}
	return " " + n.Address
}

// noEviction is the one policy under which Redis throws away no read models.
const noEviction = "noeviction"

func (d *visit) checkNode(check string, n redisviews.Node, client redis.UniversalClient) {
	d.ok(check, "answers in %s", n.Took.Round(time.Microsecond).String())
	d.checkRedisVersion(check+" version", n.Version)
	_, cluster := client.(*redis.ClusterClient)
	switch {
	case n.InCluster && !cluster:
		d.add(finding{
			Check: check + " role", Status: failed, Found: "a node of a cluster, but --redis names a single server",
			Means: "read models whose keys other nodes have cannot be written or read", Do: "name several nodes in --redis, separated by commas, or add ?cluster=true",
		})
	case n.Replica && !cluster:
		d.add(finding{
			Check: check + " role", Status: failed, Found: "a replica",
			Means: "read models cannot be written: replicas are for reading only", Do: "name the primary in --redis",
		})
	}
	d.checkEviction(check+" eviction", n)
	d.checkRedisMemory(check+" memory", n)
	d.checkClock(check+" clock", "Redis", n.Ahead, n.Took/2)
}

func (d *visit) checkRedisVersion(check, text string) {
	const oldest = 7
	major, _, _ := strings.Cut(text, ".")
	switch n, err := strconv.Atoi(major); {
	case err != nil:
		d.skip(check, "the server does not tell")
	case n < oldest:
		d.add(finding{
			Check: check, Status: failed, Found: text, Means: "this program was not made for a server that old, and may fail anywhere", Do: "take Redis 7 or later",
		})
	default:
		d.ok(check, "%s", text)
	}
}

func (d *visit) checkEviction(check string, n redisviews.Node) {
	f := finding{
		Check: check, Status: failed, Found: fmt.Sprintf("maxmemory-policy is %s", n.Eviction),
		Means: "records vanish from lists, counts and answers when memory is short, and nothing says so",
		Do:    "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf",
	}
	switch {
	case n.Eviction == "":
		d.skip(check, "the server does not tell")
		return
	case n.Evicted > 0:
		f.Found = english().Sprintf("%d keys were thrown away since Redis was started; maxmemory-policy is %s", n.Evicted, n.Eviction)
		f.Do += "; then build all read models anew: crm rebuild"
	case n.Eviction == noEviction:
		d.ok(check, "maxmemory-policy is noeviction")
		return
	case n.MaxMemory == 0:
		f.Status, f.Found = warned, f.Found+", without effect while maxmemory is 0"
	}
	d.add(f)
}

// fullMemory is the share of maxmemory in use at which there should be more.
const fullMemory = 0.9

func (d *visit) checkRedisMemory(check string, n redisviews.Node) {
	used := english().Sprintf("%.1f MB in use", float64(n.Memory)/1e6)
	if n.MaxMemory == 0 {
		d.ok(check, "%s, no bound", used)
		return
	}
	f := finding{Check: check, Status: passed, Found: english().Sprintf("%s of %.1f", used, float64(n.MaxMemory)/1e6)}
	if share := float64(n.Memory) / float64(n.MaxMemory); share >= fullMemory {
		f.Status, f.Means = warned, "when it is full read models stand still until there is more; a rebuild needs as much again as it builds"
		f.Do = "raise maxmemory, or free memory: crm rebuild drop NAME"
		if share >= 1 {
			f.Status = failed
		}
	}
	d.add(f)
}
