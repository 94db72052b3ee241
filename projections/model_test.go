package projections_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

func TestLabels(t *testing.T) {
	m := projections.Model{Name: "board", Version: 3}
	assert.Equal(t, "{board:v3}:", m.Prefix())
	again, ok := m.Labelled("3.2")
	require.True(t, ok)
	assert.Equal(t, "{board:v3.2}:", again.Prefix())
	assert.True(t, m.Before(again))
	assert.False(t, again.Before(m))
	later, ok := m.Labelled("4")
	require.True(t, ok)
	assert.True(t, again.Before(later))
	for _, bad := range []string{"", "x", "3.x", "."} {
		_, ok := m.Labelled(bad)
		assert.False(t, ok, bad)
	}
}

func TestMarks(t *testing.T) {
	for text, mark := range map[string]projections.Mark{
		"8/7":    {Position: domain.Position{Commit: 8, Prepare: 7}},
		"8/7+12": {Position: domain.Position{Commit: 8, Prepare: 7}, Edits: 12},
		"0/0+1":  projections.Mark{}.Edited(),
	} {
		assert.Equal(t, text, mark.String())
		got, err := projections.ParseMark(text)
		require.NoError(t, err)
		assert.Equal(t, mark, got)
	}
	none, err := projections.ParseMark("")
	require.NoError(t, err)
	assert.Equal(t, projections.Mark{}, none)
	for _, bad := range []string{"x", "1/2+", "1/2+x", "+1"} {
		_, err := projections.ParseMark(bad)
		require.Error(t, err, bad)
	}
}
