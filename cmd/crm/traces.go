package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/adapters/tracing"
	"github.com/annals-crm/annals/commands"
)

// traceConfig is the settings of traces, checked.
type traceConfig struct {
	on       bool
	endpoint string
	ratio    float64
}

func traceFlags(flags *pflag.FlagSet) {
	flags.String("otlp-endpoint", "", "`url` of an OpenTelemetry receiver for traces, such as http://127.0.0.1:4318/v1/traces; also OTEL_EXPORTER_OTLP_ENDPOINT; none if empty")
	flags.Float64("trace-ratio", 1, "how many of the traces that begin here are kept, 0 to 1; a sender that keeps its own decides for those")
}

func readTraceConfig(v *viper.Viper, p *problems) traceConfig {
	c := traceConfig{endpoint: v.GetString("otlp-endpoint"), ratio: v.GetFloat64("trace-ratio")}
	c.on = c.endpoint != "" || os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	if c.endpoint != "" {
		p.webAddress("otlp-endpoint", c.endpoint)
	}
	if !(c.ratio >= 0 && c.ratio <= 1) {
		p.add("--trace-ratio %g: want a number from 0 to 1", c.ratio)
	}
	return c
}

// startTraces is nil unless traces are wanted.
func startTraces(ctx context.Context, s *stack, c serveConfig) (*tracing.Tracer, error) {
	if !c.traces.on {
		return nil, nil
	}
	t, err := tracing.Start(ctx, tracing.Config{Endpoint: c.traces.endpoint, Ratio: c.traces.ratio, Version: version(), Role: c.role})
	if err != nil {
		return nil, err
	}
	s.push(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := t.Stop(ctx); err != nil {
			c.log.Warn("the last traces were not sent", "error", err)
		}
		return nil
	})
	return t, nil
}

// traceCommands makes commands, and what they ask of the log, spans.
func (p *parts) traceCommands(c *commands.LoopConfig) {
	if p.traces != nil {
		c.Store, c.Trace = tracing.Log{EventStore: c.Store, Tracer: p.traces}, p.traces.Command
	}
}

// tracePages makes pages, and their commits, spans.
func (p *parts) tracePages(c *projector.Config) {
	if p.traces != nil {
		c.Store, c.Trace = tracing.Store{Store: c.Store, Tracer: p.traces}, p.traces.Page
	}
}
