package redisviews

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// state is where a build stands.
type state struct {
	complete bool
	changed  string
	mark     projections.Mark
	torn     bool // something was committed while it was read
}

// same tells whether nothing was committed since a change.
func (s state) same(changed string) bool { return !s.torn && s.changed == changed }

func (s *Store) state(ctx context.Context, prefix string) (state, error) {
	values, err := s.client.MGet(ctx, stateKeys(prefix)...).Result()
	if err != nil {
		return state{}, failed(ctx, "read position", err)
	}
	return stateOf(values)
}

func stateKeys(prefix string) []string {
	return []string{prefix + "complete", prefix + "changed", prefix + "position"}
}

func stateOf(values []any) (state, error) {
	mark, err := projections.ParseMark(string(text(values[2])))
	return state{complete: values[0] != nil, changed: string(text(values[1])), mark: mark}, err
}

// reads are commands that are sent together and say in the end as of which state
// the answers are. On a single node they stand between two looks at it and are no
// transaction: queued in one, thousands of small reads cost the server and us
// twice as much. On a cluster they are one, as some may be sent once more, later
// than the others, when a slot moves.
type reads struct {
	redis.Pipeliner
	prefix string
	before *redis.SliceCmd
}

func (s *Store) reads(ctx context.Context, prefix string) *reads {
	r := &reads{Pipeliner: s.client.Pipeline(), prefix: prefix}
	if s.cluster {
		r.Pipeliner = s.client.TxPipeline()
	}
	r.before = r.MGet(ctx, stateKeys(prefix)...)
	return r
}

// exec sends them. A state that is torn is of answers that do not belong together.
func (r *reads) exec(ctx context.Context) (state, error) {
	behind := r.MGet(ctx, stateKeys(r.prefix)...)
	if _, err := r.Exec(ctx); failed(ctx, "read", err) != nil {
		return state{}, err //nolint:wrapcheck // named by the caller
	}
	before, err := looked(r.before)
	if err != nil {
		return state{}, err
	}
	after, err := looked(behind)
	after.torn = before.changed != after.changed
	return after, err
}

func looked(at *redis.SliceCmd) (state, error) {
	values, err := at.Result()
	if err != nil {
		return state{}, err //nolint:wrapcheck // named by the caller
	}
	return stateOf(values)
}
