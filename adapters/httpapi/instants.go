package httpapi

import "github.com/danielgtaylor/huma/v2"

// afterYearOne is every time but those of the year 1 and before. The first
// instant of the year 1 is what programs mean by no time at all, so it would be
// taken for a parameter that was left out.
const afterYearOne = `^(000[2-9]|00[1-9]|0[1-9]|[1-9])`

// withoutYearOne refuses such times wherever an operation takes any.
func (s *service) withoutYearOne(op *huma.Operation) {
	for _, param := range op.Parameters {
		s.refuseYearOne(param.Schema)
	}
	if op.RequestBody != nil {
		s.refuseYearOne(op.RequestBody.Content["application/json"].Schema)
	}
}

func (s *service) refuseYearOne(schema *huma.Schema) {
	if schema.Ref != "" {
		schema = s.api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	if schema.Format == "date-time" && schema.Pattern == "" {
		schema.Pattern, schema.PatternDescription = afterYearOne, "a time later than the year 1"
		schema.PrecomputeMessages()
	}
	for _, field := range schema.Properties {
		s.refuseYearOne(field)
	}
	if schema.Items != nil {
		s.refuseYearOne(schema.Items)
	}
}
