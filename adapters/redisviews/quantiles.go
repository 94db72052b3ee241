package redisviews

import (
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// So many values at most are read and sorted here, whichever are wanted, in all
// sets of a cell, or in its only one.
const (
	fetchAtMost = 256
	fetchOfOne  = 16
)

// ranking finds median, 90th percentile and greatest value of all values in the
// sets of a cell, exactly and without reading them all. In a single set a rank is
// read where it stands; in several it is searched for.
func ranking(cell *projections.Cell) step {
	sets, n := cell.Sets, cell.Count
	nineTenths := (9*n + 9) / 10 // nearest rank
	if n <= fetchOfOne || n <= fetchAtMost && len(sets) > 1 {
		return fetched(sets, make([]int64, len(sets)), lengths(sets), func(sorted []int64) (step, error) {
			cell.Median = halfway(sorted[(n-1)/2], sorted[n/2])
			cell.P90, cell.Max = sorted[nineTenths-1], sorted[n-1]
			return nil, nil
		})
	}
	find := search
	if len(sets) == 1 {
		find = standing
	}
	var low, high int64
	median := func() { cell.Median = halfway(low, high) }
	steps := []step{
		find(sets, n, n/2+1, func(v int64) { high = v; median() }),
		find(sets, n, nineTenths, func(v int64) { cell.P90 = v }),
		greatest(sets, func(v int64) { cell.Max = v }),
	}
	if n%2 == 0 {
		steps = append(steps, find(sets, n, n/2, func(v int64) { low = v; median() }))
	} else {
		median = func() { cell.Median = float64(high) }
	}
	return all(steps...)
}

func halfway(a, b int64) float64 { return (float64(a) + float64(b)) / 2 }

func lengths(sets []projections.Source) []int64 {
	n := make([]int64, len(sets))
	for i, s := range sets {
		n[i] = s.N
	}
	return n
}

// all takes several steps at once.
func all(steps ...step) step {
	return func(ask asker) func() (step, error) {
		learn := make([]func() (step, error), len(steps))
		for i, s := range steps {
			learn[i] = s(ask)
		}
		return func() (step, error) {
			next, err := learned(learn)
			if len(next) == 0 {
				return nil, err
			}
			return all(next...), err
		}
	}
}

// fetched reads the values between two ranks of each set, and goes on with all
// of them, sorted. It fails if there are fewer than were counted.
func fetched(sets []projections.Source, from, to []int64, then func([]int64) (step, error)) step {
	return func(ask asker) func() (step, error) {
		replies := make([]*redis.Cmd, len(sets))
		for i, s := range sets {
			if from[i] < to[i] {
				replies[i] = ranked(ask, s, from[i], to[i])
			}
		}
		return func() (step, error) {
			var sorted []int64
			for i, s := range sets {
				if replies[i] == nil {
					continue
				}
				values := valuesOf(s, replies[i])
				if int64(len(values)) != to[i]-from[i] {
					return nil, lost(s)
				}
				sorted = append(sorted, values...)
			}
			slices.Sort(sorted)
			return then(sorted)
		}
	}
}

// ranked asks for the values of a set between two ranks. Those that still grow
// are stored as instants, which count backwards.
func ranked(ask asker, s projections.Source, from, to int64) *redis.Cmd {
	if s.At != 0 {
		from, to = s.N-to, s.N-from
	}
	return ask.ask("ZRANGE", s.Set, from, to-1, "WITHSCORES")
}

// lost says that a set is not what was counted, as when Redis dropped it to save
// memory.
func lost(s projections.Source) error {
	return fmt.Errorf("redis: fewer values in %s than were counted", s.Set)
}

func valuesOf(s projections.Source, reply *redis.Cmd) []int64 {
	read := values(reply)
	if s.At != 0 {
		for i, v := range read {
			read[i] = s.At - v
		}
	}
	return read
}

// standing reads the k-th smallest value of the only set.
func standing(sets []projections.Source, _, k int64, put func(int64)) step {
	return fetched(sets, []int64{k - 1}, []int64{k}, func(sorted []int64) (step, error) {
		put(sorted[0])
		return nil, nil
	})
}

// greatest reads the greatest value of all sets.
func greatest(sets []projections.Source, put func(int64)) step {
	before := lengths(sets)
	for i := range before {
		before[i]--
	}
	return fetched(sets, before, lengths(sets), func(sorted []int64) (step, error) {
		put(sorted[len(sorted)-1])
		return nil, nil
	})
}
