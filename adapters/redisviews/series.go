package redisviews

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// countsOf are counts by group and field.
type countsOf = map[string]map[string]int64

// groupsBehind are the groups of counts that series and states are made of.
func groupsBehind(asked ...projections.Ask) []string {
	var groups []string
	for _, ask := range asked {
		for _, s := range ask.Series {
			groups = append(groups, s.Groups()...)
		}
		for _, s := range ask.States {
			groups = append(groups, s.Group())
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// reckon takes the steps that work out series and states, and what samples there
// are, from their counts. The answer is whole when the rounds are over.
func (r *rounds) reckon(ask projections.Ask, counts countsOf, figures *projections.Figures) {
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
	r.ranks(figures.Samples, func(set string) string { return set })
	for set, parts := range figures.Divided {
		r.ranks(parts, func(part string) string { return projections.PartOf(set, part) })
	}
	if len(ask.States) > 0 {
		figures.States = make([][]map[string]int64, len(ask.States))
	}
	for i, states := range ask.States {
		figures.States[i] = r.balances(states, counts[states.Group()])
	}
	if len(cells) == 0 {
		return
	}
	r.settled = append(r.settled, func() {
		figures.Series = make([][]map[string]projections.Distribution, len(cells))
		for i := range cells {
			figures.Series[i] = projections.Distributions(cells[i])
		}
	})
}

// ranks completes distributions, each of the set that of names.
func (r *rounds) ranks(into map[string]projections.Distribution, of func(string) string) {
	for name, d := range into {
		if d.Count == 0 {
			continue
		}
		cell := &projections.Cell{Distribution: d, Sets: []projections.Source{{Set: of(name), N: d.Count}}}
		r.steps = append(r.steps, ranking(cell))
		r.settled = append(r.settled, func() { into[name] = cell.Distribution })
	}
}

// balances counts who is in each part of some states at instants. Those that are
// asked for twice, as where one period ends and the next begins, are counted once,
// and all of the same states together.
func (r *rounds) balances(states projections.States, parts map[string]int64) []map[string]int64 {
	if r.counted == nil {
		r.counted = map[string]map[int64]map[string]int64{}
	}
	answer, known := make([]map[string]int64, len(states.At)), r.counted[states.Name]
	if known == nil {
		known = map[int64]map[string]int64{}
		r.counted[states.Name] = known
	}
	if len(known) == 0 && len(parts) > 0 && len(states.At) > 0 {
		r.steps = append(r.steps, balance(states, slices.Collect(maps.Keys(parts)), known))
	}
	for i, at := range states.At {
		ms := at.UnixMilli()
		if known[ms] == nil {
			known[ms] = make(map[string]int64, len(parts))
		}
		answer[i] = known[ms]
	}
	return answer
}

// nextTurn finds out when the next subject comes into a part of states, or goes
// out of one, and moves until up to then if it is later.
func (r *rounds) nextTurn(states projections.States, parts map[string]int64, until *time.Time) {
	sets := setsOf(states, slices.Collect(maps.Keys(parts)))
	r.steps = append(r.steps, func(ask asker) func() (step, error) {
		read := ask.following(sets, states.Present.UnixMilli())
		return func() (step, error) {
			for _, ms := range read() {
				*until = sooner(*until, time.UnixMilli(ms))
			}
			return nil, nil
		}
	})
}

// setsOf are the instants of coming into each part and of going out of it, one
// after the other.
func setsOf(states projections.States, parts []string) []string {
	sets := make([]string, 0, 2*len(parts))
	for _, part := range parts {
		sets = append(sets, states.Entered(part), states.Left(part))
	}
	return sets
}

// sooner is the earlier of two ends.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// step asks something in one round of commands, and learns from the answers
// what to ask in the next: nil when it knows enough.
type step func(ask asker) (learn func() (step, error))

// rounds takes steps together, so that many figures cost as many round trips as
// the one that takes most. They end as soon as something was committed since.
type rounds struct {
	store   *Store
	prefix  string
	before  state
	steps   []step
	counted map[string]map[int64]map[string]int64 // of states: by instant and part
	settled []func()
}

// run takes the steps, and returns where the build stands in the end. What Redis
// refuses to run as a script is asked for once more, bit by bit.
func (r *rounds) run(ctx context.Context) (state, error) {
	now := r.before
	for len(r.steps) > 0 {
		pipe := r.store.reads(ctx, r.prefix)
		ask := r.asker(ctx, pipe)
		learn := make([]func() (step, error), len(r.steps))
		for i, s := range r.steps {
			learn[i] = s(ask)
		}
		var err error
		if now, err = pipe.exec(ctx); ask.script != nil && refused(err) {
			r.store.unscripted.Store(true)
			continue
		} else if err != nil {
			return state{}, failed(ctx, "read series", err)
		}
		if !now.same(r.before.changed) {
			return now, nil
		}
		if r.steps, err = learned(learn); err != nil {
			return now, err
		}
	}
	r.settle()
	return now, nil
}

func (r *rounds) settle() {
	for _, settle := range r.settled {
		settle()
	}
}

// learned are the steps that follow.
func learned(learn []func() (step, error)) (next []step, err error) {
	for _, l := range learn {
		s, err := l()
		if err != nil {
			return nil, err
		}
		if s != nil {
			next = append(next, s)
		}
	}
	return next, nil
}

// balance counts, in each part, what came in up to each instant less what went out.
func balance(states projections.States, parts []string, into map[int64]map[string]int64) step {
	return func(ask asker) func() (step, error) {
		instants := slices.Sorted(maps.Keys(into))
		read := ask.counts(setsOf(states, parts), instants)
		return func() (step, error) {
			counts, err := read()
			if err != nil {
				return nil, err
			}
			for i, part := range parts {
				for j, at := range instants {
					if n := counts[2*i][j] - counts[2*i+1][j]; n != 0 {
						into[at][part] = n
					}
				}
			}
			return nil, nil
		}
	}
}

// values are the scores of a ZRANGE with scores, in either protocol, or what a
// script found.
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
		case int64:
			scores = append(scores, item)
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
