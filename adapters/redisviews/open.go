package redisviews

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// retryBackoff is the longest pause between two attempts at a command. Longer
// outages are waited out by callers, who know how much time they have.
const retryBackoff = 50 * time.Millisecond

// Connect makes a client for a URL such as redis://:password@host:6379/0
// (rediss:// for TLS, unix:///path for a socket). Several hosts, separated by
// commas, or ?cluster=true mean a Redis Cluster. No connection is made yet.
func Connect(address string) (redis.UniversalClient, error) {
	plain, cluster, err := clusterURL(address)
	if err != nil {
		return nil, err
	}
	if cluster {
		options, err := redis.ParseClusterURL(plain)
		if err != nil {
			return nil, fmt.Errorf("redis address: %w", err)
		}
		options.ContextTimeoutEnabled = true
		options.DialTimeout = time.Second
		options.DialerRetries = 1
		options.MaxRetryBackoff = retryBackoff
		return redis.NewClusterClient(options), nil
	}
	options, err := redis.ParseURL(plain)
	if err != nil {
		return nil, fmt.Errorf("redis address: %w", err)
	}
	options.ContextTimeoutEnabled = true // the store gives every call a deadline
	options.DialTimeout = time.Second
	options.DialerRetries = 1 // commands are retried as a whole
	options.MaxRetryBackoff = retryBackoff
	return redis.NewClient(options), nil
}

// LogTo sends what the client library has to say to log, for debugging only:
// whatever fails is returned to a caller, who tells it once. It is meant for
// the start of a program.
func LogTo(log *slog.Logger) { redis.SetLogger(libraryLog{log}) }

type libraryLog struct{ log *slog.Logger }

// Printf is what the library calls.
func (l libraryLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, v...))
}

// clusterURL turns several hosts into the form the client library reads.
func clusterURL(address string) (plain string, cluster bool, err error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return "", false, fmt.Errorf("redis address %q: want redis://host:port", address)
	}
	if authority, tail, _ := strings.Cut(rest, "/"); strings.Contains(authority, ",") {
		hosts := strings.Split(authority, ",")
		query := url.Values{}
		for _, host := range hosts[1:] {
			query.Add("addr", host)
		}
		return scheme + "://" + hosts[0] + "?" + query.Encode() + strings.Replace(tail, "?", "&", 1), true, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false, fmt.Errorf("redis address: %w", err)
	}
	query := u.Query()
	cluster = query.Get("cluster") == "true" || query.Has("addr")
	query.Del("cluster")
	u.RawQuery = query.Encode()
	return u.String(), cluster, nil
}
