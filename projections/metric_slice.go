package projections

import (
	"slices"

	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

// Slice is what is known of one period and one value of a dimension, for a
// metric to make its figures of.
type Slice struct {
	Period     period.Period
	Policy     *policy.Version    // in force at the end of the period
	measures   []of[Distribution] // few of each
	begin, end []of[int64]        // states at the beginning, and at the end
}

// of is what one part of a measure, or of states, comes to.
type of[V any] struct {
	name, part string
	value      V
}

func find[V any](all []of[V], name, part string) (value V) {
	for i := range all {
		if all[i].name == name && all[i].part == part {
			return all[i].value
		}
	}
	return value
}

// Figure is one part of a slice.
type Figure struct {
	Part        string
	Value       *float64
	Numerator   *int64
	Denominator *int64
	Samples     *Distribution
	Excluded    map[string]int64
	Pending     *int64   // cases that may still change the figure
	Step        *float64 // of a funnel: share of those in the stage before
}

// Count is how many cases a measure has, over all parts.
func (s *Slice) Count(measure string) (n int64) {
	for i := range s.measures {
		if s.measures[i].name == measure {
			n += s.measures[i].value.Count
		}
	}
	return n
}

// Of is one part of a measure.
func (s *Slice) Of(measure, part string) Distribution { return find(s.measures, measure, part) }

// Parts are the parts that any of the measures has.
func (s *Slice) Parts(measures ...string) []string {
	var parts []string
	for i := range s.measures {
		if slices.Contains(measures, s.measures[i].name) {
			parts = append(parts, s.measures[i].part)
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// Begin is how many are in a part of states up to when the period begins, where
// the one before ends.
func (s *Slice) Begin(states, part string) int64 { return find(s.begin, states, part) }

// End is how many are in it when it ends, or by now.
func (s *Slice) End(states, part string) int64 { return find(s.end, states, part) }

// share is the ratio of cases of one measure to those of others.
func share(of string, from ...string) func(*Slice) []Figure {
	return func(s *Slice) []Figure {
		var whole int64
		for _, m := range from {
			whole += s.Count(m)
		}
		return []Figure{fraction("", s.Count(of), whole)}
	}
}

func fraction(part string, numerator, denominator int64) Figure {
	return Figure{Part: part, Value: ratio(numerator, denominator), Numerator: &numerator, Denominator: &denominator}
}

// headcount is how many there are of a part.
func headcount(part string, n int64) Figure {
	value := float64(n)
	return Figure{Part: part, Value: &value, Numerator: &n}
}

// leaveOut says how many cases were left out for a reason, if any.
func (f *Figure) leaveOut(reason string, n int64) {
	if n == 0 {
		return
	}
	if f.Excluded == nil {
		f.Excluded = map[string]int64{}
	}
	f.Excluded[reason] = n
}

// mean is the mean of a measure, with its median and percentiles, by part.
func mean(measure string) func(*Slice) []Figure {
	return func(s *Slice) []Figure {
		var figures []Figure
		for _, part := range s.Parts(measure) {
			d := s.Of(measure, part)
			figures = append(figures, Figure{Part: part, Value: ratio(d.Sum, d.Count), Numerator: &d.Sum, Denominator: &d.Count, Samples: &d})
		}
		return figures
	}
}

// total is the sum of a measure, by part, in hundredths if it was so summed.
func total(measure string, per int64) func(*Slice) []Figure {
	return func(s *Slice) []Figure {
		var figures []Figure
		for _, part := range s.Parts(measure) {
			sum := (s.Of(measure, part).Count + per/2) / per
			value := float64(sum)
			figures = append(figures, Figure{Part: part, Value: &value, Numerator: &sum})
		}
		return figures
	}
}
