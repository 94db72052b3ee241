package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
)

// AnalysisModel holds one document per analysis and, under an id of its own, the
// report: lists do without it.
var AnalysisModel = Declare("analyses", 1, (*analysisDocument).facts,
	On(func(a *analysisDocument, _ domain.Recorded, e analysis.Started) {
		a.Name, a.Question, a.Baseline, a.Variant, a.Shadow = e.Name, e.Question, e.Baseline, e.Variant, e.Shadow
		a.Status, a.StartedAt, a.StartedBy = analysis.Running, e.StartedAt, e.StartedBy
	}),
	On(func(a *analysisDocument, _ domain.Recorded, e analysis.Completed) {
		a.Status, a.EndedAt, a.EndedBy = analysis.StatusCompleted, e.CompletedAt, e.EndedBy
		a.Position, a.Events, a.Seconds, a.Rows, a.Changed, a.Records = e.Position, e.Events, e.Seconds, e.Rows, e.Changed, e.Records
	}),
	About(func(e analysis.Completed) string { return e.AnalysisID + reportSuffix }, func(a *analysisDocument, _ domain.Recorded, e analysis.Completed) {
		a.Report = e.Report
	}),
	On(func(a *analysisDocument, _ domain.Recorded, e analysis.Failed) {
		a.Status, a.EndedAt, a.Code, a.Message = analysis.StatusFailed, e.FailedAt, e.Code, e.Message
	}),
	On(func(a *analysisDocument, _ domain.Recorded, e analysis.Cancelled) {
		a.Status, a.EndedAt, a.EndedBy = analysis.StatusCancelled, e.CancelledAt, e.CancelledBy
	}),
)

const reportSuffix = "/report"

// AnalysisRecord is an analysis as readers see it. What it found is its report.
type AnalysisRecord struct {
	Head
	Name string `json:"name" doc:"What it is called" example:"first response in 30 minutes"`
	analysis.Question
	Baseline  analysis.Assumptions `json:"baseline" doc:"What the variant is compared with"`
	Variant   analysis.Assumptions `json:"variant" doc:"What is asked"`
	Shadow    bool                 `json:"shadow,omitempty" doc:"It goes on with the log until it is ended"`
	Status    string               `json:"status" enum:"running,completed,failed,cancelled" doc:"How far it is"`
	StartedAt time.Time            `json:"started_at" doc:"When it was started"`
	StartedBy string               `json:"started_by" doc:"Who started it"`
	EndedAt   time.Time            `json:"ended_at,omitzero" doc:"When it ended"`
	EndedBy   string               `json:"ended_by,omitempty" doc:"Who ended it, if it did not end by itself"`
	Position  domain.Position      `json:"position,omitzero" doc:"End of the log that was taken in"`
	Events    int64                `json:"events,omitempty" doc:"Events looked at" example:"83120"`
	Seconds   float64              `json:"seconds,omitempty" doc:"Time it took" example:"1.9"`
	Rows      int                  `json:"rows,omitempty" doc:"Figures in the report" example:"36"`
	Changed   int                  `json:"changed,omitempty" doc:"How many of them differ" example:"3"`
	Records   int64                `json:"changed_records,omitempty" doc:"Records that count differently" example:"42"`
	Code      string               `json:"code,omitempty" doc:"Why it failed" example:"report_too_large"`
	Message   string               `json:"message,omitempty" doc:"Why it failed, for people"`
}

type analysisDocument struct {
	AnalysisRecord
	Report json.RawMessage `json:"report,omitempty"`
}

const (
	analysesAll      = "all"
	analysesByStatus = "status\x1f"
)

func (a *analysisDocument) facts(f *Facts) {
	if a.Status != "" {
		f.Index(analysesAll, SortTime(a.StartedAt))
		f.Index(analysesByStatus+a.Status, SortTime(a.StartedAt))
	}
}

// Analyses answers queries about analyses.
type Analyses struct{ Views Views }

// AnalysisFilter asks for a page of analyses.
type AnalysisFilter struct {
	Paging
	Status string `query:"status" enum:"running,completed,failed,cancelled" doc:"How far they are" example:"completed"`
}

// List returns a page of analyses, newest first. It fails with ErrCursor.
func (q Analyses) List(ctx context.Context, f AnalysisFilter) (List, error) {
	paging := f.Paging
	f.Paging = Paging{}
	l := listing{model: AnalysisModel, filter: f, index: analysesAll, newest: true}
	if f.Status != "" {
		l.index = analysesByStatus + f.Status
	}
	return list(ctx, q.Views, l, paging)
}

// Get returns one analysis. It fails with analysis.ErrNotFound.
func (q Analyses) Get(ctx context.Context, id string) (AnalysisRecord, error) {
	var a AnalysisRecord
	text, err := q.Views.Document(ctx, AnalysisModel, id)
	switch {
	case err != nil:
		return a, err
	case text == nil || strings.HasSuffix(id, reportSuffix):
		return a, analysis.ErrNotFound
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("analysis %s: %w", id, err)
	}
	return a, nil
}

// Report returns what a completed analysis found; nil if there is nothing yet.
func (q Analyses) Report(ctx context.Context, id string) (json.RawMessage, error) {
	var a analysisDocument
	text, err := q.Views.Document(ctx, AnalysisModel, id+reportSuffix)
	if err != nil || text == nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("report of %s: %w", id, err)
	}
	return a.Report, nil
}

// runningMost bounds the analyses that are looked for at a time.
const runningMost = 200

// Running lists the analyses that have not ended, the first started first.
func (q Analyses) Running(ctx context.Context) ([]AnalysisRecord, error) {
	scanned, err := q.Views.Scan(ctx, AnalysisModel, Scan{Index: analysesByStatus + analysis.Running, Limit: runningMost})
	if err != nil {
		return nil, err
	}
	var all []AnalysisRecord
	for _, text := range scanned.Documents {
		var a AnalysisRecord
		if text == nil {
			continue
		}
		if err := json.Unmarshal(text, &a); err != nil {
			return nil, fmt.Errorf("running analyses: %w", err)
		}
		all = append(all, a)
	}
	return all, nil
}

// AnalysisProgress is how far an analysis is.
type AnalysisProgress struct {
	Phase     string          `json:"phase" doc:"What is being done; queued until a process takes it up" enum:"queued,replaying,reporting,following,completed,failed,cancelled" example:"replaying"`
	Position  domain.Position `json:"position" doc:"How far the log was read" example:"4100/4100"`
	Target    domain.Position `json:"target" doc:"End of the log when it was begun" example:"8312/8312"`
	Progress  float64         `json:"progress" doc:"Part of that read, 0 to 1" example:"0.49"`
	Events    int64           `json:"events" doc:"Events taken in" example:"41200"`
	Rate      float64         `json:"events_per_second" doc:"Since it was begun" example:"41200"`
	Remaining *float64        `json:"remaining_seconds" doc:"Time left at that rate; null if unknown" example:"1.2"`
}
