package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
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

// reading reads the fields of one row and collects everything wrong with it.
type reading struct {
	*binding
	row      row
	id       string
	problems []Refusal
}

func (b *binding) read(r row) *reading {
	x := &reading{binding: b, row: r}
	x.id = x.required("external_id")
	return x
}

func (x *reading) refuse(field, code, format string, args ...any) {
	if column := x.mapping.Fields[field].Column; column != "" {
		field = column // what stands in the user's file
	}
	x.problems = append(x.problems, Refusal{Line: x.row.line, ExternalID: x.id, Field: field, Code: code, Reason: fmt.Sprintf(format, args...)})
}

// text is the value of a field; empty if the mapping does not fill it.
func (x *reading) text(field string) string {
	get := x.fields[field]
	if get == nil {
		return ""
	}
	value, err := get(x.row.cells)
	if err != nil {
		x.refuse(field, "not_in_lookup", "%v", err)
	}
	return value
}

func (x *reading) required(field string) string {
	value := x.text(field)
	if value == "" {
		x.refuse(field, "missing_value", "%s is empty", field)
	}
	return value
}

// time is nil where the field is empty, or says "now".
func (x *reading) time(field string) *time.Time {
	value := x.text(field)
	if value == "" || value == "now" {
		return nil
	}
	t, err := x.clock.parse(value)
	if err != nil {
		x.refuse(field, "bad_time", "%v", err)
		return nil
	}
	return &t
}

func (x *reading) requiredTime(field string) time.Time {
	if x.required(field) == "" {
		return time.Time{}
	}
	t := x.time(field)
	if t == nil {
		return time.Time{}
	}
	return *t
}

// money is nil where the field is empty.
func (x *reading) money(field string) *domain.Money {
	value := x.text(field)
	if value == "" {
		return nil
	}
	amount, err := x.numbers.money(value, x.currency())
	if err != nil {
		x.refuse(field, "bad_amount", "%v", err)
		return nil
	}
	return &amount
}

func (x *reading) currency() string { return cmp.Or(x.text("currency"), x.mapping.Currency) }
