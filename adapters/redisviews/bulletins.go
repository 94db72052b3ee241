package redisviews

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bulletins are what processes tell each other of work under way: short-lived,
// and nothing is lost with them.

// Post makes a text known under a name, for a time.
func (s *Store) Post(ctx context.Context, name, text string, lasts time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	return failed(ctx, "post "+name, s.client.Set(ctx, s.bulletin(name), text, lasts).Err())
}

// Posted is what was made known under a name last; empty if it is over.
func (s *Store) Posted(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	text, err := s.client.Get(ctx, s.bulletin(name)).Result()
	return text, failed(ctx, "read "+name, err)
}

// Lease gives a piece of work to one of several processes for a time, or lets
// the one that has it keep it longer. It is for sparing work and no lock: who
// loses a lease finds out with the next call.
func (s *Store) Lease(ctx context.Context, name, owner string, lasts time.Duration) (mine bool, err error) {
	err = s.leased(ctx, name, func(key, has string, pipe redis.Pipeliner) error {
		if mine = has == "" || has == owner; !mine {
			return nil
		}
		return pipe.Set(ctx, key, owner, lasts).Err()
	})
	if errors.Is(err, redis.TxFailedErr) {
		return false, nil // another one was faster
	}
	return mine && err == nil, failed(ctx, "lease "+name, err)
}

// Release gives a piece of work back, if owner has it.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	err := s.leased(ctx, name, func(key, has string, pipe redis.Pipeliner) error {
		if has != owner {
			return nil
		}
		return pipe.Del(ctx, key).Err()
	})
	if errors.Is(err, redis.TxFailedErr) {
		return nil // it has just changed hands
	}
	return failed(ctx, "release "+name, err)
}

// Leased tells whether anybody has a piece of work.
func (s *Store) Leased(ctx context.Context, name string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	n, err := s.client.Exists(ctx, s.bulletin(name)+":lease").Result()
	return n > 0, failed(ctx, "look at the lease of "+name, err)
}

// leased changes a lease if it still is what it was found to be.
func (s *Store) leased(ctx context.Context, name string, change func(key, has string, pipe redis.Pipeliner) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	key := s.bulletin(name) + ":lease"
	return s.client.Watch(ctx, func(tx *redis.Tx) error { //nolint:wrapcheck // named by the caller
		has, err := tx.Get(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err //nolint:wrapcheck // named by the caller
		}
		_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error { return change(key, has, pipe) })
		return err //nolint:wrapcheck // named by the caller
	}, key)
}

// bulletin is the key of what is known under a name about work on this log. The
// braces keep all keys of one name in one slot of a cluster.
func (s *Store) bulletin(name string) string {
	return "{" + s.config.Log + ":bulletin:" + strings.NewReplacer("{", "", "}", "").Replace(name) + "}"
}
