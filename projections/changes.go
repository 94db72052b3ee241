package projections

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// Changes is what a page of events changes in one read model. It is committed
// whole, together with the position of the page.
type Changes struct {
	Documents map[string][]byte // id -> JSON
	Indexed   []IndexChange
	Counts    map[Counter]int64 // differences
	Sampled   []SampleChange
	Parked    []Parked
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
	Stream   string          `json:"stream"`
	Revision uint64          `json:"revision"`
	Position domain.Position `json:"position"`
	ID       string          `json:"event_id"`
	Type     string          `json:"type"`
	Reason   string          `json:"reason,omitempty"` // empty: waits behind an earlier one
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
	for _, n := range before.counts {
		c.count(n.counter, -n.n)
	}
	for _, n := range after.counts {
		c.count(n.counter, n.n)
	}
	for _, entry := range before.indexes {
		if !slices.Contains(after.indexes, entry) {
			c.index(entry, true)
		}
	}
	for _, entry := range after.indexes {
		if !slices.Contains(before.indexes, entry) {
			c.index(entry, false)
		}
	}
	for _, s := range before.samples {
		if !slices.ContainsFunc(after.samples, func(t sample) bool { return t.set == s.set }) {
			c.Sampled = append(c.Sampled, SampleChange{Set: s.set, ID: id, Remove: true})
		}
	}
	for _, s := range after.samples {
		if !slices.Contains(before.samples, s) {
			c.Sampled = append(c.Sampled, SampleChange{Set: s.set, ID: id, Value: s.value})
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

func (c *Changes) index(entry string, remove bool) {
	name, member, _ := strings.Cut(entry, "\x00")
	c.Indexed = append(c.Indexed, IndexChange{Index: name, Member: member, Remove: remove})
}
