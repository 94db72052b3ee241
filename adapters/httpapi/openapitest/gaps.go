package openapitest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Gaps lists what the document leaves open, and where it contradicts itself or
// the OpenAPI specification.
func (d *Document) Gaps() []string {
	g := &gaps{}
	info := object(d.tree["info"])
	g.need(info["title"] != nil && info["version"] != nil && info["description"] != nil && info["license"] != nil, "info")
	g.need(len(list(d.tree["servers"])) > 0, "servers")
	g.need(len(d.Codes) > 0, "x-error-codes")
	schemes := object(object(d.tree["components"])["securitySchemes"])
	g.need(len(schemes) > 0, "securitySchemes")
	tags := map[string]bool{}
	for _, tag := range list(d.tree["tags"]) {
		tags[fmt.Sprint(object(tag)["name"])] = object(tag)["description"] != nil
	}
	ids := map[string]bool{}
	for _, op := range d.Operations {
		g.need(op.ID != "" && !ids[op.ID], "%s %s: an operationId of its own", op.Method, op.Path)
		ids[op.ID] = true
		g.operation(op)
		for _, tag := range texts(op.tree["tags"]) {
			g.need(tags[tag], "%s: description of the tag %s", op.ID, tag)
		}
		for _, alternative := range list(op.tree["security"]) {
			for name := range object(alternative) {
				g.need(schemes[name] != nil, "%s: security scheme %s", op.ID, name)
			}
		}
	}
	for name, schema := range object(object(d.tree["components"])["schemas"]) {
		g.schema(name, object(schema))
	}
	if err := d.valid(); err != nil {
		g.need(false, "%s", err)
	}
	slices.Sort(g.found)
	return g.found
}

// valid checks the form of the document, and every example against its schema.
func (d *Document) valid() error {
	spec, err := openapi3.NewLoader().LoadFromData(d.Text)
	if err != nil {
		return err
	}
	return spec.Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableMultiError(),
		openapi3.AllowExtraSiblingFields("patternDescription")) // which JSON Schema allows
}

type gaps struct{ found []string }

func (g *gaps) need(is bool, format string, args ...any) {
	if !is {
		g.found = append(g.found, "missing or wrong: "+fmt.Sprintf(format, args...))
	}
}

func (g *gaps) operation(op *Operation) {
	for _, field := range []string{"summary", "description", "tags", "security", "x-roles", "x-error-codes", "responses"} {
		g.need(filled(op.tree[field]), "%s: %s", op.ID, field)
	}
	for _, p := range list(op.tree["parameters"]) {
		for _, field := range []string{"description", "schema", "example"} {
			g.need(filled(object(p)[field]), "%s: %s of parameter %v", op.ID, field, object(p)["name"])
		}
		g.need(object(object(p)["schema"])["type"] != nil, "%s: type of parameter %v", op.ID, object(p)["name"])
	}
	g.need(op.Method != http.MethodPost || op.Body != nil && op.Body.Example != nil, "%s: example of the request", op.ID)
	var codes []string
	for _, status := range slices.Sorted(maps.Keys(op.Answers)) {
		g.answer(op, status)
		codes = append(codes, op.Answers[status].Codes...)
	}
	slices.Sort(codes)
	g.need(slices.Equal(codes, op.Codes), "%s: x-error-codes of the operation are those of its answers", op.ID)
}

func (g *gaps) answer(op *Operation, status string) {
	a := op.Answers[status]
	g.need(filled(a.tree["description"]), "%s: description of %s", op.ID, status)
	g.need(len(a.Content) > 0 || strings.HasPrefix(status, "3") || status == "204", "%s: content of %s", op.ID, status)
	for media, content := range a.Content {
		g.need(content.Example != nil, "%s: example of %s as %s", op.ID, status, media)
		_, err := content.check()
		g.need(len(content.Schema) > 0 && err == nil, "%s: schema of %s as %s: %v", op.ID, status, media, err)
	}
	for name, header := range a.Headers {
		for _, field := range []string{"description", "schema", "example"} {
			g.need(filled(header[field]), "%s: %s of header %s of %s", op.ID, field, name, status)
		}
	}
	if failed := status[0] == '4' || status[0] == '5'; failed {
		g.need(a.Content[problemJSON] != nil && len(a.Content) == 1, "%s: a problem for %s", op.ID, status)
		g.need(len(a.Codes) > 0, "%s: x-error-codes of %s", op.ID, status)
	}
}

// schema looks at the fields of an object.
func (g *gaps) schema(name string, schema map[string]any) {
	for field, of := range object(schema["properties"]) {
		of := object(of)
		if of["$ref"] != nil {
			continue
		}
		g.need(filled(of["description"]), "%s.%s: description", name, field)
		g.schema(name+"."+field, of)
		g.schema(name+"."+field, object(of["items"]))
	}
}

func filled(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}
