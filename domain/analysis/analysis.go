// Package analysis keeps what people ask of the log in retrospect: the same
// metrics under other assumptions, with what came of it. It decides what can be
// asked, and when an answer is final; finding the answer is not done here.
package analysis

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Reasons a command on an analysis is refused.
var (
	ErrNotFound = &domain.Error{Kind: domain.Missing, Code: "analysis_not_found", Message: "no such analysis"}
	ErrExists   = &domain.Error{Kind: domain.Conflict, Code: "analysis_exists", Message: "this analysis was started already"}
	ErrEnded    = &domain.Error{Kind: domain.Refused, Code: "analysis_ended", Message: "the analysis has ended; start another one"}
	ErrNoShadow = &domain.Error{Kind: domain.Refused, Code: "not_a_shadow", Message: "the analysis ends by itself; only a shadow is ended by hand"}
	ErrNoReport = &domain.Error{Kind: domain.Refused, Code: "no_report_yet", Message: "the shadow has not taken in the log yet; wait for its report, or cancel it"}
)

// What the status of an analysis can be.
const (
	Running         = "running"
	StatusCompleted = "completed"
	StatusFailed    = "failed"
	StatusCancelled = "cancelled"
)

// Analysis is what decisions about an analysis need to know.
type Analysis struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Shadow bool   `json:"shadow,omitempty"`
}

// Aggregate says where analyses are kept.
var Aggregate = domain.Aggregate[Analysis, Event]{Category: "analysis", Evolve: Evolve, Snapshot: 1, NotFound: ErrNotFound}

// Evolve is the analysis after e.
func Evolve(a Analysis, e Event) Analysis {
	switch e := e.(type) {
	case Started:
		a = Analysis{ID: e.AnalysisID, Status: Running, Shadow: e.Shadow}
	case Completed:
		a.Status = StatusCompleted
	case Failed:
		a.Status = StatusFailed
	case Cancelled:
		a.Status = StatusCancelled
	}
	return a
}

// Start puts a question. It fails with ErrExists or input.ErrInvalid.
func (a Analysis) Start(in Started, at time.Time) ([]Event, error) {
	if a.ID != "" {
		return nil, ErrExists
	}
	in.StartedAt = domain.Instant(at)
	if err := in.check(); err != nil {
		return nil, err
	}
	return []Event{in}, nil
}

// Finish records the report, or that there is none for a reason. Whoever comes
// second changes nothing. It fails with ErrNotFound.
func (a Analysis) Finish(e Event) ([]Event, error) {
	switch {
	case a.ID == "":
		return nil, ErrNotFound
	case a.Status != Running:
		return nil, nil
	}
	return []Event{e}, nil
}

// End makes the report of a shadow, as it stands, the last one. It fails with
// ErrNotFound, ErrEnded, ErrNoShadow or ErrNoReport.
func (a Analysis) End(report *Completed) ([]Event, error) {
	switch {
	case a.ID == "":
		return nil, ErrNotFound
	case a.Status != Running:
		return nil, ErrEnded
	case !a.Shadow:
		return nil, ErrNoShadow
	case report == nil:
		return nil, ErrNoReport
	}
	return []Event{*report}, nil
}

// Cancel gives an analysis up; one that is cancelled stays so. It fails with
// ErrNotFound or ErrEnded.
func (a Analysis) Cancel(by string, at time.Time) ([]Event, error) {
	switch a.Status {
	case "":
		return nil, ErrNotFound
	case StatusCancelled:
		return nil, nil
	case StatusCompleted, StatusFailed:
		return nil, ErrEnded
	}
	return []Event{Cancelled{AnalysisID: a.ID, CancelledBy: by, CancelledAt: domain.Instant(at)}}, nil
}
