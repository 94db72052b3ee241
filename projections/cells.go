package projections

import (
	"slices"
	"strconv"

	"github.com/annals-crm/annals/domain"
)

// dated is a fact that falls on a day. It counts for the whole, and for the
// values of its document in some dimensions. What becomes of it in a store is
// only worked out when it changes: documents have many, and an event changes few.
type dated struct {
	series, part string
	n            int64
	day          int32 // 20240531; 0 is still running
	sample       bool
	whole        Grain
	broken       Grain
	from, to     int16 // its dimensions, in those of the facts
}

// dimension is a value in one dimension.
type dimension struct{ name, value string }

func (f *Facts) onDay(d dated, day domain.Date, in []dimension) {
	if date, ok := dateNumber(day); ok && (d.n != 0 || d.sample) {
		d.day = date
		f.add(d, in)
	}
}

func (f *Facts) add(d dated, in []dimension) {
	if n := len(f.dated); n > 0 && slices.Equal(f.dimensions[f.dated[n-1].from:], in) {
		d.from, d.to = f.dated[n-1].from, f.dated[n-1].to // mostly those of the fact before
		f.dated = append(f.dated, d)
		return
	}
	d.from = int16(len(f.dimensions)) //nolint:gosec // a document has not that many
	f.dimensions = append(f.dimensions, in...)
	d.to = int16(len(f.dimensions)) //nolint:gosec // as above
	f.dated = append(f.dated, d)
}

// same tells whether the i-th dated facts of both are the same.
func same(before, after *Facts, i int) bool {
	b, a := before.dated[i], after.dated[i]
	if !slices.Equal(before.dimensions[b.from:b.to], after.dimensions[a.from:a.to]) {
		return false
	}
	b.from, b.to = a.from, a.to
	return b == a
}

// label names a part of a series, and the value of which it is in a dimension.
type label struct{ series, by, part, value string }

// cell is where a dated fact is kept: what a label names, in a month or on a day.
type cell struct {
	label  uint32 // its number in labels
	bucket int32  // 202405 is a month, 20240531 a day
	what   byte
}

// labels number the labels a fold has come across, so that counting in a cell,
// which is done far more often, costs little.
type labels struct {
	numbers map[label]uint32
	all     []label
}

// labelsMost bounds the labels that are remembered from page to page.
const labelsMost = 100_000

func newLabels() *labels { return &labels{numbers: map[label]uint32{}} }

func (l *labels) number(of label) uint32 {
	n, known := l.numbers[of]
	if !known {
		n = uint32(len(l.all)) //nolint:gosec // there are not that many
		l.numbers[of] = n
		l.all = append(l.all, of)
	}
	return n
}

// trim forgets all labels if they have become too many.
func (l *labels) trim() {
	if len(l.all) > labelsMost {
		clear(l.numbers)
		l.all = l.all[:0]
	}
}

const (
	counted = 'n'
	summed  = 's'

	untilNow  = 0 // bucket of what is still running, or without a day
	nowBucket = "now"
)

// dateNumber is 20240531 for 2024-05-31; false if it is no day.
func dateNumber(day domain.Date) (date int32, ok bool) {
	if len(day) != len("2024-05-31") || day[4] != '-' || day[7] != '-' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		digit := day[i] - '0'
		if digit > 9 {
			return 0, false
		}
		date = date*10 + int32(digit)
	}
	return date, date >= 1000_01_01 // years of four digits
}

// counter is the count, or sum, that stores keep for the cell.
func (l *labels) counter(c cell) Counter {
	name, part := l.all[c.label].names()
	switch {
	case c.bucket == untilNow:
		return Counter{bucketGroup(name, nowBucket), string(c.what) + part}
	case c.bucket < 1e6:
		text := strconv.Itoa(int(c.bucket))
		return Counter{bucketGroup(name, text[:4]), text[4:] + string(c.what) + part}
	}
	text := strconv.Itoa(int(c.bucket))
	return Counter{bucketGroup(name, text[:4]+"-"+text[4:6]), text[6:] + string(c.what) + part}
}

