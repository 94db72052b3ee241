package redisviews

import (
	"context"
)

// Snapshot returns the folded state stored under key, nil if there is none.
func (s *Store) Snapshot(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	state, err := s.client.Get(ctx, s.snapshot(key)).Bytes()
	if err != nil {
		return nil, failed(ctx, "read snapshot", err)
	}
	return state, nil
}

// SaveSnapshot keeps a folded state for SnapshotTTL. Losing one costs a longer
// read of its stream, nothing else.
func (s *Store) SaveSnapshot(ctx context.Context, key string, state []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	return failed(ctx, "save snapshot", s.client.Set(ctx, s.snapshot(key), state, s.config.SnapshotTTL).Err())
}

func (s *Store) snapshot(key string) string {
	if s.config.Log == "" {
		return "snapshot:" + key
	}
	return "snapshot:" + s.config.Log + ":" + key
}
