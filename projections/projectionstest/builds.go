package projectionstest

import (
	"context"
	"maps"
	"slices"

	"github.com/annals-crm/annals/projections"
)

// Notes is what is on record about the builds of a model.
func (s *Memory) Notes(_ context.Context, m projections.Model) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.notes[m.Name]), nil
}

// Note adds to what is on record, and takes fields away.
func (s *Memory) Note(_ context.Context, m projections.Model, set map[string]string, remove ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notes[m.Name] == nil {
		s.notes[m.Name] = map[string]string{}
	}
	for _, field := range remove {
		delete(s.notes[m.Name], field)
	}
	maps.Copy(s.notes[m.Name], set)
	return nil
}

// Compare holds two builds against each other.
func (s *Memory) Compare(_ context.Context, served, built projections.Model) (projections.Comparison, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, b := s.of(served.Prefix()), s.of(built.Prefix())
	if a.mark.Position != b.mark.Position {
		return projections.Comparison{}, projections.ErrUnsteady
	}
	var c projections.Comparer
	for _, id := range either(a.documents, b.documents) {
		if err := c.Document(id, a.documents[id], b.documents[id]); err != nil {
			return projections.Comparison{}, err //nolint:wrapcheck // a test
		}
	}
	counters := maps.Clone(a.counts)
	maps.Copy(counters, b.counts)
	for counter := range counters {
		c.Count(counter.Group, counter.Field, a.counts[counter], b.counts[counter])
	}
	for _, index := range either(a.indexes, b.indexes) {
		for _, member := range either(a.indexes[index], b.indexes[index]) {
			c.Member(index, member, a.indexes[index][member], b.indexes[index][member])
		}
	}
	for _, set := range either(a.samples, b.samples) {
		for _, id := range either(a.samples[set], b.samples[set]) {
			c.Sample(set, id, valueOf(a.samples[set], id), valueOf(b.samples[set], id))
		}
	}
	return c.Result(served, built, a.mark.Position), nil
}

// either lists the keys of both maps.
func either[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func valueOf(values map[string]int64, id string) *int64 {
	if v, ok := values[id]; ok {
		return &v
	}
	return nil
}

// Holds tells which members stand in their index, and the values of samples.
func (s *Memory) Holds(_ context.Context, m projections.Model, members []projections.IndexChange, samples []projections.SampleChange) (in []bool, values []*int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.of(m.Prefix())
	for _, member := range members {
		in = append(in, b.indexes[member.Index][member.Member])
	}
	for _, sample := range samples {
		values = append(values, valueOf(b.samples[sample.Set], sample.ID))
	}
	return in, values, nil
}
