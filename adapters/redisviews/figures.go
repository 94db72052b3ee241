package redisviews

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// figuresRemembered bounds the questions whose answers are kept.
const figuresRemembered = 2048

// figureCache keeps answers with the mark of the last change they were read at.
// While that mark stands, they are still the answers, however far the position
// has moved on.
type figureCache struct {
	answers *lru.Cache[string, answer]
}

type answer struct {
	changed string
	figures projections.Figures
}

func newFigureCache() *figureCache {
	answers, err := lru.New[string, answer](figuresRemembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &figureCache{answers}
}

// Figures reads counts and samples as of one position. The answer is shared
// between callers and must not be changed.
func (s *Store) Figures(ctx context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	var figures projections.Figures
	err := s.read(ctx, m, func(prefix string) (bool, error) {
		state, err := s.state(ctx, prefix)
		if err != nil || !state.complete {
			return false, err
		}
		key := question(prefix, ask)
		known, ok := s.figures.answers.Get(key)
		if !ok || known.changed != state.changed {
			if known, state, err = s.askUntilStill(ctx, prefix, ask); err != nil || !state.complete {
				return false, err
			}
			s.figures.answers.Add(key, known)
		}
		figures = known.figures
		figures.Position = state.mark.Position
		return true, nil
	})
	return figures, err
}

// state is where a build stands.
type state struct {
	complete bool
	changed  string
	mark     projections.Mark
}

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
	return state{values[0] != nil, string(text(values[1])), mark}, err
}

// askUntilStill reads figures in two steps, because the ranks of a distribution
// depend on how many values there are. If something was committed in between
// it starts over; a commit takes far longer than the two steps.
func (s *Store) askUntilStill(ctx context.Context, prefix string, ask projections.Ask) (answer, state, error) {
	for {
		figures, before, err := s.ask(ctx, prefix, ask)
		if err != nil || !before.complete || len(ask.Samples) == 0 {
			return answer{before.changed, figures}, before, err
		}
		after, err := s.rank(ctx, prefix, figures.Samples)
		if err != nil || after.changed == before.changed {
			return answer{before.changed, figures}, after, err
		}
		select {
		case <-ctx.Done():
			return answer{}, state{}, failed(ctx, "read figures", ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// ask reads counts, and how many samples there are, as of one position.
func (s *Store) ask(ctx context.Context, prefix string, ask projections.Ask) (projections.Figures, state, error) {
	pipe := s.client.TxPipeline()
	where := pipe.MGet(ctx, stateKeys(prefix)...)
	groups := make([]*redis.MapStringStringCmd, len(ask.Groups))
	for i, group := range ask.Groups {
		groups[i] = pipe.HGetAll(ctx, prefix+"c:"+group)
	}
	cards, sums := make([]*redis.IntCmd, len(ask.Samples)), make([]*redis.StringCmd, len(ask.Samples))
	for i, set := range ask.Samples {
		cards[i] = pipe.ZCard(ctx, prefix+"s:"+set)
		sums[i] = pipe.HGet(ctx, prefix+"c:sum", set)
	}
	if _, err := pipe.Exec(ctx); failed(ctx, "read figures", err) != nil {
		return projections.Figures{}, state{}, failed(ctx, "read figures", err)
	}
	figures := projections.Figures{Counts: make(map[string]map[string]int64, len(groups)), Samples: make(map[string]projections.Distribution, len(cards))}
	for i, group := range ask.Groups {
		counts, err := numbers(groups[i].Val())
		if err != nil {
			return figures, state{}, fmt.Errorf("counts %s: %w", group, err)
		}
		figures.Counts[group] = counts
	}
	for i, set := range ask.Samples {
		sum, err := sums[i].Int64()
		if err := failed(ctx, "read sum", err); err != nil {
			return figures, state{}, err
		}
		figures.Samples[set] = projections.Distribution{Count: cards[i].Val(), Sum: sum}
	}
	st, err := stateOf(where.Val())
	return figures, st, err
}

// numbers reads a hash of counts. A field that has come back to 0 is left out.
func numbers(fields map[string]string) (map[string]int64, error) {
	counts := make(map[string]int64, len(fields))
	for field, n := range fields {
		value, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		if value != 0 {
			counts[field] = value
		}
	}
	return counts, nil
}

// rank fills in medians, percentiles and greatest values.
func (s *Store) rank(ctx context.Context, prefix string, samples map[string]projections.Distribution) (state, error) {
	pipe := s.client.TxPipeline()
	where := pipe.MGet(ctx, stateKeys(prefix)...)
	type ranks struct{ middle, p90, last *redis.ZSliceCmd }
	asked := make(map[string]ranks, len(samples))
	for set, d := range samples {
		if d.Count == 0 {
			continue
		}
		key, n := prefix+"s:"+set, d.Count
		p90 := int64(math.Ceil(0.9*float64(n))) - 1
		asked[set] = ranks{
			pipe.ZRangeWithScores(ctx, key, (n-1)/2, n/2),
			pipe.ZRangeWithScores(ctx, key, p90, p90),
			pipe.ZRangeWithScores(ctx, key, -1, -1),
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return state{}, failed(ctx, "read distribution", err)
	}
	for set, r := range asked {
		middle, p90, last := r.middle.Val(), r.p90.Val(), r.last.Val()
		if len(middle) == 0 || len(p90) == 0 || len(last) == 0 {
			continue // changed in between; the caller asks again
		}
		d := samples[set]
		d.Median = (middle[0].Score + middle[len(middle)-1].Score) / 2
		d.P90, d.Max = int64(p90[0].Score), int64(last[0].Score)
		samples[set] = d
	}
	return stateOf(where.Val())
}

// question identifies what was asked of which build.
func question(prefix string, ask projections.Ask) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, group := range ask.Groups {
		b.WriteString("\x00c" + group)
	}
	for _, set := range ask.Samples {
		b.WriteString("\x00s" + set)
	}
	return b.String()
}
