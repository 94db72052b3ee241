// Package redisviews keeps read models in Redis.
//
// All keys of one version of a read model start with its prefix, whose braces
// put them into one slot of a Redis Cluster, so that one transaction can change
// any of them together with the mark that says how far the version has come:
//
//	{log:name:v1}:position    mark, see projections.Mark
//	{log:name:v1}:changed     mark of the last commit that changed anything
//	{log:name:v1}:complete    set once the version has caught up with the log
//	{log:name:v1}:d:<id>      document, JSON
//	{log:name:v1}:i:<name>    index: sorted set of key NUL id, all with score 0
//	{log:name:v1}:c:<group>   counts: hash
//	{log:name:v1}:s:<set>     samples: sorted set of document ids by value
//	{log:name:v1}:parked      hash of stream -> parked events
//	{log:name:v1}:parked:<stream>  list of parked events, JSON, in order
//	{log:name}:served         label of the version that queries read
//	{log:name}:wanted         label of the version to be served in the end
//	{log:name}:notes          hash of what is on record about the builds
//	snapshot:log:<key>        folded state of a long stream
//	logs                      hash of logs whose read models are here, see Share
//
// The log in all of them is the identity of the log they were made from (Config).
// A Redis that is still full when the log is another one, or that two logs share
// by mistake, is thus never read for what it is not, and nothing in it is lost.
//
// Nothing here is a source of truth: whatever is lost is built from the log.
package redisviews

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Store reads and writes read models. It is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	config  Config
	cluster bool

	served     sync.Map // reader -> *servedEntry
	figures    *figureCache
	unscripted atomic.Bool // Redis takes no scripts
}

// Config says which log read models are made from, and bounds how long the store
// waits. Zero fields take the defaults.
type Config struct {
	Log           string        // identity of the log, in letters and digits; no part of the keys if empty
	ReadTimeout   time.Duration // of one read; default 3 s
	CommitTimeout time.Duration // of one commit; default 30 s
	WaitTimeout   time.Duration // of Wait; default 5 s
	ServedFor     time.Duration // how long the served version is remembered; default 250 ms
	SnapshotTTL   time.Duration // default 30 days
}

// ErrUnavailable is any failure to get an answer from Redis.
var ErrUnavailable = &domain.Error{Kind: domain.Unavailable, Code: "redis_unavailable", Message: "the read models are out of reach; repeat the request"}

// New is a store on client, which may be a single node or a cluster.
func New(client redis.UniversalClient, config Config) *Store {
	config.ReadTimeout = orDefault(config.ReadTimeout, 3*time.Second)
	config.CommitTimeout = orDefault(config.CommitTimeout, 30*time.Second)
	config.WaitTimeout = orDefault(config.WaitTimeout, 5*time.Second)
	config.ServedFor = orDefault(config.ServedFor, 250*time.Millisecond)
	config.SnapshotTTL = orDefault(config.SnapshotTTL, 30*24*time.Hour)
	_, cluster := client.(*redis.ClusterClient)
	return &Store{client: client, config: config, cluster: cluster, figures: newFigureCache()}
}

// prefix starts every key of a build of m from this log.
func (s *Store) prefix(m projections.Model) string {
	if s.config.Log == "" {
		return m.Prefix()
	}
	return "{" + s.config.Log + ":" + m.Prefix()[1:]
}

// about is a key that has to do with all builds of a model from this log.
func (s *Store) about(name, what string) string {
	if s.config.Log == "" {
		return "{" + name + "}:" + what
	}
	return "{" + s.config.Log + ":" + name + "}:" + what
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Ping fails with ErrUnavailable unless Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	return failed(ctx, "ping", s.client.Ping(ctx).Err())
}

// failed says what was being done when Redis failed. A missing key is no
// failure. A reply that blames the command is a fault of ours; everything else
// may heal, so it is ErrUnavailable.
func failed(ctx context.Context, doing string, err error) error {
	if err == nil || errors.Is(err, redis.Nil) {
		return nil
	}
	if reply := redis.Error(nil); errors.As(err, &reply) && ours(reply.Error()) {
		return fmt.Errorf("redis: %s: %w", doing, err)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("redis: %s: %w", doing, ctx.Err())
	}
	return fmt.Errorf("redis: %s: %w (%w)", doing, ErrUnavailable, err)
}

func ours(reply string) bool {
	for _, prefix := range []string{"ERR ", "WRONGTYPE ", "CROSSSLOT "} {
		if strings.HasPrefix(reply, prefix) {
			return true
		}
	}
	return false
}
