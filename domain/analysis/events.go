package analysis

import (
	"encoding/json"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Event is any fact in the stream of an analysis.
//
//sumtype:decl
type Event interface {
	domain.Event
	analysisEvent()
}

// Started puts a question about the log, whole: with everything the answer
// depends on, so that it can be found again.
type Started struct {
	AnalysisID string `json:"analysis_id"`
	Name       string `json:"name"`
	Question
	Baseline Assumptions `json:"baseline"`
	Variant  Assumptions `json:"variant"`
	// Shadow goes on with the log until it is ended: rules are tried on what
	// happens before they are put into force (ES-18).
	Shadow    bool      `json:"shadow,omitempty"`
	StartedBy string    `json:"started_by"`
	StartedAt time.Time `json:"started_at"`
}

// Question is which figures are wanted.
type Question struct {
	Metrics []string    `json:"metrics" doc:"Names of the metrics" nullable:"false" example:"[\"sla_compliance\"]"`
	Period  string      `json:"period" doc:"How long a period is" example:"month"`
	From    domain.Date `json:"from,omitempty" doc:"A day of the first period" format:"date" example:"2024-01-01"`
	To      domain.Date `json:"to,omitempty" doc:"A day of the last period" format:"date" example:"2024-12-31"`
	By      string      `json:"by,omitempty" doc:"Dimension they are broken down by" example:"assignee"`
}

// Assumptions are what one side of an analysis takes for granted.
type Assumptions struct {
	Pack          *policy.Pack   `json:"pack,omitempty" doc:"Process pack in force for all time; none: those published, each in its time"`
	PolicyVersion int            `json:"policy_version,omitempty" doc:"Version that the pack is, or was made of" example:"1"`
	Set           map[string]any `json:"set,omitempty" doc:"In what the pack differs from that version, by path"`
	Definitions   map[string]int `json:"definitions,omitempty" doc:"Versions of metrics other than the present ones, by name"`
	AsOf          time.Time      `json:"as_of,omitzero" doc:"What happened later is left out"`
	KnownAt       time.Time      `json:"known_at,omitzero" doc:"What was recorded later is left out"`
}

// At is the instant that figures are of: what is not over is measured up to it.
func (a Assumptions) At() time.Time {
	if !a.AsOf.IsZero() && (a.KnownAt.IsZero() || a.AsOf.Before(a.KnownAt)) {
		return a.AsOf
	}
	return a.KnownAt
}

// Completed is what came of it: the report, of the log up to a position.
type Completed struct {
	AnalysisID  string          `json:"analysis_id"`
	Position    domain.Position `json:"position"`
	Events      int64           `json:"events"`  // taken in
	Seconds     float64         `json:"seconds"` // it took
	Rows        int             `json:"rows"`
	Changed     int             `json:"changed"`            // rows that differ
	Records     int64           `json:"records"`            // that count differently
	EndedBy     string          `json:"ended_by,omitempty"` // of a shadow
	CompletedAt time.Time       `json:"completed_at"`
	Report      json.RawMessage `json:"report"`
}

// Failed says that there is no report, and why.
type Failed struct {
	AnalysisID string    `json:"analysis_id"`
	Code       string    `json:"code"`
	Message    string    `json:"message"`
	FailedAt   time.Time `json:"failed_at"`
}

// Cancelled gives an analysis up.
type Cancelled struct {
	AnalysisID  string    `json:"analysis_id"`
	CancelledBy string    `json:"cancelled_by"`
	CancelledAt time.Time `json:"cancelled_at"`
}

// EventType is the wire name.
func (Started) EventType() string   { return "analysis.started.v1" }
func (Completed) EventType() string { return "analysis.completed.v1" }
func (Failed) EventType() string    { return "analysis.failed.v1" }
func (Cancelled) EventType() string { return "analysis.cancelled.v1" }

func (Started) analysisEvent()   {}
func (Completed) analysisEvent() {}
func (Failed) analysisEvent()    {}
func (Cancelled) analysisEvent() {}

// Types lists every wire type found in the streams of analyses.
var Types = []domain.Type{
	domain.Current[Started](), domain.Current[Completed](), domain.Current[Failed](), domain.Current[Cancelled](),
}
