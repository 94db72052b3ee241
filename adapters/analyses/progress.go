package analyses

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// The phases of an analysis under way.
const (
	Queued    = "queued"    // no process has taken it up yet
	Replaying = "replaying" // the log is being read
	Reporting = "reporting" // the report is being worked out
	Following = "following" // a shadow has caught up with the log
)

// pace tells how far an analysis is, a few times a second.
type pace struct {
	runner *Runner
	id     string
	began  time.Time
	last   string // phase at the end of the log
	end    domain.Position
	events int64
	told   time.Time
}

const tellEvery = 200 * time.Millisecond

func (p *pace) tell(ctx context.Context, page domain.Page) error {
	p.events += int64(len(page.Events))
	now := p.runner.config.Now()
	if now.Sub(p.told) < tellEvery && !page.CaughtUp {
		return nil
	}
	p.told = now
	told := projections.AnalysisProgress{Phase: Replaying, Position: page.To, Target: p.end, Events: p.events, Progress: 1}
	if page.CaughtUp {
		told.Phase = p.last
	}
	if p.end.Commit > 0 {
		told.Progress = min(float64(page.To.Commit)/float64(p.end.Commit), 1)
	}
	if passed := now.Sub(p.began).Seconds(); passed > 0 && told.Progress > 0 {
		left := passed/told.Progress - passed
		told.Rate, told.Remaining = float64(p.events)/passed, &left
	}
	text, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("progress: %w", err)
	}
	return p.runner.config.Bulletins.Post(ctx, bulletin(p.id), string(text), shown) //nolint:wrapcheck // the store says it best
}

// ProgressOf tells how far an analysis is, whichever process works on it.
func ProgressOf(ctx context.Context, b Bulletins, a projections.AnalysisRecord) (projections.AnalysisProgress, error) {
	if a.Status != analysis.Running {
		zero := 0.0
		return projections.AnalysisProgress{Phase: a.Status, Position: a.Position, Target: a.Position, Progress: 1, Events: a.Events, Remaining: &zero}, nil
	}
	p := projections.AnalysisProgress{Phase: Queued}
	text, err := b.Posted(ctx, bulletin(a.ID))
	if err != nil || text == "" {
		return p, err //nolint:wrapcheck // the store says it best
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("progress of %s: %w", a.ID, err)
	}
	return p, nil
}
