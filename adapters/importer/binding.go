package importer

import (
	"maps"
	"slices"
	"strings"
)

// binding is a mapping tied to the columns of one file.
type binding struct {
	mapping Mapping
	columns columns
	fields  map[string]getter
	clock   clock
	numbers numbers
}

// getter reads one of our fields from a row.
type getter func(cells []string) (string, error)

// bind adds everything that keeps the mapping from fitting the file to p.
func bind(m Mapping, header columns, dir string, p *Problems) *binding {
	b := &binding{mapping: m, columns: header, fields: map[string]getter{}, clock: newClock(m, p), numbers: newNumbers(m)}
	lookups := joinAll(m, dir, p)
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		b.fields[name] = b.compile(name, m.Fields[name], lookups, p)
	}
	return b
}

func (b *binding) compile(name string, f Field, lookups map[string]*joined, p *Problems) getter {
	column := func(wanted string) int {
		i, err := b.columns.find(wanted)
		if err != nil {
			p.add("fields: %s: %v", name, err)
		}
		return i
	}
	first := template(f.Text, column)
	if f.Column != "" {
		i := column(f.Column)
		first = func(cells []string) (string, error) { return cells[i], nil }
		if f.Lookup != "" {
			first = lookUp(name, f.Lookup, i, lookups, p)
		}
	}
	otherwise := template(f.Default, column)
	return func(cells []string) (string, error) {
		if value, err := first(cells); value != "" || err != nil {
			return value, err
		}
		return otherwise(cells)
	}
}

func lookUp(field, lookup string, key int, lookups map[string]*joined, p *Problems) getter {
	name, wanted, _ := strings.Cut(lookup, ".")
	j := lookups[name]
	if j == nil { // said already
		return template("", nil)
	}
	i, err := j.columns.find(wanted)
	if err != nil {
		p.add("fields: %s: %v", field, err)
	}
	return func(cells []string) (string, error) {
		if cells[key] == "" {
			return "", nil
		}
		return j.find(cells[key], i)
	}
}

// template fills columns into a text. It gives nothing when one of them is
// empty: a title such as "GTX Pro for " helps nobody.
func template(text string, column func(string) int) getter {
	type part struct {
		literal string
		column  int
	}
	var parts []part
	rest := text
	for _, name := range placeholders(text) {
		before, after, _ := strings.Cut(rest, "{"+name+"}")
		parts, rest = append(parts, part{before, column(name)}), after
	}
	return func(cells []string) (string, error) {
		var out strings.Builder
		for _, p := range parts {
			if cells[p.column] == "" {
				return "", nil
			}
			out.WriteString(p.literal)
			out.WriteString(cells[p.column])
		}
		out.WriteString(rest)
		return out.String(), nil
	}
}
