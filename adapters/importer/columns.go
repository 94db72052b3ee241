package importer

import (
	"fmt"
	"strings"
)

// columns finds cells by the name in the header.
type columns struct {
	file  string
	names []string
}

func newColumns(file string, header []string) columns {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.TrimSpace(name)
	}
	return columns{file, names}
}

// find is the index of a column: by its exact name, else without regard to
// case. A name that two columns bear is refused, as either could be meant.
func (c columns) find(name string) (int, error) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		found := -1
		for i, candidate := range c.names {
			if !same(candidate, name) {
				continue
			}
			if found >= 0 {
				return 0, fmt.Errorf("%s: the columns %d and %d are both called %q; rename one", c.file, found+1, i+1, name)
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
	}
	return 0, fmt.Errorf("%s has no column %q; it has %s", c.file, name, strings.Join(c.names, ", "))
}

// columns lists every column of the imported file that the mapping needs.
func (m Mapping) columns() []string {
	var names []string
	for _, field := range m.Fields {
		if field.Column != "" {
			names = append(names, field.Column)
		}
		for _, text := range []string{field.Text, field.Default} {
			names = append(names, placeholders(text)...)
		}
	}
	return names
}

// placeholders lists the columns named in a text such as "Case {CaseID}".
func placeholders(text string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return names
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return names
		}
		names, text = append(names, name), rest
	}
}
