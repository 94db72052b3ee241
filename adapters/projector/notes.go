package projector

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// What is on record about a build, beside what it holds, is kept where the read
// models are: every process sees it, and a projector that was killed finds it
// again. Each thing is a field of its own, so that nobody overwrites what
// somebody else has just noted.
const (
	noteBegun     = "begun"     // beginning
	noteReached   = "reached"   // order: it has come to the end of the log
	noteAsked     = "asked"     // order: compare it (again)
	noteCompared  = "compared"  // finding
	noteFailed    = "failed"    // why it could not be compared
	noteTold      = "told"      // order: serve it, whatever was found
	noteCancelled = "cancelled" // order
	noteDropped   = "dropped"   // order: let go of it, then delete it
	notePace      = "pace"      // pace

	// Of the model, not of one build.
	notePrevious = "previous" // label of the build served before
	noteLast     = "last"     // label of the latest build; no number is used twice
)

// order is who asked for something, and when.
type order struct {
	At time.Time `json:"at"`
	By string    `json:"by,omitempty"` // empty: the program itself
}

// beginning is how a build was begun.
type beginning struct {
	order
	Target   domain.Position `json:"target"` // end of the log at that time
	NoSwitch bool            `json:"no_switch,omitempty"`
}

// finding is the outcome of a comparison.
type finding struct {
	order
	projections.Comparison
}

// pace is how fast a build goes on, for processes other than its projector's.
type pace struct {
	At       time.Time `json:"at"`
	Rate     float64   `json:"rate"`
	Events   uint64    `json:"events"`
	CaughtUp bool      `json:"caught_up"`
}

// record is everything on record about one build.
type record struct {
	begun     *beginning
	reached   *order
	asked     *order
	compared  *finding
	failed    string
	told      *order
	cancelled *order
	dropped   *order
	pace      *pace
}

// stand is where the builds of one read model stand.
type stand struct {
	model    projections.Model // as declared
	wanted   projections.Model // the build to be served in the end
	served   projections.Model // the build that queries read, if there is one
	serves   bool
	previous string
	last     string
	records  map[string]*record // by label
}

func (p *Projector) stand(ctx context.Context, m projections.Model) (s stand, err error) {
	s.model = m
	if s.wanted, err = p.config.Store.Wanted(ctx, m); err != nil {
		return s, fmt.Errorf("%s: %w", m.Name, err)
	}
	if s.served, s.serves, err = p.config.Store.Served(ctx, m); err != nil {
		return s, fmt.Errorf("%s: %w", m.Name, err)
	}
	notes, err := p.config.Store.Notes(ctx, m)
	if err != nil {
		return s, fmt.Errorf("%s: %w", m.Name, err)
	}
	s.previous, s.last, s.records = notes[notePrevious], notes[noteLast], map[string]*record{}
	for field, text := range notes {
		if label, what, ok := strings.Cut(field, " "); ok {
			s.record(label).read(what, text)
		}
	}
	return s, nil
}

// record is what is on record about a build; empty if nothing is.
func (s *stand) record(label string) *record {
	if s.records[label] == nil {
		s.records[label] = &record{}
	}
	return s.records[label]
}

// read takes a note in. One that another release wrote differently counts as
// not there: all of it can be asked for again.
func (r *record) read(what, text string) {
	switch what {
	case noteBegun:
		r.begun = noted[beginning](text)
	case noteReached:
		r.reached = noted[order](text)
	case noteAsked:
		r.asked = noted[order](text)
	case noteCompared:
		r.compared = noted[finding](text)
	case noteFailed:
		r.failed = text
	case noteTold:
		r.told = noted[order](text)
	case noteCancelled:
		r.cancelled = noted[order](text)
	case noteDropped:
		r.dropped = noted[order](text)
	case notePace:
		r.pace = noted[pace](text)
	}
}

func noted[T any](text string) *T {
	v := new(T)
	if json.Unmarshal([]byte(text), v) != nil {
		return nil
	}
	return v
}

// on is the field of a note on a build.
func on(m projections.Model, what string) string { return m.Label() + " " + what }

func asNote(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // structs of ours
	}
	return string(text)
}

// building tells whether the wanted build is on its way to being served. A
// program never replaces a build of a later version: it keeps its own current,
// for whoever reads with the same release.
func (s *stand) building() bool {
	return !s.serves || s.served.Version <= s.wanted.Version && s.served.Label() != s.wanted.Label()
}

// comparable tells whether served and wanted build should hold the same.
func (s *stand) comparable() bool { return s.serves && s.served.Version == s.wanted.Version }
