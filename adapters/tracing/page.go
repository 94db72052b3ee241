package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// mostTraces bounds how many traces one page is told to; a page of a rebuild may
// hold thousands, and is told to none.
const mostTraces = 100

// Page begins the span of a page of events, linked to the traces of what is in
// it; in each of these, a span tells that the page made it visible. It is what
// projector.Config.Trace calls.
func (t *Tracer) Page(ctx context.Context, lane string, page domain.Page) (context.Context, func(error)) {
	var links []trace.Link
	if lane == projector.LiveLane {
		links = tracesOf(ctx, page)
	}
	ctx, span := t.tracer.Start(ctx, "project "+lane, trace.WithNewRoot(), trace.WithLinks(links...), trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.Int("annals.events", len(page.Events)), attribute.Int("annals.bytes", page.Bytes)))
	inTraces := make([]trace.Span, len(links))
	for i, link := range links {
		of := trace.ContextWithRemoteSpanContext(ctx, link.SpanContext)
		_, inTraces[i] = t.tracer.Start(of, "visible", trace.WithLinks(trace.LinkFromContext(ctx)), trace.WithSpanKind(trace.SpanKindConsumer))
	}
	return ctx, func(err error) {
		for _, s := range inTraces {
			end(s, err)
		}
		end(span, err)
	}
}

// tracesOf names the span that each trace kept, one for each trace.
func tracesOf(ctx context.Context, page domain.Page) []trace.Link {
	var links []trace.Link
	seen := map[trace.TraceID]bool{}
	for _, r := range page.Events {
		if r.Meta.TraceParent == "" {
			continue
		}
		of := trace.SpanContextFromContext(remote(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), r.Meta.TraceParent))
		if !of.IsSampled() || seen[of.TraceID()] {
			continue
		}
		seen[of.TraceID()] = true
		if links = append(links, trace.Link{SpanContext: of}); len(links) == mostTraces {
			break
		}
	}
	return links
}

// Store is a store of read models whose commits are spans.
type Store struct {
	projector.Store
	Tracer *Tracer
}

// Commit is a span until Redis has answered.
func (s Store) Commit(ctx context.Context, commits ...projections.Commit) error {
	ctx, span := s.Tracer.tracer.Start(ctx, "redis commit", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.Int("annals.read_models", len(commits))))
	err := s.Store.Commit(ctx, commits...)
	end(span, err)
	return err
}
