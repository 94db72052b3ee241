package redisviews

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// Figures reads counts and samples as of one position. What stays until something
// changes is remembered: in one round trip if nothing has changed, else in two;
// the one time that changing begins, in three. What passing time alone changes is
// worked out in a few more, but once for as long as it holds: states at present
// until the next subject comes into one or goes out of it, what is still running
// for the second. Who asks for what another one is working out waits for it, and
// then makes sure that it still holds.
// The answer is shared between callers and must not be changed.
func (s *Store) Figures(ctx context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	var figures projections.Figures
	err := s.read(ctx, m, func(prefix string) (bool, error) {
		q := newQuestion(prefix, ask)
		of := s.figures.of(q.key)
		now, st, err := s.remembered(ctx, q, of)
		if err != nil || !st.complete {
			return false, err
		}
		figures = ask.Together(now.lasting, now.passing)
		figures.Position, figures.State, figures.Until = st.mark.Position, prefix+now.changed, now.until
		return true, nil
	})
	return figures, err
}

// remembered is the answer, if need be worked out.
func (s *Store) remembered(ctx context.Context, q question, of *remembered) (answer, state, error) {
	known := of.last.Load()
	if known != nil && !known.moving {
		if now, st, err := s.again(ctx, q, of, known); err != nil || st.same(known.changed) {
			return now, st, err
		}
	}
	if err := of.begin(ctx); err != nil {
		return answer{}, state{}, failed(ctx, "read figures", err)
	}
	defer of.end()
	if last := of.last.Load(); last != known { // another one has worked it out meanwhile
		if now, st, err := s.again(ctx, q, of, last); err != nil || st.same(last.changed) {
			return now, st, err
		}
		known = last
	}
	now, st, err := s.askUntilStill(ctx, q, known)
	if err != nil || !st.complete {
		return now, st, err
	}
	now.moving = known != nil && now.changed != known.changed
	of.last.Store(&now)
	return now, st, nil
}

// again is the answer known before, and what has passed since; if something was
// changed, the state says so, and it is none.
func (s *Store) again(ctx context.Context, q question, of *remembered, known *answer) (answer, state, error) {
	if known.holds(q) {
		now, err := s.state(ctx, q.prefix)
		return *known, now, err
	}
	now := *known
	r := rounds{store: s, prefix: q.prefix, before: state{changed: known.changed}}
	now.reckonPassing(&r, q)
	if len(r.steps) == 0 { // nothing is passing
		r.settle()
		st, err := s.state(ctx, q.prefix)
		return now, st, err
	}
	st, err := r.run(ctx)
	if err == nil && st.same(known.changed) {
		of.last.Store(&now)
	}
	return now, st, err
}

// askUntilStill reads figures in two steps and more, because the ranks of a
// distribution depend on how many values there are. If something was committed in
// between it starts over; a commit takes far longer than the steps. What lasts is
// not worked out again if the answer known before is still the answer.
func (s *Store) askUntilStill(ctx context.Context, q question, known *answer) (answer, state, error) {
	for {
		now, before, err := s.ask(ctx, q)
		if err != nil || !before.complete {
			return answer{}, before, err
		}
		if !before.torn {
			r := rounds{store: s, prefix: q.prefix, before: before}
			if known != nil && known.changed == before.changed {
				now.lasting = known.lasting
			} else {
				r.reckon(q.lasting, now.counts, &now.lasting)
			}
			now.reckonPassing(&r, q)
			after, err := r.run(ctx)
			if err != nil || after.same(before.changed) {
				return now, after, err
			}
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
func (s *Store) ask(ctx context.Context, q question) (answer, state, error) {
	pipe := s.reads(ctx, q.prefix)
	hashes := func(groups []string) []*redis.MapStringStringCmd {
		asked := make([]*redis.MapStringStringCmd, len(groups))
		for i, group := range groups {
			asked[i] = pipe.HGetAll(ctx, q.prefix+"c:"+group)
		}
		return asked
	}
	ask := q.lasting
	behind := groupsBehind(q.lasting, q.passing)
	groups, parts, counted := hashes(ask.Groups), hashes(ask.Divided), hashes(behind)
	cards, sums := make([]*redis.IntCmd, len(ask.Samples)), make([]*redis.StringCmd, len(ask.Samples))
	for i, set := range ask.Samples {
		cards[i] = pipe.ZCard(ctx, q.prefix+"s:"+set)
		sums[i] = pipe.HGet(ctx, q.prefix+"c:sum", set)
	}
	st, err := pipe.exec(ctx)
	if err != nil {
		return answer{}, state{}, failed(ctx, "read figures", err)
	}
	now, figures := answer{}, projections.Figures{
		Samples: make(map[string]projections.Distribution, len(cards)),
		Divided: make(map[string]map[string]projections.Distribution, len(parts)),
	}
	if figures.Counts, err = numbersBy(ask.Groups, groups); err != nil {
		return now, state{}, err
	}
	if now.counts, err = numbersBy(behind, counted); err != nil {
		return now, state{}, err
	}
	divided, err := numbersBy(ask.Divided, parts)
	if err != nil {
		return now, state{}, err
	}
	for set, counts := range divided {
		figures.Divided[set] = projections.Parts(counts)
	}
	for i, set := range ask.Samples {
		sum, err := sums[i].Int64()
		if err := failed(ctx, "read sum", err); err != nil {
			return now, state{}, err
		}
		figures.Samples[set] = projections.Distribution{Count: cards[i].Val(), Sum: sum}
	}
	now.changed, now.lasting = st.changed, figures
	return now, st, nil
}

// numbersBy reads hashes of counts by their names.
func numbersBy(names []string, hashes []*redis.MapStringStringCmd) (countsOf, error) {
	all := make(countsOf, len(names))
	for i, name := range names {
		counts, err := numbers(hashes[i].Val())
		if err != nil {
			return nil, fmt.Errorf("counts %s: %w", name, err)
		}
		all[name] = counts
	}
	return all, nil
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
