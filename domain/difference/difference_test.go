package difference_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/difference"
)

func TestBetween(t *testing.T) {
	type all = []difference.Difference
	number := func(s string) any { return json.Number(s) }
	for name, c := range map[string]struct {
		from, to string
		want     all
	}{
		"the same":                  {`{"a":1,"b":[1,{"c":2}]}`, `{"b":[1,{"c":2}],"a":1}`, nil},
		"a field":                   {`{"a":{"b":1}}`, `{"a":{"b":2}}`, all{{"a.b", number("1"), number("2")}}},
		"a field more, one less":    {`{"a":1}`, `{"b":"x"}`, all{{"a", number("1"), nil}, {"b", nil, "x"}}},
		"large numbers":             {`{"a":9007199254740993}`, `{"a":9007199254740992}`, all{{"a", number("9007199254740993"), number("9007199254740992")}}},
		"a list of values is whole": {`{"a":["x"]}`, `{"a":["x","y"]}`, all{{"a", []any{"x"}, []any{"x", "y"}}}},
		"items by name":             {`{"a":[{"name":"x","n":1},{"name":"y"}]}`, `{"a":[{"name":"y"},{"name":"x","n":2}]}`, all{{"a[x].n", number("1"), number("2")}, {"a", []string{"x", "y"}, []string{"y", "x"}}}},
		"an item more": {
			`[{"name":"x"}]`, `[{"name":"x"},{"name":"y"}]`,
			all{{"[y]", nil, map[string]any{"name": "y"}}},
		},
		"items in another order": {`{"a":[{"name":"x"},{"name":"y"}]}`, `{"a":[{"name":"y"},{"name":"x"}]}`, all{{"a", []string{"x", "y"}, []string{"y", "x"}}}},
		"items without a name":   {`[{"n":1},{"n":2}]`, `[{"n":1},{"n":3}]`, all{{"[1].n", number("2"), number("3")}}},
		"a name twice":           {`[{"name":"x","n":1},{"name":"x","n":2}]`, `[{"name":"x","n":1},{"name":"x","n":3}]`, all{{"[1].n", number("2"), number("3")}}},
		"another kind":           {`{"a":1}`, `{"a":{"b":1}}`, all{{"a", number("1"), map[string]any{"b": number("1")}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := difference.Between([]byte(c.from), []byte(c.to))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestBetweenNothingAndSomething(t *testing.T) {
	got, err := difference.Between(nil, []byte(`{"a":1}`))
	require.NoError(t, err)
	assert.Equal(t, []difference.Difference{{Path: "", To: map[string]any{"a": json.Number("1")}}}, got)
	_, err = difference.Between([]byte(`{`), nil)
	assert.Error(t, err)
}

func TestOf(t *testing.T) {
	got, err := difference.Of(map[string]int{"a": 1}, map[string]int{"a": 2})
	require.NoError(t, err)
	assert.Equal(t, []difference.Difference{{Path: "a", From: json.Number("1"), To: json.Number("2")}}, got)
}
