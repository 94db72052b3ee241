package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/mux"
	"github.com/rs/cors"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// service is the API at work.
type service struct {
	auth Authenticator
	now  func() time.Time

	organisation Organisation
	disclosures  Disclosures

	ready    func(context.Context) []string
	health   func(context.Context) []Dependency
	end      func(context.Context) (domain.Position, error)
	views    projections.Views
	log      *slog.Logger
	limits   Limits
	metrics  *metrics
	bodies   *bodies
	inFlight chan struct{}
	trace    func(context.Context, *http.Request) (context.Context, func(operation, route string, status int))
	paths    map[string]string // of operations, by name; only what is to be traced needs them
	streams  *streams
	router   *mux.Router
	packing  http.HandlerFunc // answer, compressed as asked for

	commandQuota, queryQuota *quota     // nil: none
	cors                     *cors.Cors // nil: pages of other origins are kept away
	attempts                 *attempts
	languages                *messages.Asker
	deprecations             deprecations

	exact map[string]map[string]http.HandlerFunc // path -> method -> handler
	api   huma.API
}

// New makes the HTTP handler of the API.
func New(c Config) http.Handler {
	s := newMounted(c)
	s.mountPages()
	if c.Backup != nil {
		s.get(http.MethodGet, "/v1/backup", s.backup(c.Backup))
	}
	return s
}

// newMounted has all operations.
func newMounted(c Config) *service {
	var queries Queries
	if c.Queries != nil {
		queries = *c.Queries
		queries.Views = projections.Guarded(queries.Views)
	}
	s := newService(c, queries.Views)
	s.disclosures = queries.Disclosures
	if c.Commands != nil {
		s.mount(c.Commands.routes())
	}
	if c.Queries != nil {
		s.mount(queries.routes())
	}
	s.mountRemoved(gone())
	return s
}

func newService(c Config, views projections.Views) *service {
	limits := c.Limits.orDefaults()
	s := &service{
		auth: c.Auth, organisation: c.Organisation, now: c.Now, ready: c.Ready, health: c.Health, end: c.End, views: views, log: c.Logger, limits: limits,
		metrics: newMetrics(c.Metrics), bodies: newBodies(limits),
		trace: c.Trace, paths: map[string]string{},
		attempts: newAttempts(c.Proxies), inFlight: make(chan struct{}, limits.InFlight), streams: newStreams(limits.Streams),
		commandQuota: newQuota("commands", c.Rates.Commands), queryQuota: newQuota("queries", c.Rates.Queries),
		cors: newCORS(c.Origins), languages: messages.NewAsker(),
	}
	s.packing = compressed(s.answer)
	if s.now == nil {
		s.now = time.Now
	}
	s.route(c.Version)
	return s
}

// ServeHTTP is the way of every request.
//
//	compress ─ count and time ─ catch panics ─ are we overloaded? ─ who is it? ─ too
//	     often? ─ deadline ─ router ─ may they? ─ body ─ huma: validate, decode ─ handler
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.packing(w, r) }

func (s *service) answer(w http.ResponseWriter, r *http.Request) {
	c := &call{ResponseWriter: w, longest: r.Context(), languages: s.languages}
	r, c.headOnly = asGet(r)
	start := time.Now()
	ctx := context.WithValue(r.Context(), callKey{}, c)
	if s.trace != nil {
		var answered func(operation, route string, status int)
		ctx, answered = s.trace(ctx, r)
		defer func() { answered(c.operation, s.paths[c.operation], orDefault(c.status, http.StatusOK)) }()
	}
	ctx, cancel := context.WithTimeout(ctx, s.limits.Deadline)
	r = r.WithContext(ctx)
	c.request, c.notice = r, s.deprecations.of(r, s.paths)
	defer func() {
		if p := recover(); p != nil {
			s.panicked(c, r, p)
		}
		cancel()
		s.metrics.observe(c, time.Since(start))
	}()
	secure(c.Header(), r.TLS != nil)
	c.Header().Add("Vary", "Accept-Language, Authorization") // the next caller may see less
	if !s.crossOrigin(c, r) {
		s.serve(c, r)
	}
}

func (s *service) serve(c *call, r *http.Request) {
	if r.URL.Path == "/healthz" { // an overloaded process is alive
		s.healthz(c, r)
		return
	}
	select {
	case s.inFlight <- struct{}{}:
		c.slot = s.inFlight
		defer c.leave()
	default:
		s.fail(c, r, errOverloaded)
		return
	}
	if r.URL.Path == readyPath || strings.HasPrefix(r.URL.Path, readyPath+"/") {
		s.readyz(c, r)
		return
	}
	caller, err := s.caller(r)
	if err != nil {
		s.fail(c, r, err)
		return
	}
	c.caller = caller
	if err := s.quotaOf(r.URL.Path).take(c.Header(), caller.ID, 1, s.now()); err != nil {
		s.fail(c, r, err)
		return
	}
	if err := checkText(r.URL.Path); err != nil {
		s.fail(c, r, err)
		return
	}
	s.router.ServeHTTP(c, r)
	c.finish()
}

// panicked answers and logs a panic, with its stack.
func (s *service) panicked(c *call, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
		panic(p)
	}
	s.log.ErrorContext(r.Context(), "request panicked", "request", c.requestID(), "operation", c.operation,
		"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if c.kept != nil { // nothing of it was sent
		c.kept, c.status = nil, 0
	}
	if c.status == 0 {
		told(r.Context(), errInternal).write(c)
	}
}
