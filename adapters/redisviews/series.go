package redisviews

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// countsOf are counts by group and field.
type countsOf = map[string]map[string]int64

// fleeting tells whether an answer may be another one the next moment although
// nothing has changed, so that it is not worth keeping.
func fleeting(ask projections.Ask) bool {
	for _, s := range ask.Series {
		if s.Running != nil {
			return true
		}
	}
	return len(ask.States) > 0
}

// groupsBehind are the groups of counts that series and states are made of.
func groupsBehind(ask projections.Ask) []string {
	var groups []string
	for _, s := range ask.Series {
		groups = append(groups, s.Groups()...)
	}
	for _, s := range ask.States {
		groups = append(groups, s.Group())
	}
	return groups
}

// reckon works out series and states from their counts and what the sets of
// samples say. It ends as soon as it sees that something was committed since.
func (s *Store) reckon(ctx context.Context, prefix string, ask projections.Ask, counts countsOf, figures *projections.Figures, before state) (state, error) {
	r := rounds{store: s, prefix: prefix, before: before}
	cells := make([][]map[string]*projections.Cell, len(ask.Series))
	for i, series := range ask.Series {
		cells[i] = series.Cells(counts)
		for _, parts := range cells[i] {
			for _, cell := range parts {
				if series.Spread && cell.Count > 0 {
					r.steps = append(r.steps, ranking(cell))
				}
			}
		}
	}
	figures.States = make([][]map[string]int64, len(ask.States))
	for i, states := range ask.States {
		figures.States[i] = make([]map[string]int64, len(states.At))
		for j, at := range states.At {
			into := map[string]int64{}
			figures.States[i][j] = into
			for part := range counts[states.Group()] {
				r.steps = append(r.steps, balance(states.Entered(part), states.Left(part), at.UnixMilli(), func(n int64) { into[part] = n }))
			}
		}
	}
	after, err := r.run(ctx)
	figures.Series = make([][]map[string]projections.Distribution, len(cells))
	for i := range cells {
		figures.Series[i] = projections.Distributions(cells[i])
	}
	return after, err
}

// step asks something in one round of commands, and learns from the answers
// what to ask in the next: nil when it knows enough.
type step func(ask func(...any) *redis.Cmd) (learn func() step)

// rounds takes steps together, so that many figures cost as many round trips as
// the one that takes most.
type rounds struct {
	store  *Store
	prefix string
	before state
	steps  []step
}

func (r *rounds) run(ctx context.Context) (state, error) {
	now := r.before
	for len(r.steps) > 0 {
		pipe := r.store.client.TxPipeline()
		where := pipe.MGet(ctx, stateKeys(r.prefix)...)
		ask := func(args ...any) *redis.Cmd {
			args[1] = r.prefix + "s:" + args[1].(string) //nolint:errcheck // the key
			return pipe.Do(ctx, args...)
		}
		learn := make([]func() step, len(r.steps))
		for i, s := range r.steps {
			learn[i] = s(ask)
		}
		_, err := pipe.Exec(ctx)
		if err != nil {
			return state{}, failed(ctx, "read series", err)
		}
		if now, err = stateOf(where.Val()); err != nil || now.changed != r.before.changed {
			return now, err
		}
		r.steps = r.steps[:0]
		for _, l := range learn {
			if next := l(); next != nil {
				r.steps = append(r.steps, next)
			}
		}
	}
	return now, nil
}

// balance counts what came in up to an instant less what went out.
func balance(in, out string, at int64, put func(int64)) step {
	return func(ask func(...any) *redis.Cmd) func() step {
		came, went := ask("ZCOUNT", in, "-inf", at), ask("ZCOUNT", out, "-inf", at)
		return func() step {
			if n := number(came) - number(went); n != 0 {
				put(n)
			}
			return nil
		}
	}
}

func number(reply *redis.Cmd) int64 {
	n, err := reply.Int64()
	if err != nil {
		return 0 // a failed command fails the whole round
	}
	return n
}

// values are the scores of a ZRANGE with scores, in either protocol.
func values(reply *redis.Cmd) []int64 {
	list, err := reply.Slice()
	if err != nil {
		return nil
	}
	scores := make([]int64, 0, len(list))
	for i, item := range list {
		switch item := item.(type) {
		case []any: // member and score
			if score, ok := item[1].(float64); ok {
				scores = append(scores, int64(score))
			}
		case float64: // a score on its own, behind its member
			scores = append(scores, int64(item))
		case string:
			if i%2 == 1 {
				if score, err := strconv.ParseFloat(item, 64); err == nil {
					scores = append(scores, int64(score))
				}
			}
		}
	}
	return scores
}
