package projectionstest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Served returns the build that queries read.
func (s *Memory) Served(_ context.Context, m projections.Model) (projections.Model, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	served, ok := m.Labelled(s.served[m.Name])
	if !ok || !s.of(served.Prefix()).complete {
		return m, false, nil
	}
	return served, true, nil
}

// Serve makes queries read this build.
func (s *Memory) Serve(_ context.Context, m projections.Model, at projections.Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of(m.Prefix()).mark.Position.Compare(at.Position) < 0 {
		return projections.ErrMoved
	}
	s.of(m.Prefix()).complete = true
	s.served[m.Name] = m.Label()
	return nil
}

// Wanted returns the build of m's version that is to be served in the end.
func (s *Memory) Wanted(_ context.Context, m projections.Model) (projections.Model, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wanted, ok := m.Labelled(s.wanted[m.Name]); ok && wanted.Version == m.Version {
		return wanted, nil
	}
	return m, nil
}

// Want asks for this build of m to be built and then served.
func (s *Memory) Want(_ context.Context, m projections.Model) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted[m.Name] = m.Label()
	return nil
}

// reading is the build queries of m read; the caller holds the lock.
func (s *Memory) reading(m projections.Model) (*build, error) {
	served, ok := m.Labelled(s.served[m.Name])
	if !ok || !s.of(served.Prefix()).complete {
		return nil, projections.ErrBuilding
	}
	if own := s.of(m.Prefix()); served.Version > m.Version && own.complete {
		return own, nil
	}
	return s.of(served.Prefix()), nil
}

// Document returns the JSON of one document, nil if there is none.
func (s *Memory) Document(_ context.Context, m projections.Model, id string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.reading(m)
	if err != nil {
		return nil, err
	}
	return b.documents[id], nil
}

// Scan returns the documents of one stretch of an index.
func (s *Memory) Scan(_ context.Context, m projections.Model, scan projections.Scan) (projections.Scanned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.reading(m)
	if err != nil {
		return projections.Scanned{}, err
	}
	indexes := scan.Union
	if len(indexes) == 0 {
		indexes = []string{scan.Index}
	}
	all := map[string]bool{}
	for _, index := range indexes {
		for member := range b.indexes[index] {
			all[member] = true
		}
	}
	members := slices.Sorted(maps.Keys(all))
	scanned := projections.Scanned{Total: int64(len(b.indexes[scan.Index]))}
	if scan.Reverse {
		slices.Reverse(members)
	}
	for _, member := range members {
		past := scan.After == "" || scan.Reverse == (member < scan.After) && member != scan.After
		if !past || scan.Below != "" && member >= scan.Below || len(scanned.Members) == scan.Limit {
			continue
		}
		scanned.Members = append(scanned.Members, member)
		if scan.Bare {
			continue
		}
		scanned.Documents = append(scanned.Documents, b.documents[member[strings.LastIndexByte(member, 0)+1:]])
	}
	return scanned, nil
}

// Figures reads counts and samples.
func (s *Memory) Figures(_ context.Context, m projections.Model, ask projections.Ask) (projections.Figures, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.reading(m)
	if err != nil {
		return projections.Figures{}, err
	}
	figures := projections.Figures{
		Position: b.mark.Position, Counts: map[string]map[string]int64{},
		Samples: map[string]projections.Distribution{}, Divided: map[string]map[string]projections.Distribution{},
	}
	for _, group := range ask.Groups {
		figures.Counts[group] = map[string]int64{}
	}
	for counter, n := range b.counts {
		if counts, asked := figures.Counts[counter.Group]; asked && n != 0 {
			counts[counter.Field] = n
		}
	}
	for _, set := range ask.Samples {
		figures.Samples[set] = distribution(slices.Sorted(maps.Values(b.samples[set])))
	}
	for _, set := range ask.Divided {
		figures.Divided[set] = map[string]projections.Distribution{}
		for name, values := range b.samples {
			if part, ok := strings.CutPrefix(name, projections.PartOf(set, "")); ok && len(values) > 0 {
				figures.Divided[set][part] = distribution(slices.Sorted(maps.Values(values)))
			}
		}
	}
	for _, series := range ask.Series {
		figures.Series = append(figures.Series, b.series(series))
	}
	for _, states := range ask.States {
		figures.States = append(figures.States, b.states(states))
	}
	return figures, nil
}

func (b *build) group(name string) map[string]int64 {
	counts := map[string]int64{}
	for counter, n := range b.counts {
		if counter.Group == name && n != 0 {
			counts[counter.Field] = n
		}
	}
	return counts
}

func (b *build) series(s projections.Series) []map[string]projections.Distribution {
	counts := map[string]map[string]int64{}
	for _, group := range s.Groups() {
		counts[group] = b.group(group)
	}
	cells := s.Cells(counts)
	for _, parts := range cells {
		for _, c := range parts {
			var values []int64
			for _, source := range c.Sets {
				for _, v := range b.samples[source.Set] {
					if source.At != 0 {
						v = source.At - v
					}
					values = append(values, v)
				}
			}
			if slices.Sort(values); s.Spread && len(values) > 0 {
				c.Distribution = distribution(values)
			}
		}
	}
	return projections.Distributions(cells)
}

func (b *build) states(s projections.States) []map[string]int64 {
	answer := make([]map[string]int64, len(s.At))
	for i := range answer {
		answer[i] = map[string]int64{}
	}
	for part := range b.group(s.Group()) {
		for i, at := range s.At {
			for _, since := range b.samples[s.Entered(part)] {
				if since <= at.UnixMilli() {
					answer[i][part]++
				}
			}
			for _, until := range b.samples[s.Left(part)] {
				if until <= at.UnixMilli() {
					answer[i][part]--
				}
			}
		}
	}
	return answer
}

// distribution describes sorted values, by the definitions and not by a
// shortcut, for it is what the real store is compared with.
func distribution(values []int64) projections.Distribution {
	n := len(values)
	if n == 0 {
		return projections.Distribution{}
	}
	d := projections.Distribution{Count: int64(n), Max: values[n-1], P90: values[(9*n+9)/10-1]}
	for _, v := range values {
		d.Sum += v
	}
	d.Median = float64(values[n/2])
	if n%2 == 0 {
		d.Median = (float64(values[n/2-1]) + float64(values[n/2])) / 2
	}
	return d
}

// Wait never waits: a position not reached by now is reported as behind.
func (s *Memory) Wait(_ context.Context, m projections.Model, position domain.Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.reading(m)
	if err != nil {
		return err
	}
	if b.mark.Position.Compare(position) < 0 {
		return projections.ErrBehind
	}
	return nil
}
