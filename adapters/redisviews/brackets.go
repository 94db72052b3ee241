package redisviews

import "github.com/annals-crm/annals/projections"

// cutsAtOnce is how often a bracket is cut in one round; one of the sixteen
// pieces remains. A round trip costs more than counting in sorted sets.
const cutsAtOnce = 15

// search finds the k-th smallest of n values. It lies between the least and the
// greatest of what stands at the same relative rank in the sets: of values below
// the least there are fewer than k, of values up to the greatest at least k.
func search(sets []projections.Source, n, k int64, put func(int64)) step {
	before, upTo := make([]int64, len(sets)), make([]int64, len(sets))
	for i, s := range sets {
		upTo[i] = (k*s.N + n - 1) / n
		before[i] = upTo[i] - 1
	}
	return fetched(sets, before, upTo, func(sorted []int64) (step, error) {
		least, most := sorted[0], sorted[len(sorted)-1]
		if least == most {
			put(least)
			return nil, nil
		}
		b := &bracket{sets: sets, k: k, low: least - 1, high: most, put: put}
		return b.cut(append(append([]int64{b.low}, b.cuts()...), b.high)), nil
	})
}

// bracket is a stretch of values that holds the k-th smallest: those greater
// than low, up to high.
type bracket struct {
	sets      []projections.Source
	k         int64
	low, high int64
	from, to  []int64 // how many values of each set are up to low, and up to high
	put       func(int64)
}

// cuts are values that divide the bracket into equal pieces.
func (b *bracket) cuts() []int64 {
	cuts := make([]int64, 0, cutsAtOnce+2)
	width, last := b.high-b.low, b.low
	for i := range int64(cutsAtOnce) {
		at := b.low + width/(cutsAtOnce+1)*(i+1) + width%(cutsAtOnce+1)*(i+1)/(cutsAtOnce+1)
		if at > last && at < b.high {
			cuts = append(cuts, at)
			last = at
		}
	}
	return cuts
}

// cut counts how many values are up to each cut, and keeps the piece between the
// last cut that is too low and the first that is not.
func (b *bracket) cut(cuts []int64) step {
	return func(ask asker) func() (step, error) {
		read := ask.ranks(b.sets, cuts)
		return func() (step, error) {
			ranks, err := read()
			if err != nil {
				return nil, err
			}
			for i, at := range cuts {
				each, n := make([]int64, len(ranks)), int64(0)
				for j, of := range ranks {
					each[j] = of[i]
					n += of[i]
				}
				if n >= b.k {
					b.high, b.to = at, each
					break
				}
				b.low, b.from = at, each
			}
			if b.from == nil || b.to == nil {
				return nil, lost(b.sets[0])
			}
			return b.next(), nil
		}
	}
}

func (b *bracket) next() step {
	var below, inside int64
	for i := range b.sets {
		below += b.from[i]
		inside += b.to[i] - b.from[i]
	}
	switch {
	case b.high-b.low == 1:
		b.put(b.high)
		return nil
	case inside > fetchAtMost:
		return b.cut(b.cuts())
	}
	return fetched(b.sets, b.from, b.to, func(sorted []int64) (step, error) {
		b.put(sorted[b.k-below-1])
		return nil, nil
	})
}
