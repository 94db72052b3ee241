package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/ticket"
)

// timersDue orders the running clocks of all tickets by due time. A ticket has
// one entry per running target; whatever is paused or settled has none.
const timersDue = "timers"

func (t *Ticket) timerFacts(f *Facts) {
	for _, c := range t.Clocks {
		if c.State == ticket.Running {
			f.Index(timersDue, SortTime(c.DueAt)+" "+c.Target)
		}
	}
}

// Timers answers what is due. It knows no clock of its own: whether something
// came about is decided from the ticket's stream by the command a sweep sends.
type Timers struct{ Views Views }

// Timer is a running clock and whom it concerns.
type Timer struct {
	TicketID   string
	Target     string
	DueAt      time.Time
	StartedAt  time.Time
	Seconds    int64 // time allowed
	WarnedPct  int   // highest warning so far
	CustomerID string
	Assignee   string
	Priority   string
}

// Due returns the clocks that are due before a time, the first due first, at
// most limit of them. A clock that changed since is left out.
func (q Timers) Due(ctx context.Context, before time.Time, limit int) ([]Timer, error) {
	scanned, err := q.Views.Scan(ctx, TicketModel, Scan{Index: timersDue, Below: SortTime(before), Limit: limit})
	if err != nil {
		return nil, err
	}
	timers := make([]Timer, 0, len(scanned.Members))
	for i, member := range scanned.Members {
		if scanned.Documents[i] == nil {
			continue
		}
		var t Ticket
		if err := json.Unmarshal(scanned.Documents[i], &t); err != nil {
			return nil, fmt.Errorf("timers: %w", err)
		}
		key, _, _ := strings.Cut(member, "\x00")
		_, target, _ := strings.Cut(key, " ")
		t.clock(target, func(c *Clock) {
			if c.State != ticket.Running || !c.DueAt.Before(before) {
				return
			}
			timers = append(timers, Timer{
				TicketID: t.ID, Target: target, DueAt: c.DueAt, StartedAt: c.StartedAt, Seconds: c.Seconds, WarnedPct: c.WarnedPct,
				CustomerID: t.CustomerID, Assignee: t.Assignee, Priority: t.Priority,
			})
		})
	}
	return timers, nil
}
