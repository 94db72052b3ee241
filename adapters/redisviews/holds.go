package redisviews

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// Holds tells which members stand in their index in a build, and the values of
// samples, nil where there is none.
func (s *Store) Holds(ctx context.Context, m projections.Model, members []projections.IndexChange, samples []projections.SampleChange) (in []bool, values []*int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	pipe := s.client.Pipeline()
	places, scores := make([]*redis.FloatCmd, len(members)), make([]*redis.FloatCmd, len(samples))
	for i, member := range members {
		places[i] = pipe.ZScore(ctx, s.prefix(m)+"i:"+member.Index, member.Member)
	}
	for i, sample := range samples {
		scores[i] = pipe.ZScore(ctx, s.prefix(m)+"s:"+sample.Set, sample.ID)
	}
	// Errors are looked at one by one: a missing member counts as one here.
	_, _ = pipe.Exec(ctx)
	in, values = make([]bool, len(members)), make([]*int64, len(samples))
	for i, place := range places {
		if err := failed(ctx, "look up member", place.Err()); err != nil {
			return nil, nil, err
		}
		in[i] = place.Err() == nil
	}
	for i, score := range scores {
		if err := failed(ctx, "look up sample", score.Err()); err != nil {
			return nil, nil, err
		}
		if score.Err() == nil {
			value := int64(score.Val())
			values[i] = &value
		}
	}
	return in, values, nil
}
