package tracing

import (
	"context"
	"iter"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// Command begins the span of a command on a stream, and names it for the events
// that come of it. It is what commands.LoopConfig.Trace calls.
func (t *Tracer) Command(ctx context.Context, name, stream string) (_ context.Context, parent string, _ func(error)) {
	ctx, span := t.tracer.Start(ctx, "command "+name, trace.WithAttributes(category(stream)))
	return ctx, traceParent(ctx), func(err error) { end(span, err) }
}

// category is the kind of stream: the rest of its name is whose it is.
func category(stream string) attribute.KeyValue {
	kind, _, _ := strings.Cut(stream, "-")
	return attribute.String("annals.category", kind)
}

// Log is an event store whose calls are spans.
type Log struct {
	commands.EventStore
	Tracer *Tracer
}

// Read is a span from its first event to its last.
func (l Log) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		ctx, span := l.Tracer.tracer.Start(ctx, "log read", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(category(stream)))
		var events int
		var failed error
		defer func() {
			span.SetAttributes(attribute.Int("annals.events", events))
			end(span, failed)
		}()
		for r, err := range l.EventStore.Read(ctx, stream, from) {
			failed = err
			if err == nil {
				events++
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Append is a span until the log has acknowledged it.
func (l Log) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	ctx, span := l.Tracer.tracer.Start(ctx, "log append", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(category(stream), attribute.Int("annals.events", len(events))))
	done, err := l.EventStore.Append(ctx, stream, expected, events)
	end(span, err)
	return done, err
}
