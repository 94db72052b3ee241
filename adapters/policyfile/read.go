package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/annals-crm/annals/domain/input"
)

// Read reads a file and checks the pack in it. It fails with ErrFile, which
// lists every problem: of the form first, and only if that is right of the pack.
func Read(text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return f, ErrFile.Because("the file is empty")
	} else if err != nil {
		return f, ErrFile.Because("the file is not YAML: %s", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, ErrFile.Because("the file holds more than one document")
	}
	r := reader{lines: map[string]int{}}
	r.value("", document.Content[0], reflect.ValueOf(&f).Elem())
	if err := r.err(); err != nil {
		return f, err
	}
	for _, p := range Problems(f.Pack.Check()) {
		r.add("pack."+p.Field, "%s", p.Message)
	}
	return f, r.err()
}

// reader collects problems, each with the line it is on.
type reader struct {
	problems []input.Problem
	lines    map[string]int // by path
}

func (r *reader) add(path, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	for at := path; ; at = outer(at) {
		if line := r.lines[at]; line > 0 {
			message = fmt.Sprintf("line %d: %s", line, message)
			break
		}
		if at == "" {
			break
		}
	}
	r.problems = append(r.problems, input.Problem{Field: path, Message: message})
}

// outer is the path of what holds a field.
func outer(path string) string {
	return path[:max(lastIndexAny(path, ".["), 0)]
}

func lastIndexAny(s, of string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if slices.Contains([]byte(of), s[i]) {
			return i
		}
	}
	return -1
}

func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return ErrFile.Because("%s", r.problems[0].Message).In(r.problems[0].Field).With(r.problems)
}

// value reads a node into v.
func (r *reader) value(path string, n *yaml.Node, v reflect.Value) {
	r.lines[path] = n.Line
	switch {
	case n.Kind == yaml.AliasNode:
		r.add(path, "write the value out instead of referring to %s", n.Value)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(path, n, v.Elem())
	case v.Type() == timeType:
		at, err := time.Parse(time.RFC3339, n.Value)
		if err != nil {
			r.add(path, "%q is no time such as 2024-06-01T00:00:00+08:00", n.Value)
			return
		}
		v.Set(reflect.ValueOf(at))
	case v.Kind() == reflect.Struct:
		r.object(path, n, v)
	case v.Kind() == reflect.Slice:
		r.list(path, n, v)
	case v.Kind() == reflect.Map:
		r.dictionary(path, n, v)
	default:
		r.scalar(path, n, v)
	}
}

func (r *reader) scalar(path string, n *yaml.Node, v reflect.Value) {
	tag, wants := n.ShortTag(), map[reflect.Kind]string{reflect.String: "a text", reflect.Bool: "true or false"}[v.Kind()]
	if wants == "" {
		wants = "a whole number"
	}
	switch {
	case n.Kind != yaml.ScalarNode:
	case v.Kind() == reflect.String && tag == "!!str":
		v.SetString(n.Value)
		return
	case v.Kind() == reflect.Bool && tag == "!!bool":
		if b, err := strconv.ParseBool(n.Value); err == nil {
			v.SetBool(b)
			return
		}
	case v.CanInt() && tag == "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			v.SetInt(i)
			return
		}
	}
	if n.Kind == yaml.ScalarNode {
		r.add(path, "%q stands where %s belongs", n.Value, wants)
		return
	}
	r.add(path, "a list or mapping stands where %s belongs", wants)
}

func (r *reader) object(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		r.add(path, "fields belong here, each on a line of its own")
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		inner := join(path, key.Value)
		known := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		r.lines[inner] = key.Line
		switch {
		case known < 0:
			r.add(inner, "there is no such field here")
		case seen[key.Value]:
			r.add(inner, "the field is given twice")
		default:
			r.value(inner, n.Content[i+1], v.Field(fields[known].index))
		}
		seen[key.Value] = true
	}
	for _, f := range fields {
		if !f.optional && !seen[f.name] {
			r.add(join(path, f.name), "the field is missing")
		}
	}
}

func (r *reader) list(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.add(path, "a list belongs here")
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		r.value(fmt.Sprintf("%s[%d]", path, i), item, items.Index(i))
	}
	v.Set(items)
}

func (r *reader) dictionary(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.add(path, "names with a text each belong here")
		return
	}
	words := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, word := reflect.ValueOf(n.Content[i].Value), reflect.New(v.Type().Elem()).Elem()
		inner := join(path, n.Content[i].Value)
		if words.MapIndex(key).IsValid() {
			r.lines[inner] = n.Content[i].Line
			r.add(inner, "the name is given twice")
		}
		r.value(inner, n.Content[i+1], word)
		words.SetMapIndex(key, word)
	}
	v.Set(words)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
