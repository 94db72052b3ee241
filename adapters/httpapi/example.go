package httpapi

import (
	"maps"
	"math"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// exampleID is the id in examples.
const exampleID = "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"

// exemplify gives request and answer of an operation an example, put together
// from the examples of the fields.
func (s *service) exemplify(op *huma.Operation) {
	if op.RequestBody != nil {
		s.exemplifyContent(op.RequestBody.Content)
	}
	for _, response := range op.Responses {
		s.exemplifyContent(response.Content)
	}
}

func (s *service) exemplifyContent(content map[string]*huma.MediaType) {
	for _, media := range content {
		if media.Example == nil && media.Schema != nil {
			media.Example = s.example(media.Schema, 0)
		}
	}
}

// example is a value that fits a schema: its declared example, or one made up.
func (s *service) example(schema *huma.Schema, depth int) any {
	ref := schema.Ref != ""
	if len(schema.Examples) > 0 {
		return schema.Examples[0]
	}
	if ref {
		schema = s.api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	switch {
	case len(schema.Examples) > 0:
		return schema.Examples[0]
	case schema.Default != nil:
		return schema.Default
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	}
	switch schema.Type {
	case huma.TypeObject:
		return s.exampleObject(schema, depth)
	case huma.TypeArray:
		if depth > 6 {
			return []any{}
		}
		return []any{s.example(schema.Items, depth+1)}
	case huma.TypeInteger, huma.TypeNumber:
		if schema.Minimum != nil {
			return math.Max(1, *schema.Minimum)
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		return exampleText(schema)
	}
	return map[string]any{}
}

func (s *service) exampleObject(schema *huma.Schema, depth int) any {
	object := map[string]any{}
	if of, ok := schema.AdditionalProperties.(*huma.Schema); ok && depth <= 6 {
		object["key"] = s.example(of, depth+1)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		field := schema.Properties[name]
		if slices.Contains(schema.Required, name) || len(field.Examples) > 0 && depth < 3 {
			object[name] = s.example(field, depth+1)
		}
	}
	return object
}

func exampleText(schema *huma.Schema) string {
	switch schema.Format {
	case "uuid":
		return exampleID
	case "date-time":
		return "2024-05-31T09:30:00Z"
	case "date":
		return "2024-05-31"
	case "email":
		return "ann@example.com"
	}
	return "text"
}
