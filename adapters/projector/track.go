package projector

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// track is one build of a read model on its way along the log. It belongs to
// one lane at a time; what Status shows of it is kept apart.
type track struct {
	model     projections.Model
	folder    projections.Folder
	discarded func() map[string][]uint64
	mark      projections.Mark
	dirty     bool // the folder is ahead of the mark, or the mark was never read

	shown  atomic.Pointer[shown]
	parked atomic.Int64 // streams
}

// shown is what can be seen of a track from outside its lane.
type shown struct {
	lane     string
	position domain.Position
	events   uint64
	last     time.Time // when the last event folded was recorded
	caughtUp bool
	since    time.Time // start of the measurement of the rate
	before   uint64    // events then
	rate     float64
}

func (p *Projector) newTrack(m projections.Model) *track {
	t := &track{model: m, folder: m.Folder(p.config.Store.Loader(m)), dirty: true}
	t.discarded = func() map[string][]uint64 { return p.config.Discarded(m) }
	t.shown.Store(&shown{})
	return t
}

// fold works out the commit that takes the track over a page. Events it has
// taken in already are left out, so tracks at different places share a lane.
func (t *track) fold(ctx context.Context, page domain.Page) (projections.Commit, error) {
	events := kept(page.Events[newFrom(page.Events, t.mark.Position):], t.discarded())
	t.dirty = true
	commit := projections.Commit{Model: t.model, From: t.mark, To: t.mark.At(page.To)}
	var err error
	if len(events) > 0 {
		commit.Changes, err = t.folder.Fold(ctx, events)
	}
	return commit, err //nolint:wrapcheck // the fold names the model's part
}

// kept are the events of a page that were not given up for the read model.
func kept(events []domain.Recorded, discarded map[string][]uint64) []domain.Recorded {
	if len(discarded) == 0 {
		return events
	}
	gone := func(r domain.Recorded) bool { return slices.Contains(discarded[r.Stream], r.Revision) }
	if !slices.ContainsFunc(events, gone) {
		return events // the page belongs to other tracks, too
	}
	return slices.DeleteFunc(slices.Clone(events), gone)
}

// newFrom is where the events behind position begin.
func newFrom(events []domain.Recorded, position domain.Position) int {
	i, found := slices.BinarySearchFunc(events, position, func(r domain.Recorded, p domain.Position) int { return r.Position.Compare(p) })
	if found {
		i++
	}
	return i
}

// committed moves the track on once the store has taken a commit.
func (t *track) committed(c projections.Commit) { t.mark, t.dirty = c.To, false }

// stands puts the track where the store says it is.
func (t *track) stands(mark projections.Mark) {
	if t.dirty || t.mark != mark {
		t.folder.Forget()
	}
	t.mark, t.dirty = mark, false
}

// show publishes progress after a page.
func (t *track) show(lane string, page domain.Page, now time.Time) {
	s := *t.shown.Load()
	s.lane, s.position, s.caughtUp = lane, t.mark.Position, page.CaughtUp
	if n := len(page.Events); n > 0 {
		s.events += uint64(n)
		s.last = page.Events[n-1].RecordedAt
	}
	if passed := now.Sub(s.since); passed >= time.Second {
		if !s.since.IsZero() {
			s.rate = float64(s.events-s.before) / passed.Seconds()
		}
		s.since, s.before = now, s.events
	}
	t.shown.Store(&s)
}
