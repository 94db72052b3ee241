package projector

import (
	"context"
	"slices"

	"github.com/annals-crm/annals/projections"
)

// amends works out what makes a build hold what a record should contribute, and
// notes in repaired what that says of places and counts.
func (p *Projector) amends(ctx context.Context, m projections.Model, id string, stored, right []byte, repaired *Repaired) (projections.Changes, error) {
	loader := p.config.Store.Loader(m)
	was, err := m.Contributes(ctx, loader, id, stored)
	if err != nil {
		was = projections.Changes{} // a text nobody can read contributes nothing
	}
	is, err := m.Contributes(ctx, loader, id, right)
	if err != nil {
		return projections.Changes{}, err //nolint:wrapcheck // ours
	}
	members := slices.Concat(is.Indexed, slices.DeleteFunc(slices.Clone(was.Indexed), func(c projections.IndexChange) bool { return slices.Contains(is.Indexed, c) }))
	samples := slices.Concat(is.Sampled, slices.DeleteFunc(slices.Clone(was.Sampled), func(c projections.SampleChange) bool {
		return slices.ContainsFunc(is.Sampled, func(d projections.SampleChange) bool { return d.Set == c.Set && d.ID == c.ID })
	}))
	in, values, err := p.config.Store.Holds(ctx, m, members, samples)
	if err != nil {
		return projections.Changes{}, err //nolint:wrapcheck // the store says it best
	}
	changes := projections.Changes{Documents: map[string][]byte{id: right}}
	var evidence evidence
	for i, member := range members {
		should, did := i < len(is.Indexed), slices.Contains(was.Indexed, member)
		evidence.add(in[i], did, should)
		if in[i] != should {
			member.Remove = !should
			changes.Indexed = append(changes.Indexed, member)
		}
	}
	for i, sample := range samples {
		should, did := valueIn(is.Sampled, sample), valueIn(was.Sampled, sample)
		evidence.addValue(values[i], did, should)
		if same(values[i], should) {
			continue
		}
		if sample.Remove = should == nil; should != nil {
			sample.Value = *should
		}
		changes.Sampled = append(changes.Sampled, sample)
	}
	repaired.Places = len(changes.Indexed) + len(changes.Sampled)
	if counts := between(was.Counts, is.Counts); len(counts) > 0 {
		if repaired.Counts = evidence.verdict(); repaired.Counts == CountsMended {
			changes.Counts = counts
		}
	}
	return changes, nil
}

// between are the counts that differ between two contributions.
func between(was, is map[projections.Counter]int64) map[projections.Counter]int64 {
	counts := map[projections.Counter]int64{}
	for counter, n := range is {
		counts[counter] += n
	}
	for counter, n := range was {
		counts[counter] -= n
	}
	for counter, n := range counts {
		if n == 0 {
			delete(counts, counter)
		}
	}
	return counts
}

// evidence is what places and values of a record say about how it came to be
// wrong: whether they go along with what is stored or with what should be.
type evidence struct{ stored, right int }

func (e *evidence) add(there, stored, right bool) {
	switch {
	case stored == right:
	case there == stored:
		e.stored++
	default:
		e.right++
	}
}

func (e *evidence) addValue(there, stored, right *int64) {
	switch {
	case same(stored, right):
	case same(there, stored):
		e.stored++
	case same(there, right):
		e.right++
	default: // neither, which says that there is more to it
		e.stored++
		e.right++
	}
}

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// valueIn is the value of a sample in a contribution; nil if it has none.
func valueIn(samples []projections.SampleChange, of projections.SampleChange) *int64 {
	for _, one := range samples {
		if one.Set == of.Set && one.ID == of.ID {
			return &one.Value
		}
	}
	return nil
}

func (e *evidence) verdict() Counts {
	switch {
	case e.right > 0 && e.stored == 0:
		return CountsKept
	case e.stored > 0 && e.right == 0:
		return CountsMended
	}
	return CountsUnsure
}
