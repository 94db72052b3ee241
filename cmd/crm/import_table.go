package main

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// table lines up columns for people to read. Widths are those on the screen,
// where a Chinese character takes two places.
type table struct {
	w    io.Writer
	rows [][]string
	err  error
}

func newTable(w io.Writer) *table { return &table{w: w} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// flush writes the rows so far; rows after it are lined up anew.
func (t *table) flush() error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var out strings.Builder
	for _, row := range t.rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			switch {
			case t.numeric(i):
				out.WriteString(pad + cell)
			case i == len(row)-1:
				out.WriteString(cell) // no blanks at the end of a line
			default:
				out.WriteString(cell + pad)
			}
			if i < len(row)-1 {
				out.WriteString("  ")
			}
		}
		out.WriteString("\n")
	}
	t.rows = nil
	if _, err := io.WriteString(t.w, out.String()); t.err == nil {
		t.err = err
	}
	return t.err
}

// numeric tells whether a column holds a number in every row but the first; it
// is then lined up on the right.
func (t *table) numeric(column int) bool {
	return column > 0 && len(t.rows) > 1 && !slices.ContainsFunc(t.rows[1:], func(row []string) bool {
		return column < len(row) && strings.Trim(row[column], "0123456789.,-% ") != ""
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
