package httpapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
)

// OpenAPI is the document of the API that c describes.
func OpenAPI(c Config) *huma.OpenAPI { return newMounted(c).api.OpenAPI() }

// interfaceVersion is the version of the interface, as it stands in its paths.
const interfaceVersion = "1"

// describeWhole says what belongs to no operation: where the API is served, what
// the groups of operations are, and every code a problem can have.
func (s *service) describeWhole(doc *huma.OpenAPI, program string) {
	doc.Servers = []*huma.Server{{URL: "/", Description: "The server that this document came from"}}
	doc.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	doc.Extensions = map[string]any{
		// What any path can be answered with, also one that is no operation.
		"x-error-codes": codes([]*domain.Error{errNoRoute, errMethod, errRemoved, ErrUnauthenticated, errOverloaded, errUTF8, errControl}),
	}
	if program != "" {
		doc.Info.Extensions = map[string]any{"x-program-version": program}
	}
}

// describeTags lists the groups that operations are in, in order of appearance.
func describeTags(doc *huma.OpenAPI, tag string) {
	if slices.ContainsFunc(doc.Tags, func(t *huma.Tag) bool { return t.Name == tag }) {
		return
	}
	side, of, _ := strings.Cut(tag, ": ")
	about := "What reads, and changes nothing"
	if side == "commands" {
		about = "What changes something"
	}
	if of != "" {
		about += ": " + of
	}
	doc.Tags = append(doc.Tags, &huma.Tag{Name: tag, Description: about})
}

// explain fills in what huma leaves out of the documentation of an operation.
func (s *service) explain(op *huma.Operation, r route) {
	for _, param := range op.Parameters {
		if param.Description == "" { // a filter whose name says it all
			param.Description = "Only those with this " + strings.ReplaceAll(param.Name, "_", " ")
		}
		if param.Schema.Deprecated {
			param.Deprecated, param.Extensions = true, reasonIn(param.Description)
		}
		if param.Example == nil {
			param.Example = s.example(param.Schema, 0)
		}
	}
	for status, response := range op.Responses {
		if r.noun == "" {
			delete(response.Headers, "Location") // only of what creates a record
		}
		if status == "304" {
			response.Headers = headers(op.Responses["200"].Headers, "ETag")
		}
		for _, header := range response.Headers {
			if header.Ref != "" {
				continue
			}
			header.Description = header.Schema.Description
			if header.Example == nil {
				header.Example = s.example(header.Schema, 0)
			}
		}
		if status < "400" { // the others have it from failed
			s.describeQuota(response)
		}
	}
}

// describeQuota tells of the headers that every answer has if the rate of
// requests is bounded.
func (s *service) describeQuota(of *huma.Response) {
	components := s.api.OpenAPI().Components
	if components.Headers == nil {
		components.Headers = map[string]*huma.Header{
			"RateLimit":        textHeader("Requests that are left (r), and seconds until it is all of them again (t); not there if there is no bound", `"queries";r=5990;t=1`),
			"RateLimit-Policy": textHeader("Requests (q) in how many seconds (w) this caller may make; not there if there is no bound", `"queries";q=6000;w=60`),
		}
	}
	if of.Headers == nil {
		of.Headers = map[string]*huma.Header{}
	}
	for name := range components.Headers {
		of.Headers[name] = &huma.Header{Ref: "#/components/headers/" + name}
	}
}

// headers are those of the given names.
func headers(all map[string]*huma.Header, names ...string) map[string]*huma.Header {
	some := map[string]*huma.Header{}
	for _, name := range names {
		if h, ok := all[name]; ok {
			some[name] = h
		}
	}
	return some
}

func textHeader(about, example string) *huma.Header {
	return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString, Description: about}, Example: example}
}

// problemHeaders are the headers of a failed request.
func problemHeaders(status int) map[string]*huma.Header {
	all := map[string]*huma.Header{"Content-Language": textHeader("Language of the messages: that of Accept-Language, if it is one we have", "en")}
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		all["Retry-After"] = textHeader("Seconds to wait before the request is repeated", "1")
	case http.StatusUnauthorized:
		all["WWW-Authenticate"] = textHeader("Ways to say who calls", `Bearer realm="annals"`)
	}
	return all
}

// forgetErrorsOfHuma leaves out schemas that no answer has: errors are told as
// Problem.
func forgetErrorsOfHuma(schemas huma.Registry) {
	for _, t := range []reflect.Type{reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[huma.ErrorDetail]()} {
		delete(schemas.Map(), nameSchema(t, ""))
	}
}
