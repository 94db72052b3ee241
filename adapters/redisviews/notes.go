package redisviews

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// Notes is what is on record about the builds of a model. What the fields mean
// is for those to say who write them.
func (s *Store) Notes(ctx context.Context, m projections.Model) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	notes, err := s.client.HGetAll(ctx, s.about(m.Name, "notes")).Result()
	return notes, failed(ctx, "read notes", err)
}

// Note adds to what is on record, and takes fields away, all at once.
func (s *Store) Note(ctx context.Context, m projections.Model, set map[string]string, remove ...string) error {
	if len(set)+len(remove) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	_, err := s.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		if len(remove) > 0 {
			pipe.HDel(ctx, s.about(m.Name, "notes"), remove...)
		}
		if len(set) > 0 {
			pipe.HSet(ctx, s.about(m.Name, "notes"), set)
		}
		return nil
	})
	return failed(ctx, "note", err)
}
