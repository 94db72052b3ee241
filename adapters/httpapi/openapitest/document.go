// Package openapitest holds an API against its own OpenAPI document: whether the
// document says everything, whether answers are what it says, and what becomes of
// requests that are almost what it asks for. It knows no operation by name.
package openapitest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI 3.1 document.
type Document struct {
	Text       []byte
	Operations []*Operation // by path
	Codes      []string     // of problems that any path can be answered with

	tree    map[string]any
	mu      sync.Mutex // of schemas
	schemas *jsonschema.Compiler
}

// Operation is one operation of a document.
type Operation struct {
	ID, Method, Path string
	Parameters       []Parameter
	Body             *Content           // nil: none
	Answers          map[string]*Answer // by status
	Codes            []string           // of problems it can be answered with

	tree map[string]any
}

// Parameter is in a path, a query string or a header.
type Parameter struct {
	Name, In string
	Required bool
	Example  any
	Schema   map[string]any
}

// Answer is what an operation says of one status.
type Answer struct {
	Content map[string]*Content       // by media type
	Headers map[string]map[string]any // by canonical name
	Codes   []string

	tree map[string]any
}

// Content is a body: what it may be, and an example.
type Content struct {
	Example any
	Schema  map[string]any

	check func() (*jsonschema.Schema, error)
}

const home = "openapi.json"

// Load reads a document.
func Load(text []byte) (*Document, error) {
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	d := &Document{Text: text, tree: object(tree), schemas: jsonschema.NewCompiler()}
	d.Codes = texts(d.tree["x-error-codes"])
	d.schemas.DefaultDraft(jsonschema.Draft2020)
	d.schemas.AssertFormat()
	if err := d.schemas.AddResource(home, tree); err != nil {
		return nil, err
	}
	paths := object(d.tree["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range slices.Sorted(maps.Keys(object(paths[path]))) {
			d.Operations = append(d.Operations, d.operation(path, method))
		}
	}
	return d, nil
}

func (d *Document) operation(path, method string) *Operation {
	tree := object(object(object(d.tree["paths"])[path])[method])
	id, _ := tree["operationId"].(string) // Gaps tells of those without
	op := &Operation{
		ID: id, Method: strings.ToUpper(method), Path: path, Codes: texts(tree["x-error-codes"]), Answers: map[string]*Answer{}, tree: tree,
	}
	for _, p := range list(tree["parameters"]) {
		name, in, required := object(p)["name"], object(p)["in"], object(p)["required"]
		op.Parameters = append(op.Parameters, Parameter{
			Name: fmt.Sprint(name), In: fmt.Sprint(in), Required: required == true,
			Example: object(p)["example"], Schema: object(object(p)["schema"]),
		})
	}
	at := pointer("paths", path, method)
	op.Body = d.contents(object(tree["requestBody"]), at+pointer("requestBody"))["application/json"]
	for status, answer := range object(tree["responses"]) {
		answer, at := object(answer), at+pointer("responses", status)
		if ref, ok := answer["$ref"].(string); ok {
			at = strings.TrimPrefix(ref, "#")
			answer = object(d.at(at))
		}
		headers := map[string]map[string]any{}
		for name, header := range object(answer["headers"]) {
			headers[http.CanonicalHeaderKey(name)] = d.Resolved(object(header))
		}
		op.Answers[status] = &Answer{d.contents(answer, at), headers, texts(answer["x-error-codes"]), answer}
	}
	return op
}

func (d *Document) contents(of map[string]any, at string) map[string]*Content {
	all := map[string]*Content{}
	for media, content := range object(of["content"]) {
		at := home + "#" + at + pointer("content", media, "schema")
		all[media] = &Content{object(content)["example"], object(object(content)["schema"]), sync.OnceValues(func() (*jsonschema.Schema, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.schemas.Compile(at)
		})}
	}
	return all
}

// Validate says in what a value is not what the content may be.
func (c *Content) Validate(value any) error {
	check, err := c.check()
	if err != nil {
		return err
	}
	return check.Validate(value)
}

// Resolved is a schema or a header, or the one it refers to.
func (d *Document) Resolved(schema map[string]any) map[string]any {
	if ref, ok := schema["$ref"].(string); ok {
		return object(d.at(strings.TrimPrefix(ref, "#")))
	}
	return schema
}

// at is what a JSON pointer points to.
func (d *Document) at(pointer string) any {
	var found any = d.tree
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		found = object(found)[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
	}
	return found
}

// pointer is a JSON pointer as a URL has it.
func pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(part))
	}
	return b.String()
}

// object is empty for anything else than a JSON object.
func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func texts(v any) []string {
	all := make([]string, 0, len(list(v)))
	for _, text := range list(v) {
		all = append(all, fmt.Sprint(text))
	}
	return all
}
