package policyfile

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

const head = `A process pack of Annals: every number and list that decisions and figures depend
on. Edit it, then: crm policy check FILE; crm policy import FILE --dry-run`

// Write writes a file with comments that say what each field is and name units.
func Write(w io.Writer, f File) error {
	document, err := node(reflect.ValueOf(f))
	if err != nil {
		return err
	}
	document.HeadComment = head
	text := yaml.NewEncoder(w)
	text.SetIndent(2)
	if err := text.Encode(document); err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	return text.Close() //nolint:wrapcheck // of the writer
}

var timeType = reflect.TypeFor[time.Time]()

// node is a value as YAML.
func node(v reflect.Value) (*yaml.Node, error) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Type() == timeType {
		at, ok := v.Interface().(time.Time)
		if !ok {
			return nil, fmt.Errorf("write policy: %s", v.Type())
		}
		return scalar("!!timestamp", at.Format(time.RFC3339Nano)), nil
	}
	switch kind := v.Kind(); {
	case kind == reflect.Struct:
		return object(v)
	case kind == reflect.Slice:
		return list(v)
	case kind == reflect.Map:
		return dictionary(v)
	case kind == reflect.String:
		return scalar("!!str", v.String()), nil
	case kind == reflect.Bool:
		return scalar("!!bool", strconv.FormatBool(v.Bool())), nil
	case v.CanInt():
		return scalar("!!int", strconv.FormatInt(v.Int(), 10)), nil
	}
	return nil, fmt.Errorf("write policy: a field of type %s has no form in a file", v.Type())
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func object(v reflect.Value) (*yaml.Node, error) {
	mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fieldsOf(v.Type()) {
		of := v.Field(f.index)
		if f.optional && of.IsZero() {
			continue
		}
		value, err := node(of)
		if err != nil {
			return nil, err
		}
		key := scalar("!!str", f.name)
		if value.Kind == yaml.ScalarNode || value.Style == yaml.FlowStyle {
			value.LineComment = f.comment(of)
		} else {
			key.HeadComment = f.comment(of)
		}
		mapping.Content = append(mapping.Content, key, value)
	}
	return mapping, nil
}

// list writes lists of plain values on one line. One that is not there at all
// stays that way.
func list(v reflect.Value) (*yaml.Node, error) {
	if v.IsNil() {
		return scalar("!!null", "null"), nil
	}
	sequence := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if kind := v.Type().Elem().Kind(); kind != reflect.Struct || v.Len() == 0 {
		sequence.Style = yaml.FlowStyle
	}
	for i := range v.Len() {
		item, err := node(v.Index(i))
		if err != nil {
			return nil, err
		}
		sequence.Content = append(sequence.Content, item)
	}
	return sequence, nil
}

func dictionary(v reflect.Value) (*yaml.Node, error) {
	if v.IsNil() {
		return scalar("!!null", "null"), nil
	}
	words, ok := v.Interface().(map[string]string)
	if !ok {
		return nil, fmt.Errorf("write policy: a field of type %s has no form in a file", v.Type())
	}
	mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if len(words) == 0 {
		mapping.Style = yaml.FlowStyle
	}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		mapping.Content = append(mapping.Content, scalar("!!str", name), scalar("!!str", words[name]))
	}
	return mapping, nil
}
