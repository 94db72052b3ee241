package redisviews

import (
	"cmp"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// fetchAtMost is how many values are read and sorted here rather than searched
// for in the sets.
const fetchAtMost = 256

// ranking finds median, 90th percentile and greatest value of all values in the
// sets of a cell, exactly and without reading them all: each rank is searched
// for in a bracket of values that every round makes narrower.
func ranking(cell *projections.Cell) step {
	n := cell.Count
	if n <= fetchAtMost {
		return fetched(cell.Sets, make([]int64, len(cell.Sets)), lengths(cell.Sets), func(sorted []int64) {
			cell.Median = (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
			cell.P90, cell.Max = sorted[(9*n+9)/10-1], sorted[n-1]
		})
	}
	var low, high float64
	median := func() { cell.Median = (low + high) / 2 }
	return all(
		search(cell.Sets, n, (n+1)/2, func(v int64) { low = float64(v); median() }),
		search(cell.Sets, n, n/2+1, func(v int64) { high = float64(v); median() }),
		search(cell.Sets, n, (9*n+9)/10, func(v int64) { cell.P90 = v }),
		search(cell.Sets, n, n, func(v int64) { cell.Max = v }),
	)
}

func lengths(sets []projections.Source) []int64 {
	n := make([]int64, len(sets))
	for i, s := range sets {
		n[i] = s.N
	}
	return n
}

// all takes several steps at once.
func all(steps ...step) step {
	return func(ask func(...any) *redis.Cmd) func() step {
		learn := make([]func() step, len(steps))
		for i, s := range steps {
			learn[i] = s(ask)
		}
		return func() step {
			var next []step
			for _, l := range learn {
				if s := l(); s != nil {
					next = append(next, s)
				}
			}
			if len(next) == 0 {
				return nil
			}
			return all(next...)
		}
	}
}

// fetched reads the values between two ranks of each set and hands over all of
// them, sorted.
func fetched(sets []projections.Source, from, to []int64, put func([]int64)) step {
	return func(ask func(...any) *redis.Cmd) func() step {
		replies := make([]*redis.Cmd, len(sets))
		for i, s := range sets {
			if from[i] < to[i] {
				replies[i] = ranked(ask, s, from[i], to[i])
			}
		}
		return func() step {
			var sorted []int64
			for i, s := range sets {
				if replies[i] != nil {
					sorted = append(sorted, valuesOf(s, replies[i])...)
				}
			}
			slices.Sort(sorted)
			put(sorted)
			return nil
		}
	}
}

// ranked asks for the values of a set between two ranks. Those that still grow
// are stored as instants, which count backwards.
func ranked(ask func(...any) *redis.Cmd, s projections.Source, from, to int64) *redis.Cmd {
	if s.At != 0 {
		from, to = s.N-to, s.N-from
	}
	return ask("ZRANGE", s.Set, from, to-1, "WITHSCORES")
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

// counted asks how many values of a set are at most v.
func counted(ask func(...any) *redis.Cmd, s projections.Source, v int64) *redis.Cmd {
	if s.At != 0 {
		return ask("ZCOUNT", s.Set, s.At-v, "+inf")
	}
	return ask("ZCOUNT", s.Set, "-inf", v)
}

// search finds the k-th smallest of n values. It lies between the least and the
// greatest of what stands at the same relative rank in the sets: of values below
// the least there are fewer than k, of values up to the greatest at least k.
func search(sets []projections.Source, n, k int64, put func(int64)) step {
	return func(ask func(...any) *redis.Cmd) func() step {
		replies := make([]*redis.Cmd, len(sets))
		for i, s := range sets {
			rank := (k*s.N + n - 1) / n
			replies[i] = ranked(ask, s, rank-1, rank)
		}
		return func() step {
			b := bracket{sets: sets, k: k, put: put}
			for i, s := range sets {
				for _, v := range valuesOf(s, replies[i]) {
					if i == 0 || v < b.low {
						b.low = v
					}
					b.high = max(b.high, v)
					if i == 0 {
						b.high = v
					}
				}
			}
			if b.low == b.high {
				put(b.low)
				return nil
			}
			return b.open
		}
	}
}

// bracket is a stretch of values that holds the k-th smallest. From and to are
// the ranks it takes up in each set.
type bracket struct {
	sets      []projections.Source
	k         int64
	low, high int64
	from, to  []int64
	put       func(int64)
}

// open finds the ranks at the ends of the bracket.
func (b *bracket) open(ask func(...any) *redis.Cmd) func() step {
	below, upTo := make([]*redis.Cmd, len(b.sets)), make([]*redis.Cmd, len(b.sets))
	for i, s := range b.sets {
		below[i], upTo[i] = counted(ask, s, b.low-1), counted(ask, s, b.high)
	}
	return func() step {
		b.from, b.to = numbersOf(below), numbersOf(upTo)
		return b.next()
	}
}

// narrow halves the bracket.
func (b *bracket) narrow(ask func(...any) *redis.Cmd) func() step {
	middle := b.low + (b.high-b.low)/2
	upTo := make([]*redis.Cmd, len(b.sets))
	for i, s := range b.sets {
		upTo[i] = counted(ask, s, middle)
	}
	return func() step {
		if ranks := numbersOf(upTo); sum(ranks) >= b.k {
			b.high, b.to = middle, ranks
		} else {
			b.low, b.from = middle+1, ranks
		}
		return b.next()
	}
}

func (b *bracket) next() step {
	below := sum(b.from)
	switch {
	case b.low == b.high:
		b.put(b.low)
		return nil
	case sum(b.to)-below > fetchAtMost:
		return b.narrow
	}
	return fetched(b.sets, b.from, b.to, func(sorted []int64) {
		if at := b.k - below - 1; at < int64(len(sorted)) {
			b.put(sorted[at])
		}
	})
}

func numbersOf(replies []*redis.Cmd) []int64 {
	n := make([]int64, len(replies))
	for i, r := range replies {
		n[i] = number(r)
	}
	return n
}

func sum[N cmp.Ordered](values []N) (total N) {
	for _, v := range values {
		total += v
	}
	return total
}
