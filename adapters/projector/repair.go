package projector

import (
	"context"
	"errors"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/projections"
)

// ErrRefolding says that the log is still being read for a repair. The same
// request goes on from there.
var ErrRefolding = &domain.Error{Kind: domain.Unavailable, Code: "refolding", Message: "the log is still being read; repeat the request, which goes on from there"}

// ErrNoRecord says that neither the log nor the build knows a record.
var ErrNoRecord = &domain.Error{Kind: domain.Missing, Code: "no_such_record", Message: "the read model has no such record, and nothing in the log says it should"}

// ErrTold says that a record exists only because others tell it something.
var ErrTold = &domain.Error{Kind: domain.Refused, Code: "told_by_others", Message: "what this record is cannot be found out from it alone; rebuild the read model"}

// Repaired is in what a record in the served build differs from what the log
// says, and what was done about it.
type Repaired struct {
	Build       string                  `json:"build" doc:"Build that queries read" example:"3"`
	Position    domain.Position         `json:"position" doc:"How far the build had come" example:"8312/8312"`
	Differences []difference.Difference `json:"differences" doc:"What is stored, and what it should be, by field" nullable:"false"`
	Places      int                     `json:"places" doc:"Places in lists, and values in distributions, that were wrong or missing" example:"2"`
	Counts      Counts                  `json:"counts" doc:"Whether counts were right already (kept), go along with the record (mended), or cannot be told from one record (unsure): then rebuild the read model" enum:"kept,mended,unsure" example:"kept"`
	Mended      bool                    `json:"mended" doc:"Whether it was put right" example:"true"`
}

// Counts is what a repair finds out about the counts a record goes into.
type Counts string

// What one record can tell of them. A record that alone was changed left the
// counts as they were; one that was folded wrongly took the counts along.
const (
	CountsKept   Counts = "kept"
	CountsMended Counts = "mended"
	CountsUnsure Counts = "unsure"
)

// Clean tells whether nothing was wrong.
func (r Repaired) Clean() bool { return len(r.Differences)+r.Places == 0 }

// refoldMargin is what is left of a caller's time when it must be answered.
const refoldMargin = 1500 * time.Millisecond

// Repair folds one record of m anew from the log, tells in what the served build
// differs, and puts that right if mend is set. The build is changed only if it
// stands where the record was folded to. What the log holds may take longer than
// a caller waits: it then fails with ErrRefolding, and the next call goes on.
func (p *Projector) Repair(ctx context.Context, m projections.Model, id string, mend bool) (Repaired, error) {
	s, err := p.stand(ctx, m)
	switch {
	case err != nil:
		return Repaired{}, err
	case !s.serves:
		return Repaired{}, projections.ErrBuilding
	case s.served.Version != m.Version:
		return Repaired{}, ErrNoWayBack.Because("build %s of %s is of another release; repair it there", s.served.Label(), m.Name)
	}
	r := p.repairs.of(s.served, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		repaired, err := p.repairOnce(ctx, s.served, r, mend)
		if !errors.Is(err, projections.ErrMoved) {
			if err == nil {
				p.repairs.done(s.served, id)
			}
			return repaired, err
		}
	}
}

func (p *Projector) repairOnce(ctx context.Context, m projections.Model, r *repair, mend bool) (Repaired, error) {
	marks, err := p.config.Store.Marks(ctx, m)
	if err != nil {
		return Repaired{}, err //nolint:wrapcheck // the store says it best
	}
	if err := p.refold(ctx, m, r, marks[0].Position); err != nil {
		return Repaired{}, err
	}
	loader := p.config.Store.Loader(m)
	stored, err := loader.Documents(ctx, []string{r.id})
	if err != nil {
		return Repaired{}, err //nolint:wrapcheck // the store says it best
	}
	right := r.refolding.Document()
	if stored[0] == nil && right == nil {
		return Repaired{}, ErrNoRecord.Because("%s has no record %s, and nothing in the log says it should", m.Name, r.id)
	}
	if right == nil && r.refolding.Surveys() {
		return Repaired{}, ErrTold.Because("nothing in the log names %s, so what other records tell it cannot be found out from it alone; rebuild %s", r.id, m.Name)
	}
	repaired := Repaired{Build: m.Label(), Position: marks[0].Position, Counts: CountsKept}
	if repaired.Differences, err = difference.Between(valid(stored[0]), right); err != nil {
		return Repaired{}, err //nolint:wrapcheck // ours
	}
	changes, err := p.amends(ctx, m, r.id, stored[0], right, &repaired)
	if err != nil {
		return Repaired{}, err
	}
	if repaired.Clean() || !mend {
		still, err := p.config.Store.Marks(ctx, m)
		if err == nil && still[0] != marks[0] {
			err = projections.ErrMoved
		}
		return repaired, err //nolint:wrapcheck // the store says it best
	}
	err = p.config.Store.Commit(ctx, projections.Commit{Model: m, From: marks[0], To: marks[0].Edited(), Changes: changes})
	if err != nil {
		return Repaired{}, err //nolint:wrapcheck // the store says it best
	}
	p.config.Logger.InfoContext(ctx, "record repaired", "model", m.Name, "build", m.Label(), "id", r.id, "fields", len(repaired.Differences), "places", repaired.Places, "counts", repaired.Counts)
	repaired.Mended = true
	return repaired, nil
}

// valid is a stored text that can be read; anything else is shown as missing.
func valid(text []byte) []byte {
	if _, err := difference.Between(text, nil); err != nil {
		return nil
	}
	return text
}
