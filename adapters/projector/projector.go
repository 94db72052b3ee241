// Package projector keeps the read models up to date with the log.
//
// Pages of the log travel as Watermill messages through two lanes:
//
//	log ── subscriber ──► live      ── fold ── commit ──► builds that are served
//	log ── subscriber ──► building  ── fold ── commit ──► builds that are not yet
//
// A page goes to every build of its lane. What it changes and the mark it leads
// to are committed in one transaction that checks the mark it starts from. So a
// page that comes twice, a second projector, a restart, or a Redis that was
// emptied change nothing and lose nothing: whoever finds the mark elsewhere
// reads it again and goes on from there.
//
// A build that has caught up with the log's end moves to the live lane. There it
// is compared with the served one, and served from then on if nothing differs.
// One that differs, or has parked streams, waits until somebody decides.
package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Config says what to project from where to where.
type Config struct {
	Log    Log
	Store  Store
	Models []projections.Model
	// Discarded are the revisions given up for a read model, by stream; they are
	// left out of every build of it. Nil: none.
	Discarded func(projections.Model) map[string][]uint64
	// Trace is told of every page with events, and by what it returns how that
	// went. Nil: nobody is.
	Trace   func(ctx context.Context, lane string, page domain.Page) (context.Context, func(error))
	Logger  *slog.Logger
	Metrics prometheus.Registerer // nil: none
	Check   time.Duration         // how often an idle lane looks whether its marks still stand; 1 s if zero
	Retry   time.Duration         // first pause after a failed page; 50 ms if zero
	Now     func() time.Time      // time.Now if nil
}

// Projector runs the lanes. Its methods may be called at any time, also while
// it does not run.
type Projector struct {
	config         Config
	live, building *lane
	metrics        *metrics
	end            *logEnd

	assigning   sync.Mutex // held while builds are moved; guards what follows
	told        map[string]string
	droppedOnce map[string]bool

	running atomic.Bool
	pairs   chan stand // builds to be compared
	repairs repairs
}

// New is a projector that does nothing yet.
func New(config Config) *Projector {
	if config.Check <= 0 {
		config.Check = time.Second
	}
	if config.Retry <= 0 {
		config.Retry = 50 * time.Millisecond
	}
	if config.Discarded == nil {
		config.Discarded = func(projections.Model) map[string][]uint64 { return nil }
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Projector{
		config: config, end: &logEnd{log: config.Log, now: config.Now},
		told: map[string]string{}, droppedOnce: map[string]bool{}, pairs: make(chan stand, 1),
	}
	p.live, p.building = newLane(LiveLane, p), newLane("building", p)
	p.metrics = newMetrics(p)
	return p
}

// Run projects until ctx ends. It returns an error only if it cannot start.
func (p *Projector) Run(ctx context.Context) error {
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, p.routerLogger())
	if err != nil {
		return fmt.Errorf("projector: %w", err)
	}
	retry := middleware.Retry{
		// A lane never passes over a page, so there is no limit.
		MaxRetries: math.MaxInt - 1, InitialInterval: p.config.Retry, MaxInterval: longestPause, Multiplier: 2, RandomizationFactor: 0.2,
	}
	if p.config.Trace != nil {
		router.AddMiddleware(p.traced)
	}
	router.AddMiddleware(p.metrics.observe, retry.Middleware, p.reportFailure, middleware.Recoverer)
	pages := newSubscriber(p.config.Log, p.config.Logger, p.config.Retry, p.live, p.building)
	for _, l := range []*lane{p.live, p.building} {
		router.AddConsumerHandler(l.name, l.name, pages, l.handle)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return router.Run(ctx) })
	group.Go(func() error { p.watch(ctx); return nil })
	group.Go(func() error { p.compareAll(ctx); return nil })
	p.running.Store(true)
	defer p.running.Store(false)
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("projector: %w", err)
	}
	return nil
}

// Running tells whether the lanes run.
func (p *Projector) Running() bool { return p.running.Load() }

// longestPause is how late a lane may notice that what failed works again.
const longestPause = time.Second

// routerLogger logs what the router says of itself for those who debug it.
func (p *Projector) routerLogger() watermill.LoggerAdapter {
	return watermill.NewSlogLoggerWithLevelMapping(p.config.Logger, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
}

// watch assigns builds to lanes, at once and whenever something has changed
// that no page tells of: a Redis emptied while the log is quiet, a rebuild asked
// for elsewhere, a build served by another projector.
func (p *Projector) watch(ctx context.Context) {
	tick := time.NewTicker(p.config.Check)
	defer tick.Stop()
	for {
		if err := errors.Join(p.assign(ctx), p.countParked(ctx), p.tellPace(ctx)); err != nil && ctx.Err() == nil {
			p.config.Logger.WarnContext(ctx, "read models are out of reach", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// reportFailure logs why a page has to be tried again, where it happens.
func (p *Projector) reportFailure(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		produced, err := next(msg)
		if err != nil && msg.Context().Err() == nil {
			p.metrics.failures.Inc()
			p.config.Logger.ErrorContext(msg.Context(), "page not committed; trying again",
				"lane", message.HandlerNameFromCtx(msg.Context()), "page", string(msg.Payload), "error", err)
		}
		return produced, err
	}
}
