package projections

import (
	"slices"

	"github.com/annals-crm/annals/domain"
)

// Changes is what a page of events changes in one read model. It is committed
// whole, together with the position of the page.
type Changes struct {
	Documents map[string][]byte // id -> JSON; nil removes the document
	Indexed   []IndexChange
	Counts    map[Counter]int64 // differences
	Sampled   []SampleChange
	Parked    []Parked

	cells  map[cell]int64 // counts that have no names yet
	labels *labels
}

// IndexChange adds a member to an index, or removes it. A member is the sort
// key, a NUL and the id.
type IndexChange struct {
	Index, Member string
	Remove        bool
}

// SampleChange sets the value of a document in a set of samples, or removes it.
type SampleChange struct {
	Set, ID string
	Value   int64
	Remove  bool
}

// Parked is an event that could not be folded, or that waits behind one of its
// stream that could not.
type Parked struct {
	Stream   string          `json:"stream" doc:"Stream the event is in" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision uint64          `json:"revision" doc:"Its revision in the stream" example:"17"`
	Position domain.Position `json:"position" doc:"Its place in the log" example:"8312/8312"`
	ID       string          `json:"event_id" doc:"Id of the event"`
	Type     string          `json:"type" doc:"Type of the event" example:"deal.opened.v1"`
	Reason   string          `json:"reason,omitempty" doc:"Why it could not be folded; empty if it waits behind an earlier one" example:"unexpected end of JSON input"` // empty: waits behind an earlier one
}

// Size is how many single writes the changes come to.
func (c Changes) Size() int {
	return len(c.Documents) + len(c.Indexed) + len(c.Counts) + len(c.Sampled) + len(c.Parked)
}

// Empty tells whether there is nothing to write.
func (c Changes) Empty() bool { return c.Size() == 0 }

// difference records in c what changes when a document that contributed before
// now contributes after.
func (c *Changes) difference(id string, before, after *Facts) {
	c.differentCounts(before.counts, after.counts)
	for _, p := range before.indexes {
		if !slices.Contains(after.indexes, p) {
			c.Indexed = append(c.Indexed, IndexChange{Index: p.index, Member: p.key + "\x00" + id, Remove: true})
		}
	}
	for _, p := range after.indexes {
		if !slices.Contains(before.indexes, p) {
			c.Indexed = append(c.Indexed, IndexChange{Index: p.index, Member: p.key + "\x00" + id})
		}
	}
	c.differentSamples(id, before.samples, after.samples)
	c.differentDated(id, before, after)
}

// differentSamples passes over what is the same before and after, from both ends.
func (c *Changes) differentSamples(id string, before, after []sample) {
	same := 0
	for same < len(before) && same < len(after) && before[same] == after[same] {
		same++
	}
	before, after = before[same:], after[same:]
	for len(before) > 0 && len(after) > 0 && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	for _, s := range before {
		if !slices.ContainsFunc(after, func(t sample) bool { return t.set == s.set && t.sub == s.sub }) {
			c.Sampled = append(c.Sampled, SampleChange{Set: s.set, ID: s.member(id), Remove: true})
		}
	}
	for _, s := range after {
		if !slices.Contains(before, s) {
			c.Sampled = append(c.Sampled, SampleChange{Set: s.set, ID: s.member(id), Value: s.value})
		}
	}
}

// member names the sample of a document in its set.
func (s sample) member(id string) string {
	if s.sub == "" {
		return id
	}
	return id + "\x00" + s.sub
}

// differentCounts passes over what is the same before and after. Facts come in
// the same order each time, so what belongs together mostly stands together.
func (c *Changes) differentCounts(before, after []count) {
	for i := range max(len(before), len(after)) {
		switch {
		case i >= len(after):
			c.count(before[i].counter, -before[i].n)
		case i >= len(before):
			c.count(after[i].counter, after[i].n)
		case before[i].counter == after[i].counter:
			if n := after[i].n - before[i].n; n != 0 {
				c.count(after[i].counter, n)
			}
		default:
			c.count(before[i].counter, -before[i].n)
			c.count(after[i].counter, after[i].n)
		}
	}
}

func (c *Changes) count(counter Counter, n int64) {
	if sum := c.Counts[counter] + n; sum != 0 {
		c.Counts[counter] = sum
	} else {
		delete(c.Counts, counter)
	}
}
