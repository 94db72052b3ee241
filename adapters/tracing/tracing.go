// Package tracing follows a request through the program with OpenTelemetry: the
// request, the command, the calls of the log, and, by the trace context that is
// kept with every event, the page of the projector that made it visible.
//
// It hands out what the other packages call at their edges, and wraps their
// ports; they know nothing of it, and without it nothing is called. Attributes
// are names, numbers and codes that the program itself gives: nothing that a
// caller sent, and nobody's name.
package tracing

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.26.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/annals-crm/annals/domain"
)

// Config says where traces go. The variables OTEL_EXPORTER_OTLP_… that OpenTelemetry
// defines, such as those for headers and certificates, are heeded too.
type Config struct {
	Endpoint string  // URL of an OTLP receiver over HTTP; if empty that of the environment
	Ratio    float64 // of traces that begin here, 0 to 1; others are kept if whoever began them keeps them
	Version  string  // of the program
	Role     string  // of the process
}

// Tracer begins spans.
type Tracer struct {
	tracer   trace.Tracer
	provider *sdk.TracerProvider
}

// Start sends traces in the background until Stop.
func Start(ctx context.Context, c Config) (*Tracer, error) {
	var options []otlptracehttp.Option
	if c.Endpoint != "" {
		options = append(options, otlptracehttp.WithEndpointURL(c.Endpoint))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return New(exporter, c), nil
}

// New hands spans to an exporter.
func New(exporter sdk.SpanExporter, c Config) *Tracer {
	about := resource.NewSchemaless(
		semconv.ServiceName("annals"), semconv.ServiceVersion(c.Version), attribute.String("annals.role", c.Role),
	)
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithSampler(sdk.ParentBased(linked{sdk.TraceIDRatioBased(c.Ratio)})),
	)
	return &Tracer{provider.Tracer("github.com/annals-crm/annals"), provider}
}

// Stop sends what is left.
func (t *Tracer) Stop(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// linked keeps a trace that begins here if it has to do with one that is kept.
type linked struct{ sdk.Sampler }

// ShouldSample is called for every trace that begins.
func (l linked) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	for _, link := range p.Links {
		if link.SpanContext.IsSampled() {
			return sdk.AlwaysSample().ShouldSample(p)
		}
	}
	return l.Sampler.ShouldSample(p)
}

// remote is the span that a traceparent names; an invalid one if it names none.
func remote(ctx context.Context, traceParent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceParent})
}

// traceParent names the span of ctx.
func traceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// end ends a span. Of an error only its code is told: a message may say what a
// caller sent.
func end(span trace.Span, err error) {
	if err != nil {
		code := "fault"
		if told, ok := errors.AsType[*domain.Error](err); ok {
			code = told.Code
		}
		span.SetAttributes(semconv.ErrorTypeKey.String(code))
		span.SetStatus(codes.Error, code)
	}
	span.End()
}
