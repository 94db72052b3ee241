package importer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// joined is a second file, held in memory by its key.
type joined struct {
	file    string
	columns columns
	key     string
	rows    map[string][]string
}

// join reads a lookup's file. Everything wrong with it is added to p.
func join(name string, l Lookup, dir string, m Mapping, p *Problems) *joined {
	path := l.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	file, err := os.Open(path)
	if err != nil {
		p.add("lookups: %s: %v; say where it is with --lookup %s=FILE", name, err, name)
		return nil
	}
	defer func() { _ = file.Close() }() // only read
	t, err := newTable(filepath.Base(path), file, m)
	if err != nil {
		p.add("lookups: %s: %v", name, err)
		return nil
	}
	t.correct(l.Values, p)
	key, err := t.header.find(l.Key)
	if err != nil {
		p.add("lookups: %s: %v", name, err)
		return nil
	}
	j := &joined{t.file, t.header, l.Key, map[string][]string{}}
	for {
		row, refused, err := t.next()
		if errors.Is(err, io.EOF) {
			return j
		}
		if err != nil {
			p.add("lookups: %s: %v", name, err)
			return nil
		}
		if refused != nil {
			p.add("lookups: %s: %s, line %d: %s", name, t.file, refused.Line, refused.Reason)
			continue
		}
		value := row.cells[key]
		if before, twice := j.rows[value]; twice && !slices.Equal(before, row.cells) {
			p.add("lookups: %s: %s, line %d: %s %q stands there twice with different values", name, t.file, row.line, l.Key, value)
		}
		j.rows[strings.Clone(value)] = slices.Clone(row.cells)
	}
}

// find is the value in a column of the row that has key.
func (j *joined) find(key string, column int) (string, error) {
	cells, ok := j.rows[key]
	if !ok {
		return "", fmt.Errorf("%s has no row with %s %q", j.file, j.key, key)
	}
	return cells[column], nil
}

// joinAll reads the lookups that fields use. The order of names keeps the
// problems in the same order every time.
func joinAll(m Mapping, dir string, p *Problems) map[string]*joined {
	all := map[string]*joined{}
	for _, name := range slices.Sorted(maps.Keys(m.Lookups)) {
		all[name] = join(name, m.Lookups[name], dir, m, p)
	}
	return all
}
