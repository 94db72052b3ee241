package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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

// amends works out what makes a build hold what a record should contribute, and
// notes in repaired what that says of places and counts.
func (p *Projector) amends(ctx context.Context, m projections.Model, id string, stored, right []byte, repaired *Repaired) (projections.Changes, error) {
	loader := p.config.Store.Loader(m)
	was, err := m.Contributes(ctx, loader, id, stored)
	if err != nil {
		was = projections.Changes{} // a text nobody can read contributes nothing
	}
	is, err := m.Contributes(ctx, loader, id, right)
	if err != nil {
		return projections.Changes{}, err //nolint:wrapcheck // ours
	}
	members := slices.Concat(is.Indexed, slices.DeleteFunc(slices.Clone(was.Indexed), func(c projections.IndexChange) bool { return slices.Contains(is.Indexed, c) }))
	samples := slices.Concat(is.Sampled, slices.DeleteFunc(slices.Clone(was.Sampled), func(c projections.SampleChange) bool {
		return slices.ContainsFunc(is.Sampled, func(d projections.SampleChange) bool { return d.Set == c.Set && d.ID == c.ID })
	}))
	in, values, err := p.config.Store.Holds(ctx, m, members, samples)
	if err != nil {
		return projections.Changes{}, err //nolint:wrapcheck // the store says it best
	}
	changes := projections.Changes{Documents: map[string][]byte{id: right}}
	var evidence evidence
	for i, member := range members {
		should, did := i < len(is.Indexed), slices.Contains(was.Indexed, member)
		evidence.add(in[i], did, should)
		if in[i] != should {
			member.Remove = !should
			changes.Indexed = append(changes.Indexed, member)
		}
	}
	for i, sample := range samples {
		should, did := valueIn(is.Sampled, sample), valueIn(was.Sampled, sample)
		evidence.addValue(values[i], did, should)
		if same(values[i], should) {
			continue
		}
		if sample.Remove = should == nil; should != nil {
			sample.Value = *should
		}
		changes.Sampled = append(changes.Sampled, sample)
	}
	repaired.Places = len(changes.Indexed) + len(changes.Sampled)
	if counts := between(was.Counts, is.Counts); len(counts) > 0 {
		if repaired.Counts = evidence.verdict(); repaired.Counts == CountsMended {
			changes.Counts = counts
		}
	}
	return changes, nil
}

// between are the counts that differ between two contributions.
func between(was, is map[projections.Counter]int64) map[projections.Counter]int64 {
	counts := map[projections.Counter]int64{}
	for counter, n := range is {
		counts[counter] += n
	}
	for counter, n := range was {
		counts[counter] -= n
	}
	for counter, n := range counts {
		if n == 0 {
			delete(counts, counter)
		}
	}
	return counts
}

// evidence is what places and values of a record say about how it came to be
// wrong: whether they go along with what is stored or with what should be.
type evidence struct{ stored, right int }

func (e *evidence) add(there, stored, right bool) {
	switch {
	case stored == right:
	case there == stored:
		e.stored++
	default:
		e.right++
	}
}

func (e *evidence) addValue(there, stored, right *int64) {
	switch {
	case same(stored, right):
	case same(there, stored):
		e.stored++
	case same(there, right):
		e.right++
	default: // neither, which says that there is more to it
		e.stored++
		e.right++
	}
}

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// valueIn is the value of a sample in a contribution; nil if it has none.
func valueIn(samples []projections.SampleChange, of projections.SampleChange) *int64 {
	for _, one := range samples {
		if one.Set == of.Set && one.ID == of.ID {
			return &one.Value
		}
	}
	return nil
}

func (e *evidence) verdict() Counts {
	switch {
	case e.right > 0 && e.stored == 0:
		return CountsKept
	case e.stored > 0 && e.right == 0:
		return CountsMended
	}
	return CountsUnsure
}

// repair is one record being folded anew, from one call to the next.
type repair struct {
	mu        sync.Mutex
	id        string
	refolding *projections.Refolding
	surveyed  bool
	at        domain.Position // folded, or surveyed, up to here
	used      time.Time
}

// repairs are those under way in this process.
type repairs struct {
	mu  sync.Mutex
	all map[string]*repair
}

const mostRepairs = 16

// of finds the repair of a record that is under way, or begins one. When there
// are too many the one longest unused is forgotten: it starts over.
func (r *repairs) of(m projections.Model, id string) *repair {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := m.Prefix() + id
	one := r.all[key]
	if one == nil {
		if len(r.all) >= mostRepairs {
			oldest := ""
			for key, other := range r.all {
				if oldest == "" || other.used.Before(r.all[oldest].used) {
					oldest = key
				}
			}
			delete(r.all, oldest)
		}
		one = &repair{id: id, refolding: m.Refold(id)}
		if r.all == nil {
			r.all = map[string]*repair{}
		}
		r.all[key] = one
	}
	one.used = time.Now()
	return one
}

func (r *repairs) done(m projections.Model, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, m.Prefix()+id)
}

// refold takes the record to a position: first every event is surveyed, which
// matters only to read models whose records tell each other something, then
// those that concern it are folded.
func (p *Projector) refold(ctx context.Context, m projections.Model, r *repair, to domain.Position) error {
	parked, err := p.config.Store.Parked(ctx, m)
	if err != nil {
		return err //nolint:wrapcheck // the store says it best
	}
	left := map[string][]uint64{} // what the build leaves out, too
	for _, one := range parked {
		left[one.Stream] = append(left[one.Stream], one.Revision)
	}
	for stream, revisions := range p.config.Discarded(m) {
		left[stream] = append(left[stream], revisions...)
	}
	if !r.surveyed && r.refolding.Surveys() {
		err := p.through(ctx, &r.at, to, func(events []domain.Recorded) error { r.refolding.Survey(events); return nil })
		if err != nil {
			return err
		}
		r.at = domain.StartOfLog
	}
	r.surveyed = true
	for {
		again := errors.New("another record matters")
		err := p.through(ctx, &r.at, to, func(events []domain.Recorded) error {
			if r.refolding.Survey(events) {
				return again
			}
			return r.refolding.Take(ctx, kept(events, left))
		})
		if !errors.Is(err, again) {
			return err
		}
		r.refolding.Restart()
		r.at = domain.StartOfLog
	}
}

// through reads the log from a position to another one, page by page.
func (p *Projector) through(ctx context.Context, at *domain.Position, to domain.Position, take func([]domain.Recorded) error) error {
	if at.Compare(to) >= 0 {
		return nil
	}
	enough := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		enough, cancel = context.WithDeadline(ctx, deadline.Add(-refoldMargin))
		defer cancel()
	}
	reading, stop := context.WithCancel(enough)
	defer stop()
	for page := range p.config.Log.Pages(reading, *at) {
		events := page.Events
		for len(events) > 0 && events[len(events)-1].Position.Compare(to) > 0 {
			events = events[:len(events)-1]
		}
		if err := take(events); err != nil {
			return err
		}
		if page.To.Compare(to) >= 0 || page.CaughtUp {
			*at = to
			return nil
		}
		*at = page.To
		if enough.Err() != nil {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return ErrRefolding.Because("the log is read up to %s of %s; repeat the request, which goes on from there", at, to)
}
