package projections

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Views reads the served version of a read model. All methods fail with
// ErrBuilding while no version of it is complete.
type Views interface {
	// Document returns the JSON of one document, nil if there is none.
	Document(ctx context.Context, m Model, id string) ([]byte, error)
	// Scan returns the documents of one stretch of an index.
	Scan(ctx context.Context, m Model, s Scan) (Scanned, error)
	// Figures reads counts and samples as of one single position.
	Figures(ctx context.Context, m Model, ask Ask) (Figures, error)
	// Wait returns once the read model has taken in position. It fails with
	// ErrBehind when that takes too long.
	Wait(ctx context.Context, m Model, position domain.Position) error
}

// Scan asks for a stretch of an index.
type Scan struct {
	Index   string
	Union   []string // indexes with the same order to read as if they were one, instead of Index; their total is not known
	After   string   // member to continue after; empty starts at the beginning
	Below   string   // sort keys from here on are left out; empty: none
	Reverse bool
	Limit   int
	Bare    bool // members only, without their documents
}

// Scanned is a stretch of an index with its documents.
type Scanned struct {
	Members   []string
	Documents [][]byte
	Total     int64 // members of the whole index
}

// Ask names the figures to read: groups of counts, sets of samples, sets whose
// every part is wanted, series of dated facts, and states.
type Ask struct {
	Groups  []string
	Samples []string
	Divided []string
	Series  []Series
	States  []States
}

// Figures are counts by group and field, and distributions by set, or by set
// and part. Series and States answer in the order of the question: for each
// span, or instant, by part.
type Figures struct {
	Position domain.Position
	// State is the same in two answers only if nothing that was recorded in between
	// can tell them apart; empty: not known. Until is when mere passage of time may;
	// zero: it does not.
	State   string
	Until   time.Time
	Counts  map[string]map[string]int64
	Samples map[string]Distribution
	Divided map[string]map[string]Distribution
	Series  [][]map[string]Distribution
	States  [][]map[string]int64
}

// Distribution describes the values of a set of samples. Median is the middle
// value, or halfway between the two middle ones; P90 is the nearest rank.
type Distribution struct {
	Count  int64
	Sum    int64
	Median float64
	P90    int64
	Max    int64
}

// Errors of every query.
var (
	ErrBuilding = &domain.Error{Kind: domain.Unavailable, Code: "read_model_building", Message: "this read model is being built from the log; try again shortly"}
	ErrBehind   = &domain.Error{Kind: domain.Unavailable, Code: "read_model_behind", Message: "the read model has not reached min_position in time; try again"}
	ErrCursor   = &domain.Error{Kind: domain.Invalid, Code: "bad_cursor", Message: "the cursor does not belong to this list; start again without one", Field: "cursor"}
)
