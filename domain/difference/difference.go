// Package difference tells two JSON values apart, field by field, for people to
// read: versions of a policy, or a stored document and what it should be. It
// knows nothing of what the fields mean.
package difference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Difference is one field that differs. Items of a list are named by what names
// them, as in tickets.sla[urgent].targets[resolution].seconds, and by number if
// nothing does.
type Difference struct {
	Path string `json:"path" doc:"Path of the field" example:"tickets.sla[urgent].targets[resolution].seconds"`
	From any    `json:"from" doc:"What it is on the one side; null if nothing"`
	To   any    `json:"to" doc:"What it is on the other side; null if nothing"`
}

// Between lists what differs between two JSON texts, in order of path. Nil
// stands for no value at all.
func Between(from, to []byte) ([]Difference, error) {
	a, err := parse(from)
	if err != nil {
		return nil, err
	}
	b, err := parse(to)
	if err != nil {
		return nil, err
	}
	var found []Difference
	walk(&found, "", a, b)
	return found, nil
}

// Of is Between for values that have a JSON form.
func Of(from, to any) ([]Difference, error) {
	a, err := json.Marshal(from)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	b, err := json.Marshal(to)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return Between(a, b)
}

func parse(text []byte) (any, error) {
	if text == nil {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // amounts are integers beyond what a float holds
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return v, nil
}

func walk(found *[]Difference, path string, from, to any) {
	if reflect.DeepEqual(from, to) {
		return
	}
	a, wasObject := from.(map[string]any)
	b, isObject := to.(map[string]any)
	if wasObject && isObject {
		objects(found, path, a, b)
		return
	}
	was, wasList := from.([]any)
	is, isList := to.([]any)
	if wasList && isList && hasObjects(was) && hasObjects(is) {
		lists(found, path, was, is)
		return
	}
	*found = append(*found, Difference{Path: path, From: from, To: to})
}

func objects(found *[]Difference, path string, from, to map[string]any) {
	names := slices.Collect(maps.Keys(to))
	for name := range from {
		if _, both := to[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		walk(found, inner, from[name], to[name])
	}
}

// hasObjects tells whether a list is worth going into: one of plain values is
// easier to read as a whole, also because its order may matter.
func hasObjects(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(map[string]any); return !ok })
}

func lists(found *[]Difference, path string, from, to []any) {
	key := naming(from, to)
	was, order := named(from, key)
	is, added := named(to, key)
	for _, name := range added {
		if _, both := was[name]; !both {
			order = append(order, name)
		}
	}
	for _, name := range order {
		walk(found, path+"["+name+"]", was[name], is[name])
	}
	if !slices.Equal(within(names(from, key), is), within(names(to, key), was)) { // order may matter, too
		*found = append(*found, Difference{Path: path, From: names(from, key), To: names(to, key)})
	}
}

// within are the names that are known on the other side.
func within(names []string, known map[string]any) []string {
	return slices.DeleteFunc(names, func(name string) bool { _, ok := known[name]; return !ok })
}

// naming is the field that tells the items of both lists apart; none if empty.
func naming(lists ...[]any) string {
	for _, key := range []string{"id", "name", "target", "segment"} {
		if !slices.ContainsFunc(lists, func(list []any) bool {
			known, _ := named(list, key)
			_, nameless := known[""]
			return nameless || len(known) < len(list)
		}) {
			return key
		}
	}
	return ""
}

func named(list []any, key string) (byName map[string]any, order []string) {
	byName = make(map[string]any, len(list))
	order = names(list, key)
	for i, item := range list {
		byName[order[i]] = item
	}
	return byName, order
}

func names(list []any, key string) []string {
	all := make([]string, len(list))
	for i, item := range list {
		if key == "" {
			all[i] = fmt.Sprint(i)
			continue
		}
		object, _ := item.(map[string]any)
		all[i], _ = object[key].(string)
	}
	return all
}
