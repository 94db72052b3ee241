package httpapi

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// reasonKey is where the generator of the Go client looks for what stands behind
// "Deprecated:".
const reasonKey = "x-deprecated-reason"

// documentDeprecation says of an operation that it will be removed, and which
// headers its answers have for that.
func (s *service) documentDeprecation(op *huma.Operation, d deprecation) {
	op.Deprecated = true
	since, sunset := d.since.UTC().Format(time.DateOnly), d.sunset.UTC().Format(time.DateOnly)
	reason, instead := "since "+since+", and may be removed from "+sunset+" on", map[string]any{"since": since, "sunset": sunset}
	if d.successor != "" {
		reason += "; use " + d.successor
		instead["successor"] = d.successor
	}
	op.Description = "**Deprecated** " + reason + ".\n\n" + op.Description
	op.Extensions[reasonKey], op.Extensions["x-deprecation"] = reason, instead
	for status, answer := range op.Responses {
		op.Responses[status] = s.withNotice(answer, d)
	}
}

// withNotice is an answer with the headers of a deprecated operation. It has them
// for itself: others share the description of failures.
func (s *service) withNotice(answer *huma.Response, d deprecation) *huma.Response {
	if name, shared := strings.CutPrefix(answer.Ref, "#/components/responses/"); shared {
		answer = s.api.OpenAPI().Components.Responses[name]
	}
	own := *answer
	own.Headers = maps.Clone(answer.Headers)
	if own.Headers == nil {
		own.Headers = map[string]*huma.Header{}
	}
	own.Headers["Deprecation"] = textHeader("Since when the operation is deprecated, in Unix seconds (RFC 9745)", "@"+strconv.FormatInt(d.since.Unix(), 10))
	own.Headers["Sunset"] = textHeader("From when on the operation may be removed (RFC 8594)", d.sunset.UTC().Format(http.TimeFormat))
	about := "Where the deprecation is told of (deprecation), and what to use instead (successor-version)"
	if next, ok := own.Headers["Link"]; ok {
		about = next.Description + ". " + about
	}
	own.Headers["Link"] = textHeader(about, `</docs>; rel="deprecation"; type="text/html"`)
	return &own
}

// tellDeprecated lets clients say of a field or parameter that is tagged
// deprecated:"true" why it is: what its description says from "Deprecated" on.
func tellDeprecated(schema *huma.Schema) {
	for _, field := range schema.Properties {
		if field.Deprecated {
			field.Extensions = reasonIn(field.Description)
		}
	}
}

func reasonIn(description string) map[string]any {
	_, reason, _ := strings.Cut(description, deprecatedSince)
	return map[string]any{reasonKey: "since " + reason}
}

// deprecatedSince begins the sentence of a field's description that says since
// when it is deprecated, from when on it may be removed, and what to use.
const deprecatedSince = "Deprecated since "
