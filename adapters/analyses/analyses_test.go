package analyses_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/analyses"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// office is everything around a runner, in memory.
type office struct {
	mu       sync.Mutex
	events   []domain.Recorded
	grown    chan struct{}
	breaks   int // how often reading the log fails half-way
	readings int // of the log
	running  map[string]projections.AnalysisRecord
	outcomes map[string]analysis.Event
	posted   map[string]string
	leases   map[string]lease
	takes    int // bytes of a report that the log takes; 0: any
}

type lease struct {
	owner string
	until time.Time
}

func newOffice(events []domain.Recorded) *office {
	return &office{
		events: events, grown: make(chan struct{}), running: map[string]projections.AnalysisRecord{},
		outcomes: map[string]analysis.Event{}, posted: map[string]string{}, leases: map[string]lease{},
	}
}

func (o *office) PagesOf(ctx context.Context, _ domain.Position, types []string) <-chan domain.Page {
	out := make(chan domain.Page)
	o.mu.Lock()
	o.readings++
	breaks := o.breaks > 0
	if breaks {
		o.breaks--
	}
	o.mu.Unlock()
	go func() {
		defer close(out)
		at := 0
		for {
			o.mu.Lock()
			end, grown := len(o.events), o.grown
			if breaks {
				end /= 2
			}
			page := domain.Page{CaughtUp: !breaks}
			for _, r := range o.events[at:end] {
				if page.To = r.Position; slices.Contains(types, r.Event.EventType()) {
					page.Events = append(page.Events, r)
				}
			}
			at = end
			o.mu.Unlock()
			select {
			case out <- page:
			case <-ctx.Done():
				return
			}
			if breaks {
				return
			}
			select {
			case <-grown:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// fail makes the log break off half-way the next times it is read.
func (o *office) fail(times int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.breaks = times
}

func (o *office) grow(events []domain.Recorded) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, events...)
	close(o.grown)
	o.grown = make(chan struct{})
}

func (o *office) LastPosition(context.Context) (domain.Position, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.events[len(o.events)-1].Position, nil
}

func (o *office) Running(context.Context) ([]projections.AnalysisRecord, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []projections.AnalysisRecord
	for _, a := range o.running {
		all = append(all, a)
	}
	return all, nil
}

func (o *office) Finish(_ context.Context, id string, e analysis.Event) (commands.Result, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, still := o.running[id]; !still {
		return commands.Result{}, errors.New("ended twice")
	}
	if c, ok := e.(analysis.Completed); ok && o.takes > 0 && len(c.Report) > o.takes {
		return commands.Result{}, fmt.Errorf("append: %w", &domain.Error{Kind: domain.Invalid, Code: "event_too_large", Message: "too much"})
	}
	o.outcomes[id] = e
	delete(o.running, id)
	return commands.Result{}, nil
}

func (o *office) Post(_ context.Context, name, text string, _ time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.posted[name] = text
	return nil
}

func (o *office) Posted(_ context.Context, name string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.posted[name], nil
}

func (o *office) Lease(_ context.Context, name, owner string, lasts time.Duration) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.leases[name]; l.owner != owner && time.Now().Before(l.until) {
		return false, nil
	}
	o.leases[name] = lease{owner, time.Now().Add(lasts)}
	return true, nil
}

func (o *office) Release(_ context.Context, name, owner string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leases[name].owner == owner {
		delete(o.leases, name)
	}
	return nil
}

// ask starts an analysis of deals.
func (o *office) ask(id string, change func(*projections.AnalysisRecord)) {
	a := projections.AnalysisRecord{
		Head: projections.Head{ID: id}, Status: analysis.Running, StartedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Question: analysis.Question{Metrics: []string{"win_rate", "won_value"}, Period: "year", From: "2023-01-01", To: "2024-12-31"},
	}
	if change != nil {
		change(&a)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running[id] = a
}

func (o *office) outcome(id string) analysis.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.outcomes[id]
}

// now is the bubble's clock, thirty years on: after all that has happened.
func now() time.Time { return time.Now().AddDate(30, 0, 0) }

// hire lets a runner work until the returned function is called.
func (o *office) hire(t *testing.T) (dismiss func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	runner := analyses.New(analyses.Config{Log: o, Running: o, Outcomes: o, Bulletins: o, Now: now, Logger: slog.New(slog.DiscardHandler)})
	go func() { runner.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

func reportIn(t *testing.T, e analysis.Event) projections.Report {
	t.Helper()
	completed, ok := e.(analysis.Completed)
	require.True(t, ok, "%#v", e)
	var report projections.Report
	require.NoError(t, json.Unmarshal(completed.Report, &report))
	return report
}

func TestRunnersShareAnalyses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(projectionstest.Deals(200, 20))
		o.ask("a", nil)
		o.ask("b", nil)
		first, second := o.hire(t), o.hire(t)
		time.Sleep(time.Minute) // of the bubble's clock
		assert.Equal(t, 2, o.readings, "each is worked out once")
		report := reportIn(t, o.outcome("a"))
		assert.Equal(t, report, reportIn(t, o.outcome("b")))
		assert.Equal(t, o.events[len(o.events)-1].Position, report.Position)
		assert.Positive(t, report.Events)
		first()
		second()
	})
}

func TestInterruptedAnalysisStartsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(projectionstest.Deals(200, 20))
		o.ask("whole", nil)
		dismiss := o.hire(t)
		time.Sleep(time.Minute)
		o.fail(2)
		o.ask("broken", nil)
		time.Sleep(time.Minute)
		assert.Equal(t, reportIn(t, o.outcome("whole")), reportIn(t, o.outcome("broken")))
		assert.Equal(t, 4, o.readings)
		dismiss()

		o.fail(1000)
		o.ask("moved", nil)
		dismiss = o.hire(t)
		time.Sleep(time.Minute)
		require.Nil(t, o.outcome("moved"))
		dismiss()
		o.fail(0)
		dismiss = o.hire(t)
		time.Sleep(time.Second)
		assert.NotNil(t, o.outcome("moved"), "another process need not wait for it")
		dismiss()
	})
}

func TestShadowFollowsTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := projectionstest.Deals(200, 20)
		o := newOffice(slices.Clone(all[:len(all)/2]))
		o.ask("s", func(a *projections.AnalysisRecord) { a.Shadow = true })
		dismiss := o.hire(t)
		time.Sleep(10 * time.Second)
		standing := func() projections.Report {
			completed, err := analyses.Standing(t.Context(), o, "s")
			require.NoError(t, err)
			require.NotNil(t, completed)
			return reportIn(t, *completed)
		}
		half := standing()
		assert.Equal(t, o.events[len(o.events)-1].Position, half.Position)
		o.grow(all[len(all)/2:])
		time.Sleep(10 * time.Second)
		whole := standing()
		assert.Equal(t, all[len(all)-1].Position, whole.Position)
		assert.Greater(t, whole.Events, half.Events)
		progress, err := analyses.ProgressOf(t.Context(), o, projections.AnalysisRecord{Head: projections.Head{ID: "s"}, Status: analysis.Running})
		require.NoError(t, err)
		assert.Equal(t, analyses.Following, progress.Phase)
		assert.Nil(t, o.outcome("s"), "it goes on")

		o.ask("plain", nil)
		o.ask("another shadow", func(a *projections.AnalysisRecord) { a.Shadow = true })
		time.Sleep(10 * time.Second)
		assert.Equal(t, whole.Metrics, reportIn(t, o.outcome("plain")).Metrics, "an analysis of the same log says the same")

		o.mu.Lock()
		delete(o.running, "s") // cancelled
		o.mu.Unlock()
		time.Sleep(time.Second)
		before := standing()
		o.grow(all[:1])
		time.Sleep(time.Minute)
		assert.Equal(t, before, standing(), "nobody works on it any more")
		dismiss()
	})
}

func TestAnalysisThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(projectionstest.Deals(50, 20))
		o.ask("unknown", func(a *projections.AnalysisRecord) { a.Metrics = []string{"no_such"} })
		dismiss := o.hire(t)
		time.Sleep(time.Minute)
		failed, ok := o.outcome("unknown").(analysis.Failed)
		require.True(t, ok)
		assert.Equal(t, "metric_not_found", failed.Code)
		dismiss()
	})
}

// Trying again would not make it smaller.
func TestReportThatTheLogDoesNotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(projectionstest.Deals(50, 20))
		o.takes = 100
		o.ask("long", nil)
		dismiss := o.hire(t)
		time.Sleep(time.Minute)
		failed, ok := o.outcome("long").(analysis.Failed)
		require.True(t, ok)
		assert.Equal(t, "event_too_large", failed.Code)
		assert.Equal(t, 1, o.readings)
		dismiss()
	})
}

func TestProgressOfWhatNobodyWorksOn(t *testing.T) {
	o := newOffice(projectionstest.Deals(1, 1))
	p, err := analyses.ProgressOf(t.Context(), o, projections.AnalysisRecord{Head: projections.Head{ID: "x"}, Status: analysis.Running})
	require.NoError(t, err)
	assert.Equal(t, analyses.Queued, p.Phase)
	p, err = analyses.ProgressOf(t.Context(), o, projections.AnalysisRecord{Status: analysis.StatusCancelled, Events: 7})
	require.NoError(t, err)
	assert.Equal(t, "cancelled", p.Phase)
}
