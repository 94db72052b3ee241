package projections

import (
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
)

// Dated facts fall on a day, in a series that may have parts, such as the deals
// won of each owner. What falls into any stretch of days is asked for at once:
// counts, sums and, of samples, exact medians and percentiles.
//
// Days are kept twice, as days and as months. So the longest stretch people ask
// for, a year, is twelve entries of each part and not 366, and a week seven.

// Grain says how finely the facts of a part are kept.
type Grain int

// The grains. Days are kept as months, too; Months alone answer for months,
// quarters and years, and cost half as much, or far less where parts are many:
// what a page of events adds to a month is mostly one write.
const (
	Days Grain = iota
	Months
)

// CountOn adds n to a part of a series on a day.
func (f *Facts) CountOn(series, part string, day domain.Date, n int64, grain Grain) {
	f.onDay(dated{series: series, part: part, n: n, whole: grain}, day, nil)
}

// SampleOn adds one value to a part of a series, of which sum, median and
// percentiles can be asked. A document has at most one value in a part.
func (f *Facts) SampleOn(series, part string, day domain.Date, value int64, grain Grain) {
	f.onDay(dated{series: series, part: part, n: value, sample: true, whole: grain}, day, nil)
}

// Running adds a sample that grows as time passes: at any later instant its
// value is the time since then. Both are counted in the unit of the series.
func (f *Facts) Running(series, part string, since int64) {
	f.add(dated{series: series, part: part, n: since, sample: true}, nil)
}

// Series asks for dated facts.
type Series struct {
	Name   string
	Spans  []period.Period // rows of the answer; no two share a day
	Spread bool            // whether medians and percentiles are wanted
	// Samples that are still running join the span Running points to, as old as
	// they are At. Nil: they are left out.
	Running *int
	At      int64
}

// Groups are the groups of counts to read for an answer.
func (s Series) Groups() []string {
	var groups []string
	seen := map[string]bool{}
	for bucket := range s.buckets() {
		group := bucketGroup(s.Name, bucket[:len(bucket)-len("-01")])
		if !seen[group] {
			seen[group] = true
			groups = append(groups, group)
		}
	}
	if s.Running != nil {
		groups = append(groups, bucketGroup(s.Name, nowBucket))
	}
	return groups
}

// buckets says into which span the facts of a month, or of a day, go.
func (s Series) buckets() map[string]int {
	buckets := map[string]int{}
	for i, span := range s.Spans {
		for day := span.From; day < span.To; {
			if month := period.Of(period.Month, day); month.From == day && month.To <= span.To {
				buckets[day.Month()], day = i, month.To
				continue
			}
			buckets[string(day)], day = i, period.AddDays(day, 1)
		}
	}
	return buckets
}
