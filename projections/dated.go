package projections

import (
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
)

// Dated facts fall on a day, in a series that may have parts, such as the deals
// won of each owner. What falls into any stretch of days is asked for at once:
// counts, sums and, of samples, exact medians and percentiles.
//
// Everything is kept twice, by day and by month. So the longest stretch people
// ask for, a year, is twelve entries of each part and not 366, and a week seven.

// CountOn adds n to a part of a series on a day.
func (f *Facts) CountOn(series, part string, day domain.Date, n int64) {
	f.dated(series, day, 'n', part, n)
}

// ValueOn adds one value, of which only number and sum will be asked.
func (f *Facts) ValueOn(series, part string, day domain.Date, value int64) {
	f.dated(series, day, 'n', part, 1)
	f.dated(series, day, 's', part, value)
}

// SampleOn adds one value, of which medians and percentiles will be asked, too.
// A document has at most one value in a part of a series.
func (f *Facts) SampleOn(series, part string, day domain.Date, value int64) {
	if !isDay(day) {
		return
	}
	f.ValueOn(series, part, day, value)
	f.samples = append(f.samples,
		sample{set: bucketSet(series, string(day[:7]), part), value: value},
		sample{set: bucketSet(series, string(day), part), value: value})
}

// Running adds a sample that grows as time passes: at any later instant its
// value is the time since then. Both are counted in the unit of the series.
func (f *Facts) Running(series, part string, since int64) {
	group := runningGroup(series)
	f.Count(group, "n"+part, 1)
	f.Count(group, "s"+part, since)
	f.samples = append(f.samples, sample{set: runningSet(series, part), value: since})
}

func (f *Facts) dated(series string, day domain.Date, what byte, part string, n int64) {
	if n == 0 || !isDay(day) {
		return
	}
	var field [64]byte
	name := append(append(field[:0], day[5:7]...), what)
	f.Count(bucketGroup(series, string(day[:4])), string(append(name, part...)), n)
	name = append(append(field[:0], day[8:]...), what)
	f.Count(bucketGroup(series, string(day[:7])), string(append(name, part...)), n)
}

func isDay(day domain.Date) bool { return len(day) == len("2024-05-31") }

// Names under which stores keep series: a group of counts holds the months of a
// year, or the days of a month; a set of samples holds one month or day.
func bucketGroup(series, of string) string { return "on:" + series + "\x1f" + of }

func bucketSet(series, bucket, part string) string {
	return "on:" + series + "\x1f" + bucket + "\x1f" + part
}
func runningGroup(series string) string     { return "on:" + series + "\x1fnow" }
func runningSet(series, part string) string { return "on:" + series + "\x1fnow\x1f" + part }

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
		groups = append(groups, runningGroup(s.Name))
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

// Cell is one part of a series in one span. A distribution without values is
// complete; else the values in Sets have yet to be ranked.
type Cell struct {
	Distribution
	Sets []Source
}

// Source is a set of samples. If At is not 0, they are instants that count as
// the time from them to At.
type Source struct {
	Set string
	N   int64 // values in it
	At  int64
}

// Cells adds up counts, by group, into the parts of each span.
func (s Series) Cells(counts map[string]map[string]int64) []map[string]*Cell {
	cells := make([]map[string]*Cell, len(s.Spans))
	for i := range cells {
		cells[i] = map[string]*Cell{}
	}
	buckets := s.buckets()
	for _, group := range s.Groups() {
		of := strings.TrimPrefix(group, bucketGroup(s.Name, ""))
		for field, n := range counts[group] {
			if of == "now" {
				s.running(cells[*s.Running], field, n)
				continue
			}
			bucket := of + "-" + field[:2]
			span, asked := buckets[bucket]
			if !asked {
				continue
			}
			part := field[3:]
			c := cellOf(cells[span], part)
			if field[2] == 's' {
				c.Sum += n
				continue
			}
			c.Count += n
			c.Sets = append(c.Sets, Source{Set: bucketSet(s.Name, bucket, part), N: n})
		}
	}
	return cells
}

func (s Series) running(cells map[string]*Cell, field string, n int64) {
	part := field[1:]
	c := cellOf(cells, part)
	if field[0] == 's' {
		c.Sum -= n
		return
	}
	c.Count += n
	c.Sum += n * s.At
	c.Sets = append(c.Sets, Source{Set: runningSet(s.Name, part), N: n, At: s.At})
}

func cellOf(cells map[string]*Cell, part string) *Cell {
	c := cells[part]
	if c == nil {
		c = &Cell{}
		cells[part] = c
	}
	return c
}

// Distributions are cells whose values have been ranked. Parts without anything
// are left out.
func Distributions(cells []map[string]*Cell) []map[string]Distribution {
	all := make([]map[string]Distribution, len(cells))
	for i, parts := range cells {
		all[i] = make(map[string]Distribution, len(parts))
		for part, c := range parts {
			if c.Count != 0 || c.Sum != 0 {
				all[i][part] = c.Distribution
			}
		}
	}
	return all
}
