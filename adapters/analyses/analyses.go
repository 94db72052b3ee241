// Package analyses works out analyses in the background: it finds those that
// have not ended, reads the log for each, and records what came of it. What an
// analysis needs while it runs is in memory; one that was interrupted, by a
// restart or a lost connection, starts over, and comes out the same.
package analyses

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// Log is read from the start, leaving out all types but those wanted.
type Log interface {
	PagesOf(ctx context.Context, from domain.Position, types []string) <-chan domain.Page
	LastPosition(ctx context.Context) (domain.Position, error)
}

// Bulletins are how processes tell each other of work under way.
type Bulletins interface {
	Post(ctx context.Context, name, text string, lasts time.Duration) error
	Posted(ctx context.Context, name string) (string, error)
	Lease(ctx context.Context, name, owner string, lasts time.Duration) (mine bool, err error)
	Release(ctx context.Context, name, owner string) error
}

// Running lists the analyses that have not ended.
type Running interface {
	Running(ctx context.Context) ([]projections.AnalysisRecord, error)
}

// Outcomes records what came of an analysis.
type Outcomes interface {
	Finish(ctx context.Context, id string, e analysis.Event) (commands.Result, error)
}

// Config wires a Runner.
type Config struct {
	Log       Log
	Running   Running
	Outcomes  Outcomes
	Bulletins Bulletins
	Discarded func(projections.Model) map[string][]uint64 // as for the projector
	Every     time.Duration                               // how often it looks for work; half a second if zero
	AtOnce    int                                         // analyses, and as many shadows; 2 if zero
	Now       func() time.Time
	Logger    *slog.Logger
}

// Runner works on analyses until its context ends. Several may run at once, in
// one process or in many: each analysis is worked on by one of them.
type Runner struct {
	config Config
	owner  string
	work   sync.WaitGroup

	mu   sync.Mutex
	jobs map[string]*job // by id
}

// job is an analysis this runner works on.
type job struct {
	shadow bool
	stop   context.CancelFunc
}

// New is a runner that does nothing yet.
func New(c Config) *Runner {
	if c.Every <= 0 {
		c.Every = 500 * time.Millisecond
	}
	if c.AtOnce <= 0 {
		c.AtOnce = 2
	}
	return &Runner{config: c, owner: uuid.NewString(), jobs: map[string]*job{}}
}

const (
	// held is how long an analysis stays with a process that has gone silent.
	held = 10 * time.Second
	// shown is how long progress, and the report of a shadow, outlive the runner.
	shown = time.Minute
)

// Run works until ctx ends, and returns when all work has stopped.
func (r *Runner) Run(ctx context.Context) {
	defer r.work.Wait()
	tick := time.NewTicker(r.config.Every)
	defer tick.Stop()
	for {
		// While the read model is built nothing is known to be running.
		if err := r.look(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, projections.ErrBuilding) {
			r.config.Logger.WarnContext(ctx, "analyses are out of reach; trying again", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look takes up what nobody works on, and drops what was cancelled.
func (r *Runner) look(ctx context.Context) error {
	running, err := r.config.Running.Running(ctx)
	if err != nil {
		return err //nolint:wrapcheck // the read model says it best
	}
	r.drop(running)
	for _, a := range running {
		if !r.free(a) {
			continue
		}
		mine, err := r.config.Bulletins.Lease(ctx, bulletin(a.ID), r.owner, held)
		if err != nil {
			return err //nolint:wrapcheck // the store says it best
		}
		if mine {
			r.begin(ctx, a)
		}
	}
	return nil
}

// drop stops work on analyses that have ended.
func (r *Runner) drop(running []projections.AnalysisRecord) {
	still := map[string]bool{}
	for _, a := range running {
		still[a.ID] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, j := range r.jobs {
		if !still[id] {
			j.stop()
		}
	}
}

// free tells whether the analysis can be taken up here.
func (r *Runner) free(a projections.AnalysisRecord) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := 0
	for id, j := range r.jobs {
		if id == a.ID {
			return false
		}
		if j.shadow == a.Shadow {
			busy++
		}
	}
	return busy < r.config.AtOnce
}

func (r *Runner) begin(ctx context.Context, a projections.AnalysisRecord) {
	ctx, stop := context.WithCancel(ctx)
	r.mu.Lock()
	r.jobs[a.ID] = &job{a.Shadow, stop}
	r.mu.Unlock()
	r.work.Go(func() {
		r.workOn(ctx, stop, a)
		r.mu.Lock()
		delete(r.jobs, a.ID)
		r.mu.Unlock()
	})
}

// bulletin is the name that all there is to know of an analysis is posted under.
func bulletin(id string) string { return "analysis " + id }
