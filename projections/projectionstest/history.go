package projectionstest

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Fact is something that happened, as a test states it.
type Fact struct {
	Stream string
	Event  domain.Event
	At     time.Time // business time; a minute after the one before if zero
	By     string    // actor; "alice" if empty
	Role   string    // role of the actor; "sales" if empty
}

// History records facts as a log would: positions rise, revisions count by
// stream. Time starts at nine on Monday, 6 May 2024, in UTC.
func History(facts ...Fact) []domain.Recorded {
	now := time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC)
	revisions := map[string]uint64{}
	events := make([]domain.Recorded, len(facts))
	for i, f := range facts {
		if !f.At.IsZero() {
			now = f.At
		} else if i > 0 {
			now = now.Add(time.Minute)
		}
		actor := domain.Actor{ID: f.By, Role: f.Role}
		if actor.ID == "" {
			actor.ID = "alice"
		}
		if actor.Role == "" {
			actor.Role = "sales"
		}
		at := uint64(i+1) * 100
		events[i] = domain.Recorded{
			ID: fmt.Sprintf("00000000-0000-5000-8000-%012d", i+1), Event: f.Event, Stream: f.Stream, Revision: revisions[f.Stream],
			Position: domain.Position{Commit: at, Prepare: at}, RecordedAt: now, Meta: domain.Meta{Actor: actor, OccurredAt: now},
		}
		revisions[f.Stream]++
	}
	return events
}

// page is a page holding events, from where the one before ended.
func page(from domain.Position, events []domain.Recorded) domain.Page {
	p := domain.Page{Events: events, From: from, To: from}
	if len(events) > 0 {
		p.To = events[len(events)-1].Position
	}
	return p
}
