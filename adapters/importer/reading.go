package importer

import (
	"cmp"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
)

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