// set is the set of samples that stores keep for the cell.
func (l *labels) set(c cell) string {
	name, part := l.all[c.label].names()
	if c.bucket == untilNow {
		return bucketSet(name, nowBucket, part)
	}
	text := strconv.Itoa(int(c.bucket))
	bucket := text[:4] + "-" + text[4:6]
	if len(text) > 6 {
		bucket += "-" + text[6:]
	}
	return bucketSet(name, bucket, part)
}

func (l label) names() (series, part string) {
	if l.by == "" {
		return l.series, l.part
	}
	return brokenDown(l.series, l.by), partOf(l.part, l.value)
}

// Names of what is broken down by a dimension: of its series, and of a part for
// one value. The separator occurs in no value.
func brokenDown(series, by string) string {
	if by == "" {
		return series
	}
	return series + "\x1e" + by
}

func partOf(part, value string) string { return part + "\x1e" + value }

// Names under which stores keep series: a group of counts holds the months of a
// year, the days of a month, or what is still running; a set of samples holds one
// month, one day, or that.
func bucketGroup(series, of string) string { return "on:" + series + "\x1f" + of }

func bucketSet(series, bucket, part string) string {
	return "on:" + series + "\x1f" + bucket + "\x1f" + part
}

// differentDated records what changes about dated facts.
func (c *Changes) differentDated(id string, before, after *Facts) {
	if c.cells == nil {
		c.cells, c.labels = map[cell]int64{}, newLabels()
	}
	var gone, come []placed
	for i := range max(len(before.dated), len(after.dated)) {
		if i < len(before.dated) && i < len(after.dated) && same(before, after, i) {
			continue
		}
		if i < len(before.dated) {
			gone = c.place(before, &before.dated[i], -1, gone)
		}
		if i < len(after.dated) {
			come = c.place(after, &after.dated[i], 1, come)
		}
	}
	for i := range gone {
		if !slices.ContainsFunc(come, func(p placed) bool { return p.cell == gone[i].cell }) {
			c.Sampled = append(c.Sampled, SampleChange{Set: c.labels.set(gone[i].cell), ID: id, Remove: true})
		}
	}
	for i := range come {
		if !slices.Contains(gone, come[i]) {
			c.Sampled = append(c.Sampled, SampleChange{Set: c.labels.set(come[i].cell), ID: id, Value: come[i].value})
		}
	}
}

// placed is a sample in its cell.
type placed struct {
	cell  cell
	value int64
}

// place counts a dated fact in all its cells, once or minus once, and adds the
// samples it is to samples.
func (c *Changes) place(f *Facts, d *dated, times int64, samples []placed) []placed {
	of := label{series: d.series, part: d.part}
	samples = c.placeIn(of, d, d.whole, times, samples)
	for i := d.from; i < d.to; i++ {
		of.by, of.value = f.dimensions[i].name, f.dimensions[i].value
		samples = c.placeIn(of, d, d.broken, times, samples)
	}
	return samples
}

// placeIn is place for the whole, or for one dimension.
func (c *Changes) placeIn(of label, d *dated, grain Grain, times int64, samples []placed) []placed {
	at := cell{label: c.labels.number(of), bucket: d.day / 100}
	for {
		at.what = counted
		if d.sample {
			samples = append(samples, placed{at, d.n})
			c.cells[at] += times
			at.what = summed
		}
		c.cells[at] += times * d.n
		if grain == Months || at.bucket == d.day {
			return samples
		}
		at.bucket = d.day
	}
}

// nameCells turns the cells that differ into counts.
func (c *Changes) nameCells() {
	for cell, n := range c.cells {
		if n != 0 {
			c.count(c.labels.counter(cell), n)
		}
	}
	clear(c.cells)
	c.cells, c.labels = nil, nil
}
