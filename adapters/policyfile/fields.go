package policyfile

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// fieldsOf lists the fields of a struct, by the names and docs of its JSON form.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields = append(fields, field{
			name: name, doc: f.Tag.Get("doc"), index: i, of: f.Type,
			optional: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"),
		})
	}
	return fields
}

// comment explains a field: what it is, and in which unit.
func (f field) comment(v reflect.Value) string {
	unit := f.unit(v)
	switch {
	case f.doc == "":
		return unit
	case unit == "" || strings.Contains(strings.ToLower(f.doc), unit):
		return f.doc
	}
	return f.doc + "; " + unit
}

// units by how names of fields end; the last word says what is counted.
func (f field) unit(v reflect.Value) string {
	switch {
	case strings.HasSuffix(f.name, "seconds"):
		if v.CanInt() && v.Int() >= 60 {
			return "seconds (" + span(v.Int()) + ")"
		}
		return "seconds"
	case strings.HasSuffix(f.name, "_pct"), f.name == "probability":
		return "per cent"
	case strings.HasSuffix(f.name, "_days"), strings.Contains(f.name, "_days_"):
		return "days"
	case strings.HasSuffix(f.name, "_months"):
		return "months"
	case strings.HasSuffix(f.name, "_weeks"):
		return "weeks"
	case strings.HasSuffix(f.name, "_hour"):
		return "0 to 23"
	case strings.HasSuffix(f.name, "_points"):
		return "of 100"
	}
	return ""
}

// span is a number of seconds as people say it.
func span(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d%(24*time.Hour) == 0:
		return plural(int64(d/(24*time.Hour)), "day")
	case d%time.Hour == 0:
		return plural(int64(d/time.Hour), "hour")
	case d%time.Minute == 0:
		return plural(int64(d/time.Minute), "minute")
	}
	return d.String()
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
