package main

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// table lines up columns for people to read.
type table struct {
	tab *tabwriter.Writer
	err error
}

func newTable(w io.Writer) *table { return &table{tab: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

func (t *table) row(cells ...string) {
	if _, err := io.WriteString(t.tab, strings.Join(cells, "\t")+"\n"); t.err == nil {
		t.err = err
	}
}

func (t *table) flush() error { return cmp.Or(t.err, t.tab.Flush()) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
