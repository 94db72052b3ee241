package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.26.0"
	"go.opentelemetry.io/otel/trace"
)

// Request begins the span of a request, in the trace of the sender if it names
// one. It is what httpapi.Config.Trace calls.
func (t *Tracer) Request(ctx context.Context, r *http.Request) (context.Context, func(operation, route string, status int)) {
	ctx, span := t.tracer.Start(remote(ctx, r.Header.Get("traceparent")), r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(operation, route string, status int) {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		switch r.Method { // any other text is the caller's
		case http.MethodGet, http.MethodPost:
			span.SetAttributes(semconv.HTTPRequestMethodKey.String(r.Method))
		default:
			span.SetName("other")
		}
		if route != "" {
			span.SetName(r.Method + " " + route)
			span.SetAttributes(semconv.HTTPRoute(route))
		} else if operation != "" {
			span.SetName(operation)
		}
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}
