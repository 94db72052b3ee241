package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/projections"
)

// describeAPI starts the OpenAPI document; mount adds the operations.
func (s *service) describeAPI(version string) huma.Config {
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Annals", Version: interfaceVersion,
				Description: "A customer relationship management system that keeps every fact and overwrites none.\n\n" +
					"**Commands** change something and answer with the revision and the log position they led to. Send an `Idempotency-Key` to make one repeatable.\n\n" +
					"**Queries** read. Send the `position` of a command as `min_position` to be sure to see what it did.\n\n" +
					"Whatever fails is answered as `application/problem+json` with a stable `code`; " +
					"its messages are in English, or in Chinese for an `Accept-Language` such as `zh-CN`.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", nameSchema),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "A token issued with issue-token. It may have scopes, which narrow what its roles allow: read (all queries), write (all commands), or operations by name. Or a JSON web token of an OpenID Connect issuer that the server is set up for."},
					"basic":  {Type: "http", Scheme: "basic", Description: "Any user name, and the token as password; for browsers."},
				},
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.translate},
	}
	s.describeWhole(c.OpenAPI, version)
	return c
}

// nameSchema names a schema after its type. Types of packages other than the
// ones the operations are made of carry the package, so that names stay apart;
// huma panics if two are the same all the same.
func nameSchema(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch pkg := path.Base(t.PkgPath()); {
	case t.Name() == "", pkg == "commands", pkg == "projections", pkg == "httpapi", pkg == "domain", pkg == ".":
		return name
	default:
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
}

// describe is the text under the summary.
func describe(r route) string {
	var b strings.Builder
	fmt.Fprintf(&b, "May be called by: %s.", r.who)
	if wanted := scopesFor(r.name, side(r.method)); len(wanted) > 0 {
		fmt.Fprintf(&b, " A token that has scopes needs `%s`.", strings.Join(wanted, "` or `"))
	}
	if len(r.errs) > 0 {
		b.WriteString("\n\nRefused with, besides what any request can end in:\n")
		for _, e := range r.errs {
			fmt.Fprintf(&b, "\n- `%s` (%d): %s", e.Code, statusOf(e), e.Message)
		}
	}
	return b.String()
}

// What any command, and any query, can end in.
func anyCommand() []*domain.Error {
	return []*domain.Error{
		errBadJSON, errNoBody, errBodyRead, errUTF8, errControl, errNested, errTwice, errQuery, ErrUnauthenticated, errForbidden, errNoRoles, errScope, ErrNotThatCaller,
		errBodySlow, domain.ErrConflict, errBodyLarge, errMedia, errInvalid, input.ErrInvalid, input.ErrOutOfOrder, domain.ErrBadID, domain.ErrFuture, domain.ErrTooEarly,
		domain.ErrKeyReused, errRateLimited, errTooManyAttempts, errInternal, ErrIssuerAway, domain.ErrUnavailable, errTimeout, errOverloaded,
	}
}

func anyQuery() []*domain.Error {
	return []*domain.Error{
		errQuery, errUTF8, errControl, ErrUnauthenticated, errForbidden, errNoRoles, errScope, ErrNotThatCaller, errInvalid, domain.ErrBadPosition, errNoSuchPosition,
		errRateLimited, errTooManyAttempts, errInternal, ErrIssuerAway, projections.ErrBuilding, projections.ErrBehind, errTimeout, errOverloaded,
	}
}

// document lists the ways an operation can fail, by status. What it has in
// common with all others of its kind is described once and referred to.
func (s *service) document(op *huma.Operation, errs []*domain.Error) {
	common, kind := anyQuery(), "Query"
	if op.Method == http.MethodPost {
		common, kind = anyCommand(), "Command"
	}
	shared, own := byStatus(common), byStatus(slices.Concat(errs, common))
	components := s.api.OpenAPI().Components
	if components.Responses == nil {
		components.Responses = map[string]*huma.Response{}
	}
	var all []string
	for _, status := range slices.Sorted(maps.Keys(own)) {
		failed := s.failed(status, own[status])
		if len(own[status]) == len(shared[status]) {
			name := kind + strconv.Itoa(status)
			components.Responses[name] = failed
			failed = &huma.Response{Ref: "#/components/responses/" + name}
		}
		op.Responses[strconv.Itoa(status)] = failed
		all = append(all, codes(own[status])...)
	}
	slices.Sort(all)
	op.Extensions["x-error-codes"] = all
}

// failed describes the answers of one status.
func (s *service) failed(status int, errs []*domain.Error) *huma.Response {
	text := &strings.Builder{}
	text.WriteString(http.StatusText(status))
	for _, e := range errs {
		fmt.Fprintf(text, "\n\n- `%s`: %s", e.Code, e.Message)
	}
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	response := &huma.Response{
		Description: text.String(),
		Content:     map[string]*huma.MediaType{problemJSON: {Schema: schema, Example: newProblem(status, errs[0])}},
		Headers:     problemHeaders(status),
		Extensions:  map[string]any{"x-error-codes": codes(errs)},
	}
	s.describeQuota(response)
	return response
}

func byStatus(errs []*domain.Error) map[int][]*domain.Error {
	by := map[int][]*domain.Error{}
	for _, e := range errs {
		status := statusOf(e)
		if !slices.Contains(codes(by[status]), e.Code) {
			by[status] = append(by[status], e)
		}
	}
	return by
}

func codes(errs []*domain.Error) []string {
	all := make([]string, len(errs))
	for i, e := range errs {
		all[i] = e.Code
	}
	return all
}
