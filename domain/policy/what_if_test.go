package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/policy"
)

func TestPackWith(t *testing.T) {
	std := policy.Standard()
	pack, err := std.With(map[string]any{
		"tickets.sla[standard].targets[first_response].seconds": 1800,
		"customers.value_window_days":                           90,
		"sales.handover_seconds":                                3600,
	})
	require.NoError(t, err)
	changed, err := std.Diff(pack)
	require.NoError(t, err)
	var paths []string
	for _, d := range changed {
		paths = append(paths, d.Path)
	}
	assert.Equal(t, []string{"customers.value_window_days", "sales.handover_seconds", "tickets.sla[standard].targets[first_response].seconds"}, paths,
		"what was changed is what differs, under the same names")
	assert.EqualValues(t, 3600, std.Tickets.SLA[3].Targets[0].Seconds, "the pack itself stays")
}

func TestPackWithWhatCannotBe(t *testing.T) {
	for path, value := range map[string]any{
		"customers.no_such_field":     1,
		"customers.zone.name":         "x",
		"nowhere.at_all":              1,
		"tickets.sla[nobody].seconds": 1,
		"tickets.sla[standard":        1,
		"zone[x]":                     1,
		"":                            1,
		"customers.value_window_days": "many",
		"zone":                        "Mars/Olympus",
		"tickets.sla[standard].targets[first_response].second": 5,
	} {
		_, err := policy.Standard().With(map[string]any{path: value})
		require.ErrorIs(t, err, policy.ErrPack, path)
	}
	same, err := policy.Standard().With(nil)
	require.NoError(t, err)
	assert.Equal(t, policy.Standard(), same)
}

func TestPackWithoutARule(t *testing.T) {
	pack, err := policy.Standard().With(map[string]any{"tickets.sla[urgent]": nil})
	require.NoError(t, err)
	assert.Len(t, pack.Tickets.SLA, len(policy.Standard().Tickets.SLA)-1)
}

func TestPackSaysWhichValuesFit(t *testing.T) {
	for path, want := range map[string]string{
		"customers.value_window_days":                "it has to be a whole number",
		"zone":                                       "it has to be a text",
		"sales.loss_reasons":                         "it has to be a list",
		"tickets.sla[standard].when":                 "it has to be an object",
		"customers.churn_after":                      "",
		"customers.tag_dimensions[demand].exclusive": "it has to be true or false",
	} {
		value := any("many")
		if path == "zone" {
			value = 5
		}
		_, err := policy.Standard().With(map[string]any{path: value})
		require.ErrorIs(t, err, policy.ErrPack, path)
		assert.ErrorContains(t, err, want, path)
		assert.NotContains(t, err.Error(), "json:", path)
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ text, path, want string }{
		{`{"a":1}`, "a", `{"a":2}`},
		{`{"a":{"b":1}}`, "a.b", `{"a":{"b":2}}`},
		{`{"a":[{"name":"x.y","n":1}]}`, "a[x.y].n", `{"a":[{"n":2,"name":"x.y"}]}`},
		{`{"a":[{"name":"x","n":[{"name":"y"}]}]}`, "a[x].n[y]", `{"a":[{"n":[2],"name":"x"}]}`},
	} {
		got, err := difference.Set([]byte(c.text), c.path, 2)
		require.NoError(t, err, c.path)
		assert.JSONEq(t, c.want, string(got))
	}
	gone, err := difference.Set([]byte(`{"a":1,"b":2}`), "a", nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{"b":2}`, string(gone))
	gone, err = difference.Set([]byte(`{"a":[{"name":"x"},{"name":"y"}]}`), "a[x]", nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":[{"name":"y"}]}`, string(gone))
}
