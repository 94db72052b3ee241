package projector

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// ErrNotReady says that queries would find read models missing.
var ErrNotReady = &domain.Error{Kind: domain.Unavailable, Code: "not_ready", Message: "read models are being built"}

// ModelStatus is where a read model stands.
type ModelStatus struct {
	Name          string          `json:"name"`
	Served        string          `json:"served,omitempty" doc:"Build that queries read: version, and number of the rebuild if any"`
	Building      string          `json:"building,omitempty" doc:"Build on its way, if any"`
	Phase         Phase           `json:"phase,omitempty" doc:"How far that build is"`
	Position      domain.Position `json:"position" doc:"How far the build at work has come"`
	End           domain.Position `json:"end" doc:"End of the log"`
	Progress      float64         `json:"progress" doc:"Part of the log taken in, 0 to 1"`
	EventsPerSec  float64         `json:"events_per_second"`
	Remaining     *float64        `json:"remaining_seconds" doc:"Time until the build is complete at the present rate; null if unknown"`
	Lag           float64         `json:"lag_seconds" doc:"Age of the last event taken in while there are more; 0 when caught up"`
	ParkedStreams int             `json:"parked_streams"`
	Held          bool            `json:"held" doc:"Complete, but not to be served without a decision"`
}

// Status tells where every read model stands.
func (p *Projector) Status(ctx context.Context) ([]ModelStatus, error) {
	end, err := p.end.get(ctx)
	if err != nil {
		return nil, fmt.Errorf("end of the log: %w", err)
	}
	all := make([]ModelStatus, 0, len(p.config.Models))
	for _, m := range p.config.Models {
		one, err := p.status(ctx, m, end)
		if err != nil {
			return nil, fmt.Errorf("status of %s: %w", m.Name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func (p *Projector) status(ctx context.Context, m projections.Model, end domain.Position) (ModelStatus, error) {
	status := ModelStatus{Name: m.Name, End: end}
	s, err := p.stand(ctx, m)
	if err != nil {
		return status, err
	}
	build, err := p.build(ctx, &s, s.wanted, end)
	if err != nil {
		return status, err
	}
	if s.serves {
		status.Served = s.served.Label()
	}
	if s.building() {
		status.Building, status.Phase, status.Held = s.wanted.Label(), build.Phase, build.Phase == Held
	}
	status.Position, status.Progress, status.ParkedStreams = build.Position, build.Progress, build.ParkedStreams
	status.EventsPerSec, status.Remaining = build.EventsPerSec, build.Remaining
	for _, l := range []*lane{p.live, p.building} {
		for _, t := range *l.seen.Load() {
			if t.model.Prefix() == s.wanted.Prefix() {
				status.Lag = t.shown.Load().lag(p.config.Now())
			}
		}
	}
	return status, nil
}

// progress is how much of the log lies behind. Positions grow with the bytes
// written, so this is a share of the work and not of the time.
func progress(at, end domain.Position) float64 {
	if at.Compare(end) >= 0 || end.Commit == 0 {
		return 1
	}
	return float64(at.Commit) / float64(end.Commit)
}

// lag is the age of the last event taken in, unless there was nothing behind it.
func (s *shown) lag(now time.Time) float64 {
	if s.caughtUp || s.last.IsZero() {
		return 0
	}
	return now.Sub(s.last).Seconds()
}

// remaining takes the share of the log done so far and the events that were in it.
func (s *shown) remaining(done float64) *float64 {
	switch {
	case done >= 1:
		return new(float64)
	case done <= 0 || s.rate <= 0:
		return nil
	}
	seconds := float64(s.events) * (1 - done) / done / s.rate
	return &seconds
}

// Ready fails with ErrNotReady while queries of a read model have nothing to
// read, and names those.
func (p *Projector) Ready(ctx context.Context) error {
	var missing []string
	for _, m := range p.config.Models {
		_, ok, err := p.config.Store.Served(ctx, m)
		if err != nil {
			return err //nolint:wrapcheck // the store says it best
		}
		if !ok {
			missing = append(missing, m.Name)
		}
	}
	if len(missing) > 0 {
		return ErrNotReady.Because("read models are being built: %s", strings.Join(missing, ", ")).With(missing)
	}
	return nil
}
