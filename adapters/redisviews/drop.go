package redisviews

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// dropAtOnce bounds one step of a drop, so that other callers get their turn.
const dropAtOnce = 1000

// Drop deletes every key of this build of m, the mark first, so that whoever
// still builds it starts anew.
func (s *Store) Drop(ctx context.Context, m projections.Model) error {
	first := []string{s.prefix(m) + "complete", s.prefix(m) + "position", s.prefix(m) + "changed"}
	if err := s.client.Del(ctx, first...).Err(); err != nil {
		return failed(ctx, "drop version", err)
	}
	s.forgetServed(m.Name)
	pattern := globEscape(s.prefix(m)) + "*"
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		return failed(ctx, "drop version", cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
			return drop(ctx, node, pattern)
		}))
	}
	return failed(ctx, "drop version", drop(ctx, s.client, pattern))
}

func drop(ctx context.Context, node redis.Cmdable, pattern string) error {
	keys := node.Scan(ctx, 0, pattern, dropAtOnce).Iterator()
	var some []string
	for keys.Next(ctx) {
		if some = append(some, keys.Val()); len(some) == dropAtOnce {
			if err := node.Unlink(ctx, some...).Err(); err != nil {
				return err //nolint:wrapcheck // named by the caller
			}
			some = some[:0]
		}
	}
	if err := keys.Err(); err != nil || len(some) == 0 {
		return err //nolint:wrapcheck // named by the caller
	}
	return node.Unlink(ctx, some...).Err() //nolint:wrapcheck // named by the caller
}

func globEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
