package redisviews

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// counts asks how many values of each set are up to each bound. Bounds ascend, and
// there is at least one.
func (a asker) counts(sets []string, bounds []int64) (read func() ([][]int64, error)) {
	upTo := make([]any, len(bounds))
	for i, bound := range bounds {
		upTo[i] = bound
	}
	var replies []*redis.Cmd
	for keys := range slices.Chunk(a.keys(sets), max(1, scriptMost/len(bounds))) {
		if a.script != nil && len(sets)*len(bounds) >= scriptLeast {
			replies = append(replies, a.script(counting, keys, upTo...))
			continue
		}
		for _, key := range keys {
			for _, bound := range upTo {
				replies = append(replies, a.queue("ZCOUNT", key, "-inf", bound))
			}
		}
	}
	return func() ([][]int64, error) {
		all := make([]int64, 0, len(sets)*len(bounds))
		for _, reply := range replies {
			var err error
			if all, err = integers(all, reply); err != nil {
				return nil, err
			}
		}
		bySet := make([][]int64, 0, len(sets))
		for counts := range slices.Chunk(all, len(bounds)) {
			bySet = append(bySet, counts)
		}
		return bySet, nil
	}
}

// following asks for the least value of any set that is greater than one. Some of
// those read are the least of a few sets; there may be none.
func (a asker) following(sets []string, than int64) (read func() []int64) {
	var replies []*redis.Cmd
	for keys := range slices.Chunk(a.keys(sets), scriptMost) {
		if a.script != nil {
			replies = append(replies, a.script(following, keys, than))
			continue
		}
		for _, key := range keys {
			replies = append(replies, a.queue("ZRANGEBYSCORE", key, "("+strconv.FormatInt(than, 10), "+inf", "WITHSCORES", "LIMIT", 0, 1))
		}
	}
	return func() (found []int64) {
		for _, reply := range replies {
			found = append(found, values(reply)...)
		}
		return found
	}
}

// integers appends one integer, or several.
func integers(to []int64, reply *redis.Cmd) ([]int64, error) {
	several, ok := reply.Val().([]any)
	if !ok {
		several = []any{reply.Val()}
	}
	for _, one := range several {
		n, ok := one.(int64)
		if !ok {
			return nil, fmt.Errorf("redis: counted %v", one)
		}
		to = append(to, n)
	}
	return to, nil
}

// ranks asks how many values of each set are at most each of some ascending ones.
// Those that still grow are stored as instants: what is smaller began later, all
// up to the same one.
func (a asker) ranks(sets []projections.Source, values []int64) (read func() ([][]int64, error)) {
	var over, growing []string
	before := make([]int64, len(values), len(values)+1)
	for _, s := range sets {
		if s.At == 0 {
			over = append(over, s.Set)
			continue
		}
		growing = append(growing, s.Set)
		for i, v := range values {
			before[len(values)-1-i] = s.At - v - 1
		}
	}
	readOver, readGrowing := a.counts(over, values), a.counts(growing, append(before, math.MaxInt64))
	return func() ([][]int64, error) {
		of, err := readOver()
		if err != nil {
			return nil, err
		}
		earlier, err := readGrowing()
		if err != nil {
			return nil, err
		}
		all := make([][]int64, len(sets))
		for i, s := range sets {
			if s.At == 0 {
				all[i], of = of[0], of[1:]
				continue
			}
			n := earlier[0]
			all[i], earlier = make([]int64, len(values)), earlier[1:]
			for j := range values {
				all[i][j] = n[len(values)] - n[len(values)-1-j]
			}
		}
		return all, nil
	}
}
