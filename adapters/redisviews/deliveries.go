package redisviews

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Deliveries are what is sent out of the log: how far it has come, and what was
// tried last. Losing them costs some repeats; the log knows the place roughly.

// SaveDeliveries keeps how far a delivery has come and adds to its journal, of
// which it keeps the last entries.
func (s *Store) SaveDeliveries(ctx context.Context, name, state string, journal []string, keep int64) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	key := s.delivery(name)
	_, err := s.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, key+":state", state, 0)
		if len(journal) > 0 {
			entries := make([]any, len(journal))
			for i, entry := range journal {
				entries[i] = entry
			}
			pipe.RPush(ctx, key+":journal", entries...)
			pipe.LTrim(ctx, key+":journal", -keep, -1)
		}
		return nil
	})
	return failed(ctx, "save deliveries", err)
}

// DeliveryState is how far a delivery has come; empty if that is not known.
func (s *Store) DeliveryState(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	text, err := s.client.Get(ctx, s.delivery(name)+":state").Result()
	return text, failed(ctx, "read deliveries", err)
}

// DeliveryJournal is the last entries of the journal, the latest first.
func (s *Store) DeliveryJournal(ctx context.Context, name string, most int64) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	entries, err := s.client.LRange(ctx, s.delivery(name)+":journal", -most, -1).Result()
	slices.Reverse(entries)
	return entries, failed(ctx, "read journal of deliveries", err)
}

// DropDeliveries forgets a delivery.
func (s *Store) DropDeliveries(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	key := s.delivery(name)
	return failed(ctx, "drop deliveries", s.client.Del(ctx, key+":state", key+":journal").Err())
}

// delivery begins the keys of one delivery of this log; see bulletin.
func (s *Store) delivery(name string) string {
	return "{" + s.config.Log + ":delivery:" + strings.NewReplacer("{", "", "}", "").Replace(name) + "}"
}
