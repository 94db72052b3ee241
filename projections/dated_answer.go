package projections

import "strings"

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
	c.Sets = append(c.Sets, Source{Set: bucketSet(s.Name, nowBucket, part), N: n, At: s.At})
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
