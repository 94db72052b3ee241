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
	Metrics []string    `json:"metrics"`
	Period  string      `json:"period"`
	From    domain.Date `json:"from,omitempty"`
	To      domain.Date `json:"to,omitempty"`
	By      string      `json:"by,omitempty"`
}

// Assumptions are what one side of an analysis takes for granted.
type Assumptions struct {
	// Pack is the policy in force for all time; nil: those published, each in
	// its time.
	Pack *policy.Pack `json:"pack,omitempty"`
	// PolicyVersion is the published version that Pack is, or was made of.
	PolicyVersion int `json:"policy_version,omitempty"`
	// Set is in what Pack differs from that version, by path.
	Set map[string]any `json:"set,omitempty"`
	// Definitions are versions of metrics other than the present ones.
	Definitions map[string]int `json:"definitions,omitempty"`
	// AsOf leaves out what happened later, KnownAt what was recorded later; the
	// figures are of the earlier of them.
	AsOf    time.Time `json:"as_of,omitzero"`
	KnownAt time.Time `json:"known_at,omitzero"`
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
	Changed     int             `json:"changed"`         // rows that differ
	Records     int64           `json:"records"`         // that count differently
	Ended       string          `json:"ended,omitempty"` // who ended the shadow
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
