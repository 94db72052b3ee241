package redisviews

import (
	"context"
	"fmt"
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

// answer is what was read. One that turned out to be out of date is likely to
// be so the next time too; then nobody asks first whether it is.
type answer struct {
	changed string
	figures projections.Figures
	moving  bool
}

func newFigureCache() *figureCache {
	answers, err := lru.New[string, answer](figuresRemembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &figureCache{answers}
}

// Figures reads counts and samples as of one position, in one round trip if
// nothing has changed, else in two; the one time that changing begins, in three.
// The answer is shared between callers and must not be changed.
func (s *Store) Figures(ctx context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	var figures projections.Figures
	err := s.read(ctx, m, func(prefix string) (bool, error) {
		if fleeting(ask) {
			now, state, err := s.askUntilStill(ctx, prefix, ask, answer{})
			figures = now.figures
			figures.Position = state.mark.Position
			return state.complete, err
		}
		key := question(prefix, ask)
		known, ok := s.figures.answers.Get(key)
		if ok && !known.moving {
			state, err := s.state(ctx, prefix)
			if err != nil || !state.complete {
				return false, err
			}
			if known.changed == state.changed {
				figures = known.figures
				figures.Position = state.mark.Position
				return true, nil
			}
		}
		now, state, err := s.askUntilStill(ctx, prefix, ask, known)
		if err != nil || !state.complete {
			return false, err
		}
		now.moving = ok && now.changed != known.changed
		s.figures.answers.Add(key, now)
		figures = now.figures
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
// it starts over; a commit takes far longer than the two steps. The second is
// left out if the answer known before is still the answer.
func (s *Store) askUntilStill(ctx context.Context, prefix string, ask projections.Ask, known answer) (answer, state, error) {
	for {
		figures, series, before, err := s.ask(ctx, prefix, ask)
		switch {
		case err != nil || !before.complete || len(ask.Samples)+len(ask.Divided)+len(ask.Series)+len(ask.States) == 0:
			return answer{changed: before.changed, figures: figures}, before, err
		case before.changed == known.changed && known.figures.Counts != nil:
			return known, before, nil
		}
		after, err := s.rank(ctx, prefix, figures)
		if err == nil && len(ask.Series)+len(ask.States) > 0 {
			after, err = s.reckon(ctx, prefix, ask, series, &figures, before)
		}
		if err != nil || after.changed == before.changed {
			return answer{changed: before.changed, figures: figures}, after, err
		}
		select {
		case <-ctx.Done():
			return answer{}, state{}, failed(ctx, "read figures", ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// ask reads counts, and how many samples there are, as of one position. The
// counts behind series and states come apart.
func (s *Store) ask(ctx context.Context, prefix string, ask projections.Ask) (projections.Figures, countsOf, state, error) {
	pipe := s.client.TxPipeline()
	where := pipe.MGet(ctx, stateKeys(prefix)...)
	hashes := func(groups []string) []*redis.MapStringStringCmd {
		asked := make([]*redis.MapStringStringCmd, len(groups))
		for i, group := range groups {
			asked[i] = pipe.HGetAll(ctx, prefix+"c:"+group)
		}
		return asked
	}
	groups, parts := hashes(ask.Groups), hashes(ask.Divided)
	behind := groupsBehind(ask)
	counted := hashes(behind)
	cards, sums := make([]*redis.IntCmd, len(ask.Samples)), make([]*redis.StringCmd, len(ask.Samples))
	for i, set := range ask.Samples {
		cards[i] = pipe.ZCard(ctx, prefix+"s:"+set)
		sums[i] = pipe.HGet(ctx, prefix+"c:sum", set)
	}
	if _, err := pipe.Exec(ctx); failed(ctx, "read figures", err) != nil {
		return projections.Figures{}, nil, state{}, failed(ctx, "read figures", err)
	}
	figures := projections.Figures{
		Counts:  make(map[string]map[string]int64, len(groups)),
		Samples: make(map[string]projections.Distribution, len(cards)),
		Divided: make(map[string]map[string]projections.Distribution, len(parts)),
	}
	for i, group := range ask.Groups {
		counts, err := numbers(groups[i].Val())
		if err != nil {
			return figures, nil, state{}, fmt.Errorf("counts %s: %w", group, err)
		}
		figures.Counts[group] = counts
	}
	for i, set := range ask.Divided {
		counts, err := numbers(parts[i].Val())
		if err != nil {
			return figures, nil, state{}, fmt.Errorf("parts of %s: %w", set, err)
		}
		figures.Divided[set] = projections.Parts(counts)
	}
	for i, set := range ask.Samples {
		sum, err := sums[i].Int64()
		if err := failed(ctx, "read sum", err); err != nil {
			return figures, nil, state{}, err
		}
		figures.Samples[set] = projections.Distribution{Count: cards[i].Val(), Sum: sum}
	}
	series := make(countsOf, len(behind))
	for i, group := range behind {
		var err error
		if series[group], err = numbers(counted[i].Val()); err != nil {
			return figures, nil, state{}, fmt.Errorf("counts %s: %w", group, err)
		}
	}
	st, err := stateOf(where.Val())
	return figures, series, st, err
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
func (s *Store) rank(ctx context.Context, prefix string, figures projections.Figures) (state, error) {
	pipe := s.client.TxPipeline()
	where := pipe.MGet(ctx, stateKeys(prefix)...)
	var asked []*ranks
	for set, d := range figures.Samples {
		asked = append(asked, rankOf(ctx, pipe, prefix+"s:"+set, figures.Samples, set, d))
	}
	for set, parts := range figures.Divided {
		for part, d := range parts {
			asked = append(asked, rankOf(ctx, pipe, prefix+"s:"+projections.PartOf(set, part), parts, part, d))
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return state{}, failed(ctx, "read distribution", err)
	}
	for _, r := range asked {
		r.settle()
	}
	return stateOf(where.Val())
}

// ranks are the questions that complete one distribution, and where it goes.
type ranks struct {
	d                 projections.Distribution
	into              map[string]projections.Distribution
	name              string
	middle, p90, last *redis.ZSliceCmd // nil: there are no values
}

func rankOf(ctx context.Context, pipe redis.Pipeliner, key string, into map[string]projections.Distribution, name string, d projections.Distribution) *ranks {
	r := &ranks{d: d, into: into, name: name}
	if n := d.Count; n > 0 {
		p90 := (9*n+9)/10 - 1 // nearest rank
		r.middle = pipe.ZRangeWithScores(ctx, key, (n-1)/2, n/2)
		r.p90 = pipe.ZRangeWithScores(ctx, key, p90, p90)
		r.last = pipe.ZRangeWithScores(ctx, key, -1, -1)
	}
	return r
}

func (r *ranks) settle() {
	if r.middle == nil {
		return
	}
	middle, p90, last := r.middle.Val(), r.p90.Val(), r.last.Val()
	if len(middle) == 0 || len(p90) == 0 || len(last) == 0 {
		return // changed in between; the caller asks again
	}
	r.d.Median = (middle[0].Score + middle[len(middle)-1].Score) / 2
	r.d.P90, r.d.Max = int64(p90[0].Score), int64(last[0].Score)
	r.into[r.name] = r.d
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
	for _, set := range ask.Divided {
		b.WriteString("\x00d" + set)
	}
	for _, series := range ask.Series {
		fmt.Fprint(&b, "\x00t", series.Name, series.Spans, series.Spread)
	}
	return b.String()
}
