package projections

import "time"

// Facts collects what one document contributes to the figures and orderings of
// its read model. Contributions with the same name add up over all documents.
type Facts struct {
	id      string
	rules   *rules
	counts  []count
	indexes []place
	samples []sample
	tales   []tale

	dated      []dated
	dimensions []dimension // of dated
	tally      Tally       // memory of contribute
}

// place is where a document stands in an ordering.
type place struct{ index, key string }

type count struct {
	counter Counter
	n       int64
}

// sample is a value in a set. Sub tells several of one document apart.
type sample struct {
	set, sub string
	value    int64
}

// Counter names one count: a field in a group of counts read together.
type Counter struct{ Group, Field string }

// Count adds n to a field of a group.
func (f *Facts) Count(group, field string, n int64) {
	if n != 0 {
		f.counts = append(f.counts, count{Counter{group, field}, n})
	}
}

// Index places the document in an ordering. The key sorts as bytes; use
// SortTime for instants. Documents with the same key are ordered by id.
func (f *Facts) Index(name, key string) {
	f.indexes = append(f.indexes, place{name, key})
}

// Sample puts one value of the document into a set whose exact mean, median and
// percentiles can be asked. A document has at most one value in a set.
func (f *Facts) Sample(set string, value int64) {
	f.samples = append(f.samples, sample{set: set, value: value})
	f.Count("sum", set, value)
}

// reset makes f the empty facts of a document, keeping its memory.
func (f *Facts) reset(id string) {
	clear(f.counts)
	clear(f.indexes)
	clear(f.samples)
	clear(f.dated)
	clear(f.dimensions)
	clear(f.tales)
	f.id, f.counts, f.indexes, f.samples, f.tales = id, f.counts[:0], f.indexes[:0], f.samples[:0], f.tales[:0]
	f.dated, f.dimensions = f.dated[:0], f.dimensions[:0]
}

// SortTime is an instant as a key for Index: fixed width, so it sorts by time.
func SortTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
