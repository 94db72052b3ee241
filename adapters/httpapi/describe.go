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
				Title: "Annals", Version: orDefault(version, "dev"),
				Description: "A customer relationship management system that keeps every fact and overwrites none.\n\n" +
					"**Commands** change something and answer with the revision and the log position they led to. Send an `Idempotency-Key` to make one repeatable.\n\n" +
					"**Queries** read. Send the `position` of a command as `min_position` to be sure to see what it did.\n\n" +
					"Whatever fails is answered as `application/problem+json` with a stable `code`.",
			},
			Tags: []*huma.Tag{
				{Name: "commands", Description: "Change something."},
				{Name: "queries", Description: "Read what is."},
				{Name: "operations", Description: "Look after the program itself; nothing is recorded."},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", nameSchema),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "A token issued with issue-token."},
					"basic":  {Type: "http", Scheme: "basic", Description: "Any user name, and the token as password; for browsers."},
				},
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.translate},
	}
	return c
}

// nameSchema names a schema after its type. Types of packages other than the
// ones the operations are made of carry the package, so that names stay apart.
func nameSchema(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch pkg := path.Base(t.PkgPath()); {
	case t.Name() == "", pkg == "commands", pkg == "projections", pkg == "httpapi", pkg == "domain", pkg == ".":
		return name
	default:
		return pkg + "." + name
	}
}

// describe is the text under the summary.
func describe(r route) string {
	var b strings.Builder
	fmt.Fprintf(&b, "May be called by: `%s`.", strings.Join(r.who, "`, `"))
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
		errBadJSON, errNoBody, errBodyRead, errUTF8, errControl, errNested, errTwice, errQuery, ErrUnauthenticated, errForbidden,
		errBodySlow, domain.ErrConflict, errBodyLarge, errMedia, errInvalid, input.ErrInvalid, input.ErrOutOfOrder, domain.ErrBadID, domain.ErrFuture,
		domain.ErrKeyReused, errInternal, domain.ErrUnavailable, errTimeout, errOverloaded,
	}
}

func anyQuery() []*domain.Error {
	return []*domain.Error{
		errQuery, errUTF8, errControl, ErrUnauthenticated, errForbidden, errInvalid, domain.ErrBadPosition,
		errInternal, projections.ErrBuilding, projections.ErrBehind, errTimeout, errOverloaded,
	}
}

// document lists the ways an operation can fail, by status.
func (s *service) document(op *huma.Operation, errs []*domain.Error) {
	common := anyQuery()
	if op.Method == http.MethodPost {
		common = anyCommand()
	}
	byStatus, all := map[int][]*domain.Error{}, []string{}
	for _, e := range slices.Concat(errs, common) {
		status := statusOf(e)
		if !slices.Contains(all, e.Code) {
			byStatus[status], all = append(byStatus[status], e), append(all, e.Code)
		}
	}
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		text, codes := &strings.Builder{}, []string{}
		text.WriteString(http.StatusText(status))
		for _, e := range byStatus[status] {
			fmt.Fprintf(text, "\n\n- `%s`: %s", e.Code, e.Message)
			codes = append(codes, e.Code)
		}
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: text.String(),
			Content:     map[string]*huma.MediaType{problemJSON: {Schema: schema, Example: newProblem(status, byStatus[status][0])}},
			Extensions:  map[string]any{"x-error-codes": codes},
		}
	}
	slices.Sort(all)
	op.Extensions["x-error-codes"] = all
}
