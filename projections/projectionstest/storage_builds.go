package projectionstest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/projections"
)

func keepsNotes(t *testing.T, s Store) {
	t.Helper()
	t.Helper()
	m := Jobs(1)
	notes, err := s.Notes(t.Context(), m)
	require.NoError(t, err)
	assert.Empty(t, notes)
	require.NoError(t, s.Note(t.Context(), m, nil))
	require.NoError(t, s.Note(t.Context(), m, map[string]string{"a": "1", "b": "2"}))
	require.NoError(t, s.Note(t.Context(), m, map[string]string{"a": "3"}, "b", "c"))
	notes, err = s.Notes(t.Context(), Jobs(2))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "3"}, notes, "they belong to the model, not to a version")
	require.NoError(t, s.Drop(t.Context(), m))
	notes, err = s.Notes(t.Context(), m)
	require.NoError(t, err)
	assert.Len(t, notes, 1)
	notes, err = s.Notes(t.Context(), Clients(1))
	require.NoError(t, err)
	assert.Empty(t, notes)
}

// largeBuild is more of everything than is compared at a time. Odd turns it
// into one that differs in a few places.
func largeBuild(m projections.Model, odd bool) projections.Commit {
	const n = 5300
	c := projections.Changes{Documents: map[string][]byte{}, Counts: map[projections.Counter]int64{}}
	member := func(i int) string { return fmt.Sprintf("%06d\x00id%d", i, i) }
	for i := range n {
		if odd && i == n-1 {
			c.Documents[fmt.Sprint("other", i)] = []byte(`{"n":0}`)
			c.Indexed = append(c.Indexed, projections.IndexChange{Index: "all", Member: member(-i)})
			c.Sampled = append(c.Sampled, projections.SampleChange{Set: "value", ID: "other", Value: 1})
			continue
		}
		c.Documents[fmt.Sprint("id", i)] = fmt.Appendf(nil, `{"n":%d}`, i)
		c.Indexed = append(c.Indexed, projections.IndexChange{Index: "all", Member: member(i)},
			projections.IndexChange{Index: fmt.Sprint("by ", i%300), Member: member(i)})
		c.Sampled = append(c.Sampled, projections.SampleChange{Set: "value", ID: fmt.Sprint("id", i), Value: int64(i % 50)},
			projections.SampleChange{Set: fmt.Sprint("of ", i%300), ID: fmt.Sprint("id", i), Value: int64(i)})
		c.Counts[projections.Counter{Group: fmt.Sprint("group", i%250), Field: fmt.Sprint(i)}] = 1
	}
	if odd {
		c.Documents["id7"] = []byte(`{"n":8,"why":"` + fmt.Sprintf("%0500d", 1) + `"}`)
	}
	return projections.Commit{Model: m, To: at(9), Changes: c}
}

func comparesBuilds(t *testing.T, s Store) {
	t.Helper()
	t.Helper()
	served, built, odd := Jobs(1), Jobs(1), Jobs(1)
	built.Build, odd.Build = 1, 2
	require.NoError(t, s.Commit(t.Context(), largeBuild(served, false)))
	require.NoError(t, s.Commit(t.Context(), largeBuild(built, false)))
	require.NoError(t, s.Commit(t.Context(), largeBuild(odd, true)))

	same, err := s.Compare(t.Context(), served, built)
	require.NoError(t, err)
	assert.True(t, same.Clean())
	assert.Equal(t, projections.Comparison{
		Served: "1", Built: "1.1", Position: at(9).Position, Examples: []projections.Differing{},
		Documents: projections.Compared{Total: 5300}, Counts: projections.Compared{Total: 5300},
		Members: projections.Compared{Total: 10600}, Samples: projections.Compared{Total: 10600},
	}, same)

	got, err := s.Compare(t.Context(), served, odd)
	require.NoError(t, err)
	assert.False(t, got.Clean())
	assert.Equal(t, projections.Compared{Total: 5301, Differs: 3}, got.Documents)
	assert.Equal(t, projections.Compared{Total: 5300, Differs: 1}, got.Counts)
	assert.Equal(t, projections.Compared{Total: 10601, Differs: 3}, got.Members)
	assert.Equal(t, projections.Compared{Total: 10601, Differs: 3}, got.Samples)
	assert.Contains(t, got.Examples, projections.Differing{Kind: "document", Name: "id7", Field: "n", Served: json.Number("7"), Built: json.Number("8")})
	assert.Contains(t, got.Examples, projections.Differing{Kind: "member", Name: "all", Field: "005299 id5299", Served: true, Built: false})
	assert.Contains(t, got.Examples, projections.Differing{Kind: "sample", Name: "value", Field: "other", Served: nil, Built: int64(1)})
	assert.Zero(t, got.Omitted)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	assert.Less(t, len(text), 5000, "long values are shortened")
}

func tellsWhatItHolds(t *testing.T, s Store) {
	t.Helper()
	t.Helper()
	m := Jobs(1)
	member := projections.IndexChange{Index: "all", Member: "k\x00a"}
	sample := projections.SampleChange{Set: "value", ID: "a", Value: 7}
	changes := projections.Changes{Indexed: []projections.IndexChange{member}, Sampled: []projections.SampleChange{sample}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: m, To: at(5), Changes: changes}))
	in, values, err := s.Holds(t.Context(), m,
		[]projections.IndexChange{member, {Index: "all", Member: "l\x00a"}, {Index: "none", Member: "k\x00a"}},
		[]projections.SampleChange{sample, {Set: "value", ID: "b"}, {Set: "none", ID: "a"}})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false, false}, in)
	seven := int64(7)
	assert.Equal(t, []*int64{&seven, nil, nil}, values)
}
