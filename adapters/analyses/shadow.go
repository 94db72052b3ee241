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

const (
	// reportEvery is how often the report of a shadow is worked out anew, at
	// most, and reportShare how much of the time that may take: it takes all
	// records.
	reportEvery = 2 * time.Second
	reportShare = 10 // per cent
	// reportLeast is how often it is although nothing has happened: time passes
	// for its figures, too.
	reportLeast = 30 * time.Second
)

// shadow keeps the report of an analysis that goes on with the log current, for
// everybody to read.
type shadow struct {
	runner   *Runner
	analysis *projections.Analysis
	of       projections.AnalysisRecord
	pace     *pace

	page    domain.Page // the last one taken
	changed bool        // since the last report
	last    time.Time   // of the last report
	took    time.Duration
}

// follow takes pages until ctx ends. It comes back with an outcome only if there
// can be no report.
func (s *shadow) follow(ctx context.Context, pages <-chan domain.Page) (analysis.Event, error) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		select {
		case page, open := <-pages:
			if !open {
				return nil, errLogEnded
			}
			s.analysis.Take(page.Events)
			s.changed = s.changed || len(page.Events) > 0
			s.page = page
			if err := s.pace.tell(ctx, page); err != nil {
				return nil, err
			}
			if !s.last.IsZero() {
				continue
			}
		case <-tick.C:
		}
		if failed, err := s.report(ctx); failed != nil || err != nil {
			return failed, err
		}
	}
}

func (s *shadow) report(ctx context.Context) (analysis.Event, error) {
	begun := s.runner.config.Now()
	since := begun.Sub(s.last)
	if !s.page.CaughtUp || !s.last.IsZero() && (since < max(reportEvery, s.took*100/reportShare) || !s.changed && since < reportLeast) {
		return nil, nil
	}
	if err := s.pace.tell(ctx, domain.Page{To: s.page.To, CaughtUp: true}); err != nil {
		return nil, err
	}
	outcome, err := s.runner.report(s.analysis, s.of, s.page.To, s.pace.began)
	if err != nil {
		return nil, err
	}
	if failed, ok := outcome.(analysis.Failed); ok {
		return failed, nil
	}
	text, err := json.Marshal(outcome)
	if err != nil {
		return nil, fmt.Errorf("report of a shadow: %w", err)
	}
	s.last, s.changed = s.runner.config.Now(), false
	s.took = s.last.Sub(begun)
	return nil, s.runner.config.Bulletins.Post(ctx, standingReport(s.of.ID), string(text), 10*shown) //nolint:wrapcheck // the store says it best
}

// Standing is the report of a shadow as it stands; nil if there is none (yet).
func Standing(ctx context.Context, b Bulletins, id string) (*analysis.Completed, error) {
	text, err := b.Posted(ctx, standingReport(id))
	if err != nil || text == "" {
		return nil, err //nolint:wrapcheck // the store says it best
	}
	var completed analysis.Completed
	if err := json.Unmarshal([]byte(text), &completed); err != nil {
		return nil, fmt.Errorf("report of shadow %s: %w", id, err)
	}
	return &completed, nil
}

func standingReport(id string) string { return bulletin(id) + " report" }
