package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Change is one field of a document that changed. Items of a list are named by
// their id, as in contacts[5f0c8a52-…].value or clocks[resolution].due_at.
type Change struct {
	Record string `json:"record" doc:"Stream of the record whose field it is" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Field  string `json:"field" doc:"Path of the field in the record's document" example:"stage"`
	From   any    `json:"from" doc:"What it was; null if nothing" example:"\"opportunity\""`
	To     any    `json:"to" doc:"What it became; null if nothing" example:"\"quote\""`
}

// ofHead are fields that every event changes, and those that only add up what
// others say; the event itself says the same.
var ofHead = []string{"id", "revision", "updated_at", "updated_by", "stages_passed"}

// parsed is a document as the comparison wants it; nil for one that is not there.
func parsed(document []byte) (map[string]any, error) {
	if document == nil {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber() // amounts are integers beyond what a float holds
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("compare documents: %w", err)
	}
	for _, name := range ofHead {
		delete(fields, name)
	}
	return fields, nil
}

// comparison collects what differs between two documents of one record.
type comparison struct {
	record  string
	changes []Change
}

// compared lists what differs, by path.
func compared(record string, before, after map[string]any) []Change {
	c := comparison{record: record}
	c.objects("", before, after)
	return c.changes
}

func (c *comparison) objects(path string, before, after map[string]any) {
	names := slices.Collect(maps.Keys(after))
	for name := range before {
		if _, both := after[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		c.values(inner, before[name], after[name])
	}
}

func (c *comparison) values(path string, before, after any) {
	if empty(before) && empty(after) || reflect.DeepEqual(before, after) {
		return
	}
	b, wasObject := before.(map[string]any)
	a, isObject := after.(map[string]any)
	if (wasObject || empty(before)) && (isObject || empty(after)) {
		c.objects(path, b, a)
		return
	}
	was, wasList := before.([]any)
	is, isList := after.([]any)
	if (wasList || empty(before)) && (isList || empty(after)) && c.lists(path, was, is) {
		return
	}
	c.changes = append(c.changes, Change{Record: c.record, Field: path, From: shown(before), To: shown(after)})
}

// lists compares item by item if items have names; false if they do not.
func (c *comparison) lists(path string, before, after []any) bool {
	key := itemKey(slices.Concat(before, after))
	if key == "" {
		return false
	}
	was, order := named(before, key)
	is, added := named(after, key)
	if len(was) < len(before) || len(is) < len(after) {
		return false // a name twice
	}
	for _, name := range added {
		if was[name] == nil {
			order = append(order, name)
		}
	}
	for _, name := range order {
		inner := path + "[" + name + "]"
		switch {
		case is[name] == nil: // gone: one change says it
			c.changes = append(c.changes, Change{Record: c.record, Field: inner, From: was[name]})
		case was[name] == nil:
			c.changes = append(c.changes, Change{Record: c.record, Field: inner, To: is[name]})
		default:
			c.objects(inner, was[name], is[name])
		}
	}
	return true
}

func named(items []any, key string) (byName map[string]map[string]any, order []string) {
	byName = make(map[string]map[string]any, len(items))
	for _, item := range items {
		object, _ := item.(map[string]any)
		name, _ := object[key].(string)
		byName[name] = object
		order = append(order, name)
	}
	return byName, order
}

// itemKey is the field that names the items of a list: id, some_id, target or
// name, whichever all of them have.
func itemKey(items []any) string {
	if len(items) == 0 {
		return ""
	}
	first, _ := items[0].(map[string]any)
	candidates := []string{"id"}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if strings.HasSuffix(name, "_id") {
			candidates = append(candidates, name)
		}
	}
	for _, key := range append(candidates, "target", "name") {
		if !slices.ContainsFunc(items, func(item any) bool {
			object, _ := item.(map[string]any)
			name, _ := object[key].(string)
			return name == ""
		}) {
			return key
		}
	}
	return ""
}

const noTime = "0001-01-01T00:00:00Z"

// empty tells whether a value says nothing: documents leave such fields out or
// not, which is no change.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "" || v == noTime
	case bool:
		return !v
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func shown(v any) any {
	if v == noTime || v == "" {
		return nil
	}
	return v
}
