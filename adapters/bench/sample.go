package bench

import (
	"slices"
	"time"
)

// slice is what was done in one stretch of time.
type slice struct {
	elapsed time.Duration
	taken   []time.Duration // by each operation
	used    []time.Duration // processor time by each process
}

func (s slice) rate() float64 { return float64(len(s.taken)) / s.elapsed.Seconds() }

// sample is what was measured of one thing.
type sample struct{ slices []slice }

// rate is the median of the slices, in operations per second.
func (s *sample) rate() float64 {
	rates := make([]float64, len(s.slices))
	for i, one := range s.slices {
		rates[i] = one.rate()
	}
	return median(rates)
}

// sorted is how long every operation took.
func (s *sample) sorted() []time.Duration {
	var all []time.Duration
	for _, one := range s.slices {
		all = append(all, one.taken...)
	}
	slices.Sort(all)
	return all
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// quantile is by nearest rank.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
