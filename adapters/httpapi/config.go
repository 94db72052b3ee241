// Package httpapi serves commands and queries over HTTP, described by an
// OpenAPI document that is made from the same declarations as the routes.
//
// Adding a command is one line in commands.go, adding a query one in
// queries.go. Everything that is the same for all operations is written once:
// who may call (gate.go), what a body may hold (body.go), how an error is told
// (problem.go), how an operation is documented (describe.go).
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/annals-crm/annals/domain"
)

// Config wires the API. A side that is left nil is not served.
type Config struct {
	Commands *Commands
	Queries  *Queries

	Auth Authenticator
	// Organisation says whose records a caller reaches; nil: only their own.
	Organisation Organisation
	// Ready lists what is missing before requests can be answered; nil when
	// nothing is.
	Ready func(context.Context) []string
	// Health looks at everything the process depends on; nil: not told. What is
	// needed and not fine is missing, too.
	Health func(context.Context) []Dependency
	// End is the end of the log; nil: not known here.
	End func(context.Context) (domain.Position, error)
	// Backup makes a backup; nil: there is none to be had here.
	Backup func(context.Context) (Backup, error)
	// Trace is told of every request, and by what it returns how that was
	// answered; the route is empty for what is no operation. Nil: nobody is.
	Trace   func(ctx context.Context, r *http.Request) (context.Context, func(operation, route string, status int))
	Metrics *prometheus.Registry // shown at /metrics; a fresh one if nil
	Logger  *slog.Logger
	Now     func() time.Time // time.Now if nil
	Version string           // of the program, for the OpenAPI document; left out if empty
	Limits  Limits
	Rates   Rates
	// Origins are those whose pages may read answers, as browsers spell them
	// (https://app.example); "*" is any. Without one all are kept away.
	Origins []string
	Proxies []netip.Prefix // whose X-Forwarded-For is believed; none: nobody's
}

// Authenticator knows who holds which token. Caller fails with
// ErrUnauthenticated for a secret that opens nothing (any more).
type Authenticator interface {
	Caller(ctx context.Context, secret string) (Caller, error)
}

// Caller is who sends a request. What it may do is what its roles allow, and its
// scopes of that.
type Caller struct {
	ID        string // stands as actor in histories, and in fields that name people
	Name      string
	Kind      string // access.Person or access.ServiceAccount
	Roles     []string
	Scopes    []string // access.ScopeRead, access.ScopeWrite, names of operations; none: all that the roles allow
	ExpiresAt *time.Time
}

// Limits keep one caller from harming the others. Zero stands for the default.
type Limits struct {
	BodyBytes  int64         // of a request; 1 MiB
	Depth      int           // of nested JSON; 32
	InFlight   int           // requests worked on at once; 512
	Streams    int           // of the change feed, beside those; 100
	Deadline   time.Duration // of one request; 10 s
	HeaderSize int           // bytes of all request headers; 16 KiB
}

func (l Limits) orDefaults() Limits {
	return Limits{
		BodyBytes: orDefault(l.BodyBytes, 1<<20), Depth: orDefault(l.Depth, 32), InFlight: orDefault(l.InFlight, 512),
		Streams: orDefault(l.Streams, 100), Deadline: orDefault(l.Deadline, 10*time.Second), HeaderSize: orDefault(l.HeaderSize, 16<<10),
	}
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
