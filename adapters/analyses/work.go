package analyses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// again is the pause before something that failed is tried again.
const again = time.Second

// workOn works on an analysis until it has ended, or somebody else has it. A
// failure that may pass is tried again from the start.
func (r *Runner) workOn(ctx context.Context, stop context.CancelFunc, a projections.AnalysisRecord) {
	var holding sync.WaitGroup
	holding.Go(func() { r.hold(ctx, stop, a.ID) })
	defer holding.Wait()
	defer stop()
	for ctx.Err() == nil {
		outcome, err := r.workOut(ctx, a)
		if err == nil {
			err = r.finish(ctx, a.ID, outcome)
		}
		if err == nil {
			// The lease is kept till it runs out: until then the read model may
			// not know yet that the analysis has ended.
			return
		}
		if ctx.Err() == nil {
			r.config.Logger.WarnContext(ctx, "analysis interrupted; it starts over", "analysis", a.ID, "error", err)
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
	// Another process need not wait until the lease has run out.
	holding.Wait()
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), again)
	defer done()
	_ = r.config.Bulletins.Release(ctx, bulletin(a.ID), r.owner) // or it waits after all
}

// finish records the outcome. A report that the log will never take, as it is too
// large, is none.
func (r *Runner) finish(ctx context.Context, id string, outcome analysis.Event) error {
	_, err := r.config.Outcomes.Finish(ctx, id, outcome)
	if told, ok := errors.AsType[*domain.Error](err); ok && told.Kind == domain.Invalid {
		_, err = r.config.Outcomes.Finish(ctx, id, r.failed(id, told.Code, "the report cannot be kept: "+told.Message))
	}
	return err
}

// hold keeps the analysis, and stops the work when it was lost.
func (r *Runner) hold(ctx context.Context, stop context.CancelFunc, id string) {
	tick := time.NewTicker(held / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if mine, err := r.config.Bulletins.Lease(ctx, bulletin(id), r.owner, held); err == nil && !mine {
			stop()
		}
	}
}

// started is the question of an analysis.
func started(a projections.AnalysisRecord) analysis.Started {
	return analysis.Started{
		AnalysisID: a.ID, Name: a.Name, Question: a.Question, Baseline: a.Baseline, Variant: a.Variant,
		Shadow: a.Shadow, StartedBy: a.StartedBy, StartedAt: a.StartedAt,
	}
}

// workOut reads the log and works out the report. What cannot be worked out at
// all comes back as an outcome, too; an error may pass.
func (r *Runner) workOut(ctx context.Context, a projections.AnalysisRecord) (outcome analysis.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.config.Logger.ErrorContext(ctx, "analysis failed", "analysis", a.ID, "cause", p)
			outcome, err = r.failed(a.ID, "internal_error", "the analysis met a fault of the program; its log says which"), nil
		}
	}()
	worked, err := projections.NewAnalysis(started(a), r.config.Discarded)
	if told, ok := errors.AsType[*domain.Error](err); ok {
		return r.failed(a.ID, told.Code, told.Message), nil
	}
	if err != nil {
		return nil, err
	}
	begun := r.config.Now()
	p := &pace{runner: r, id: a.ID, began: begun, last: Reporting}
	if p.end, err = r.config.Log.LastPosition(ctx); err != nil {
		return nil, fmt.Errorf("end of the log: %w", err)
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	pages := r.config.Log.PagesOf(reading, domain.StartOfLog, worked.Types())
	if a.Shadow {
		p.last = Following
		s := shadow{runner: r, analysis: worked, of: a, pace: p}
		return s.follow(ctx, pages)
	}
	for page := range pages {
		worked.Take(page.Events)
		if err := p.tell(ctx, page); err != nil {
			return nil, err
		}
		if page.CaughtUp {
			return r.report(worked, a, page.To, begun)
		}
	}
	return nil, errLogEnded
}

// errLogEnded is why an analysis is interrupted when the log is closed.
var errLogEnded = errors.New("the log is not read any further")

// report is what came of an analysis, as of a position.
func (r *Runner) report(worked *projections.Analysis, a projections.AnalysisRecord, at domain.Position, begun time.Time) (analysis.Event, error) {
	now := r.config.Now()
	asOf := a.StartedAt
	if a.Shadow {
		asOf = now
	}
	report, err := worked.Report(at, asOf)
	if told, ok := errors.AsType[*domain.Error](err); ok {
		return r.failed(a.ID, told.Code, told.Message), nil
	}
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(report)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	rows := 0
	for _, m := range report.Metrics {
		rows += len(m.Rows)
	}
	return analysis.Completed{
		AnalysisID: a.ID, Position: report.Position, Events: report.Events, Seconds: now.Sub(begun).Seconds(),
		Rows: rows, Changed: report.Changed, Records: report.Records.Total, CompletedAt: domain.Instant(now), Report: text,
	}, nil
}

func (r *Runner) failed(id, code, message string) analysis.Failed {
	return analysis.Failed{AnalysisID: id, Code: code, Message: message, FailedAt: domain.Instant(r.config.Now())}
}
