package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTablesLineUpWhateverTheScript(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out)
	table.row("BY owner", "WON", "NOTE")
	table.row("王芳", "1,020", "x")
	table.row("Anna Keller", "7", "longer")
	require.NoError(t, table.flush())
	table.row("a", "b")
	require.NoError(t, table.flush())
	assert.Equal(t, "BY owner       WON  NOTE\n王芳         1,020  x\nAnna Keller      7  longer\na  b\n", out.String())
}
