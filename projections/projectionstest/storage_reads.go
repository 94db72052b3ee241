package projectionstest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/projections"
)

func scans(t *testing.T, s Store) {
	t.Helper()
	m := Jobs(1)
	changes := projections.Changes{Documents: map[string][]byte{}}
	for _, member := range []string{"b\x001", "a\x002", "a\x001", "c\x003", "d\x004"} {
		changes.Indexed = append(changes.Indexed, projections.IndexChange{Index: "i", Member: member})
		changes.Documents[member[2:]] = []byte(`"` + member[2:] + `"`)
	}
	changes.Indexed = append(changes.Indexed, projections.IndexChange{Index: "other", Member: "z\x001"})
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, To: at(1), Changes: changes}))
	moved := []projections.IndexChange{{Index: "i", Member: "d\x004", Remove: true}, {Index: "i", Member: "e\x004"}, {Index: "j", Member: "b\x005"}, {Index: "j", Member: "e\x004"}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: at(1), To: at(2), Changes: projections.Changes{Indexed: moved}}))
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	for _, c := range []struct {
		scan projections.Scan
		want []string
	}{
		{projections.Scan{Limit: 9}, []string{"a\x001", "a\x002", "b\x001", "c\x003", "e\x004"}},
		{projections.Scan{Limit: 2}, []string{"a\x001", "a\x002"}},
		{projections.Scan{Limit: 2, After: "a\x002"}, []string{"b\x001", "c\x003"}},
		{projections.Scan{Limit: 9, Below: "c"}, []string{"a\x001", "a\x002", "b\x001"}},
		{projections.Scan{Limit: 9, Below: "c", After: "a\x001"}, []string{"a\x002", "b\x001"}},
		{projections.Scan{Limit: 2, Reverse: true}, []string{"e\x004", "c\x003"}},
		{projections.Scan{Limit: 2, Reverse: true, After: "c\x003"}, []string{"b\x001", "a\x002"}},
		{projections.Scan{Limit: 9, Reverse: true, Below: "b"}, []string{"a\x002", "a\x001"}},
		{projections.Scan{Limit: 9, Reverse: true, Below: "b", After: "e\x004"}, []string{"a\x002", "a\x001"}},
		{projections.Scan{Limit: 9, Reverse: true, Below: "e", After: "a\x002"}, []string{"a\x001"}},
		{projections.Scan{Limit: 9, After: "e\x004"}, nil},
	} {
		c.scan.Index = "i"
		got, err := s.Scan(t.Context(), m, c.scan)
		require.NoError(t, err)
		assert.Equal(t, int64(5), got.Total)
		require.Len(t, got.Members, len(c.want), "%+v", c.scan)
		for i, member := range c.want {
			assert.Equal(t, member, got.Members[i], "%+v", c.scan)
			assert.Equal(t, `"`+member[2:]+`"`, string(got.Documents[i]))
		}
	}
	for _, c := range []struct {
		scan projections.Scan
		want []string
	}{
		{projections.Scan{Limit: 9}, []string{"a\x001", "a\x002", "b\x001", "b\x005", "c\x003", "e\x004"}},
		{projections.Scan{Limit: 2, After: "a\x002"}, []string{"b\x001", "b\x005"}},
		{projections.Scan{Limit: 3, Reverse: true, Below: "c"}, []string{"b\x005", "b\x001", "a\x002"}},
	} {
		c.scan.Union, c.scan.Bare = []string{"j", "i", "missing"}, true
		got, err := s.Scan(t.Context(), m, c.scan)
		require.NoError(t, err)
		assert.Equal(t, c.want, got.Members, "as if they were one: %+v", c.scan)
		assert.Empty(t, got.Documents)
	}
	none, err := s.Scan(t.Context(), m, projections.Scan{Index: "missing", Limit: 3})
	require.NoError(t, err)
	assert.Empty(t, none.Members)
	assert.Zero(t, none.Total)
}

func figuresExact(t *testing.T, s Store) {
	t.Helper()
	m, mark := Jobs(1), projections.Mark{}
	require.NoError(t, s.Serve(t.Context(), m, projections.Mark{}))
	random := rand.New(rand.NewPCG(4, 2)) //nolint:gosec // a test wants the same numbers again
	values := map[string]int64{}
	ask := projections.Ask{Groups: []string{"g", "none"}, Samples: []string{"s", "none"}, Divided: []string{"d", "none"}}
	for n := 1; n <= 24; n++ {
		id, value := fmt.Sprint(random.IntN(16)), int64(random.IntN(50)-10)
		changes := projections.Changes{Counts: map[projections.Counter]int64{
			{Group: "g", Field: "n"}: 1, {Group: "g", Field: "flip"}: int64(1 - n%2*2), {Group: "sum", Field: "s"}: -values[id],
		}}
		part := projections.PartOf("d", id[:1]) // what begins alike is one part
		before, known := values[id]
		if known {
			changes.Counts[projections.Counter{Group: "d", Field: "n:" + id[:1]}]--
			changes.Counts[projections.Counter{Group: "d", Field: "sum:" + id[:1]}] -= before
		}
		if known && n%4 == 0 {
			changes.Sampled = []projections.SampleChange{{Set: "s", ID: id, Remove: true}, {Set: part, ID: id, Remove: true}}
			delete(values, id)
		} else {
			changes.Sampled = []projections.SampleChange{{Set: "s", ID: id, Value: value}, {Set: part, ID: id, Value: value}}
			changes.Counts[projections.Counter{Group: "sum", Field: "s"}] += value
			changes.Counts[projections.Counter{Group: "d", Field: "n:" + id[:1]}]++
			changes.Counts[projections.Counter{Group: "d", Field: "sum:" + id[:1]}] += value
			values[id] = value
		}
		next := at(uint64(n))
		require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: mark, To: next, Changes: changes}))
		mark = next

		got, err := s.Figures(t.Context(), m, ask)
		require.NoError(t, err)
		assert.Equal(t, mark.Position, got.Position)
		counts := map[string]int64{"n": int64(n)}
		if n%2 == 1 {
			counts["flip"] = -1 // and no field at all when it is back at 0
		}
		assert.Equal(t, map[string]map[string]int64{"g": counts, "none": {}}, got.Counts)
		assert.Equal(t, map[string]projections.Distribution{"s": described(values), "none": {}}, got.Samples, n)
		assert.Equal(t, map[string]map[string]projections.Distribution{"d": divided(values), "none": {}}, got.Divided, n)
	}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, From: mark, To: at(99)}))
	got, err := s.Figures(t.Context(), m, ask)
	require.NoError(t, err)
	assert.Equal(t, at(99).Position, got.Position, "unchanged figures hold at the new position")
}

func described(values map[string]int64) projections.Distribution {
	return distribution(slices.Sorted(maps.Values(values)))
}

// divided describes the values of ids that begin alike.
func divided(values map[string]int64) map[string]projections.Distribution {
	parts := map[string]map[string]int64{}
	for id, v := range values {
		put(parts, id[:1], id, v)
	}
	described := map[string]projections.Distribution{}
	for part, values := range parts {
		described[part] = distribution(slices.Sorted(maps.Values(values)))
	}
	return described
}
