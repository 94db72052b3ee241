package projections

import "strings"

// SampleBy is Sample for one part of a set, such as the deals of one owner. All
// parts of a set are asked for together, whichever there are by then.
func (f *Facts) SampleBy(set, part string, value int64) {
	f.samples = append(f.samples, sample{set: PartOf(set, part), value: value})
	f.Count(set, partCount+part, 1)
	f.Count(set, partSum+part, value)
}

// Fields of the group of counts that a divided set has under its own name.
const (
	partCount = "n:"
	partSum   = "sum:"
)

// PartOf names one part of a divided set of samples. The unit separator occurs
// in no value.
func PartOf(set, part string) string { return set + "\x1f" + part }

// Parts reads which parts a set has, and the count and sum of each, from the
// group of counts of the same name.
func Parts(counts map[string]int64) map[string]Distribution {
	parts := make(map[string]Distribution, len(counts)/2)
	for field, n := range counts {
		if part, ok := strings.CutPrefix(field, partCount); ok {
			parts[part] = Distribution{Count: n, Sum: counts[partSum+part]}
		}
	}
	return parts
}
