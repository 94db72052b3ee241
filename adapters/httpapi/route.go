package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// route declares one operation: a line of the tables in commands.go and
// queries.go.
type route struct {
	method  string
	path    string
	name    string // operation id, also in metrics
	tag     string
	summary string
	who     rights
	errs    []*domain.Error     // besides those any operation can end in
	reads   []projections.Model // what a query reads, to wait for min_position
	// add registers the operation with huma; op carries what is declared above.
	add   func(s *service, op huma.Operation, noun string)
	shows string       // kind of records whose personal data answers hold; empty: none
	noun  string       // where what a command creates is read
	ends  *deprecation // nil: it stays
}

const (
	commandPath = "/v1/commands/"
	queryPath   = "/v1/queries/"
)

// mount puts operations on the router and into the OpenAPI document.
func (s *service) mount(routes []route) {
	for _, r := range routes {
		s.paths[r.name] = r.path
		op := huma.Operation{
			OperationID: r.name, Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{r.tag},
			Description:     describe(r),
			Extensions:      map[string]any{"x-roles": r.who.byRole(), "x-scopes": scopesFor(r.name, side(r.method))},
			Security:        []map[string][]string{{"bearer": {}}, {"basic": {}}},
			Responses:       map[string]*huma.Response{},
			MaxBodyBytes:    -1, // checked before, in body.go
			BodyReadTimeout: -1,
			Middlewares:     huma.Middlewares{s.gate(r.name, side(r.method), r.who)},
			Metadata:        map[string]any{showsKey: r.shows},
		}
		rules := &reading{models: r.reads, known: map[string]bool{}}
		op.Middlewares = append(op.Middlewares, s.queryString(rules))
		if r.method == http.MethodPost {
			op.Middlewares = append(op.Middlewares, s.body)
		}
		if len(r.reads) > 0 {
			op.Parameters = []*huma.Param{minPositionParam()}
		}
		s.document(&op, r.errs)
		r.add(s, op, r.noun)
		added := s.documented(r.method, r.path)
		for _, param := range added.Parameters {
			rules.known[param.Name] = param.In == "query"
		}
		s.withoutYearOne(added)
		s.explain(added, r)
		describeTags(s.api.OpenAPI(), r.tag)
		s.exemplify(added)
		if r.ends != nil {
			s.deprecations.add(r)
			s.metrics.expect(r.name)
			s.documentDeprecation(added, *r.ends)
		}
	}
	for _, schema := range s.api.OpenAPI().Components.Schemas.Map() {
		oneSpelling(schema)
		tellDeprecated(schema)
	}
	forgetErrorsOfHuma(s.api.OpenAPI().Components.Schemas)
}

// showsKey is where an operation keeps the kind of records it shows.
const showsKey = "shows"

// canonicalID is the one spelling of a UUID that is accepted in a body. Others
// mean the same id, but a record would not be found under them.
const canonicalID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

// oneSpelling insists on canonicalID for every id among the fields.
func oneSpelling(schema *huma.Schema) {
	for _, field := range schema.Properties {
		if field.Format == "uuid" && field.Pattern == "" {
			field.Pattern, field.PatternDescription = canonicalID, "an id as it was given out, in lower case"
			field.PrecomputeMessages()
		}
	}
}

// documented is an operation as the OpenAPI document has it.
func (s *service) documented(method, path string) *huma.Operation {
	if method == http.MethodPost {
		return s.api.OpenAPI().Paths[path].Post
	}
	return s.api.OpenAPI().Paths[path].Get
}

// side is where the fields of a request are.
func side(method string) string {
	if method == http.MethodPost {
		return "body"
	}
	return "query"
}

// register is huma.Register with errors told our way. What a query reads is of
// one build of each read model.
func register[I, O any](s *service, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	shows, _ := op.Metadata[showsKey].(string)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		if op.Method == http.MethodGet {
			ctx = projections.Within(projections.Steady(ctx), callOf(ctx).reach)
		}
		out, err := handle(ctx, in)
		if err == nil {
			err = s.disclose(ctx, shows)
		}
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}
