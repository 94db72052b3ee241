package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"runtime/debug"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/adapters/analyses"
	"github.com/annals-crm/annals/adapters/callers"
	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/timers"
	"github.com/annals-crm/annals/adapters/tracing"
	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/reservation"
	"github.com/annals-crm/annals/projections"
)

// parts is a process that is ready to run.
type parts struct {
	config      serveConfig
	stack       stack
	node        *eventstore.Node // nil: another server keeps the log
	log         *eventstoredb.Client
	views       *redisviews.Store
	write       *writeSide
	directory   *callers.Directory
	projector   *projector.Projector
	deliverer   *webhooks.Deliverer
	metrics     *prometheus.Registry
	traces      *tracing.Tracer // nil: none
	listener    net.Listener
	certificate *httpapi.Certificate // nil: answers are not encrypted
	profiles    net.Listener         // nil: none
}

// open opens everything the process needs. The write side is read from the log
// before it returns, so the first request finds policy and tokens in place.
func open(ctx context.Context, c serveConfig) (_ *parts, err error) {
	p := &parts{config: c, metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stack.close())
		}
	}()
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.listen); err != nil {
		return nil, err
	}
	p.stack.push(func() error { _ = p.listener.Close(); return nil }) // closed already if it served
	if err = p.encrypt(ctx); err != nil {
		return nil, err
	}
	if c.profile != "" {
		if p.profiles, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.profile); err != nil {
			return nil, err
		}
		p.stack.push(func() error { _ = p.profiles.Close(); return nil })
	}
	if p.traces, err = startTraces(ctx, &p.stack, c); err != nil {
		return nil, err
	}
	address := c.eventstore
	if address == "" {
		if p.node, err = openNode(&p.stack, c); err != nil {
			return nil, err
		}
		address = p.node.ConnectionString()
	}
	if p.log, err = connect(&p.stack, c, address); err != nil {
		return nil, err
	}
	if err = p.openSides(ctx); err != nil {
		return nil, err
	}
	p.directory = callers.New(p.write.callers, issuersAt(c.http.issuers, time.Now), time.Now)
	p.metrics.MustRegister(p.views.Metrics())
	p.metrics.MustRegister(p.log.Metrics()...)
	projecting := projector.Config{
		Log: pagedLog{p.log}, Store: p.views, Models: projections.All, Logger: c.log, Metrics: p.metrics,
		Discarded: p.discarded,
	}
	p.tracePages(&projecting)
	p.projector = projector.New(projecting)
	return p, p.openDeliverer()
}

// discarded are the revisions given up for a read model.
func (p *parts) discarded(m projections.Model) map[string][]uint64 {
	return p.write.decisions.State().Of(m.Name, m.Version)
}

func (p *parts) close() {
	if err := p.stack.close(); err != nil {
		p.config.log.Error("not everything closed cleanly", "error", err)
	}
}

// run works until ctx ends or a part fails. Requests under way may then finish
// while everything behind them still runs.
func (p *parts) run(ctx context.Context) error {
	if err := p.prepare(ctx); err != nil {
		return err
	}
	behind, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	work, behind := errgroup.WithContext(behind)
	if p.config.does(roleProjector) {
		work.Go(func() error { return p.projector.Run(behind) })
		work.Go(func() error { p.tellOfOtherLogs(behind); return nil })
		sweeper := timers.New(timers.Config{
			Timers: projections.Timers{Views: p.views}, Views: p.views, Tickets: p.write.tickets,
			Every: p.config.sweep, Now: time.Now, Logger: p.config.log,
		})
		work.Go(func() error { sweeper.Run(behind); return nil })
		analyst := analyses.New(analyses.Config{
			Log: pagedLog{p.log}, Running: projections.Analyses{Views: p.views}, Outcomes: p.write.analyses, Bulletins: p.views,
			Discarded: p.discarded, Now: time.Now, Logger: p.config.log,
		})
		work.Go(func() error { analyst.Run(behind); return nil })
		if p.config.webhooks.send {
			work.Go(func() error { p.deliverer.Run(behind); return nil })
		}
	}
	work.Go(func() error { p.directory.NoteUses(behind, p.write.tokenUses.Note, p.config.log); return nil })
	if p.profiles != nil {
		work.Go(func() error { return serveProfiles(behind, p.profiles) })
	}
	work.Go(func() error {
		defer stop()
		server := httpapi.NewServer(p.handler(), httpapi.Limits{}, p.config.log, p.config.shutdown)
		on, scheme := p.answeringOn(p.listener)
		p.config.log.Info("answering", "url", scheme+p.listener.Addr().String(), "role", p.config.role)
		return server.Serve(both(ctx, behind), on)
	})
	return work.Wait()
}

// both ends when either does.
func both(a, b context.Context) context.Context {
	ctx, cancel := context.WithCancel(a)
	context.AfterFunc(b, cancel)
	return ctx
}

// prepare issues the first token of a log.
func (p *parts) prepare(ctx context.Context) error {
	if !p.config.does(roleCommands) {
		return nil
	}
	secret, err := p.write.tokens.IssueFirst(ctx)
	if err != nil {
		return fmt.Errorf("issue the first token: %w", err)
	}
	if secret != "" {
		_, err = fmt.Fprintln(p.config.out, "admin token:", secret)
	}
	return err
}

// pagedLog is the log as the projector reads it.
type pagedLog struct{ *eventstoredb.Client }

// Pages leaves out keys and numbers, which are taken on the way of commands. All
// else moves the positions of read models, also what none reacts to: whoever waits
// for the position of their command waits for no more than that.
func (l pagedLog) Pages(ctx context.Context, from domain.Position) <-chan domain.Page {
	onTheWay := domain.NewRegistry(numberrange.Types, reservation.Types)
	wanted := slices.DeleteFunc(types().Names(), func(name string) bool { return slices.Contains(onTheWay.Names(), name) })
	return l.PagesOf(ctx, from, wanted)
}

// PagesOf leaves out all types but those wanted.
func (l pagedLog) PagesOf(ctx context.Context, from domain.Position, wanted []string) <-chan domain.Page {
	return l.Client.Pages(ctx, eventstoredb.PagesConfig{From: from, Types: wanted, Size: 2000, Bytes: 2 << 20, Times: 4})
}

// Read yields also what cannot be decoded: whoever retries a parked event wants
// to know that it still cannot.
func (l pagedLog) Read(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return eventstoredb.History{Client: l.Client}.Read(ctx, stream, from)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
