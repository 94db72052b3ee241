// Package timers lets time pass: it looks for what is due in a read model and
// sends the command that records it. The domain decides again from the stream,
// so a sweep that comes late, early or twice changes nothing but the load.
package timers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/projections"
)

// Timers says what is due before a time, the first due first.
type Timers interface {
	Due(ctx context.Context, before time.Time, limit int) ([]projections.Timer, error)
}

// Views waits until what was recorded is visible.
type Views interface {
	Wait(ctx context.Context, m projections.Model, position domain.Position) error
}

// Tickets records that a clock of a ticket ran out.
type Tickets interface {
	Breach(ctx context.Context, env commands.Envelope, c commands.BreachTicket) (commands.Result, error)
}

// Config wires a Sweeper.
type Config struct {
	Timers  Timers
	Views   Views
	Tickets Tickets
	Every   time.Duration // between sweeps
	Now     func() time.Time
	Logger  *slog.Logger
}

// Sweeper sends a command for every timer that is due.
type Sweeper struct {
	config Config
	// idle are the timers whose command recorded nothing. They are not sent
	// again, and do not stand in the way of those behind them.
	idle map[uuid.UUID]bool
}

// New is a sweeper that does nothing yet.
func New(c Config) *Sweeper { return &Sweeper{config: c, idle: map[uuid.UUID]bool{}} }

const batch = 200

// Run sweeps until ctx ends. After a failure it tries again at the next sweep.
func (s *Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(s.config.Every)
	defer tick.Stop()
	for {
		more, err := s.Sweep(ctx)
		// While the read model is built there is nothing to sweep yet.
		if err != nil && ctx.Err() == nil && !errors.Is(err, projections.ErrBuilding) {
			s.config.Logger.Warn("timers could not be swept; trying again", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep sends the commands that are due now. More tells whether there may be
// further ones. It returns once what it recorded is visible in the read model,
// so the next sweep does not find the same timers.
func (s *Sweeper) Sweep(ctx context.Context) (more bool, err error) {
	now := s.config.Now()
	// What is due at this very instant is due.
	due, err := s.config.Timers.Due(ctx, now.Add(time.Millisecond), batch+len(s.idle))
	if err != nil {
		return false, err
	}
	var last domain.Position
	sent := 0
	still := map[uuid.UUID]bool{}
	for _, t := range due {
		id := commandID(t)
		if s.idle[id] {
			still[id] = true
			continue
		}
		result, err := s.send(ctx, id, t)
		if err != nil {
			return false, err
		}
		if len(result.Events) == 0 {
			still[id] = true
			continue
		}
		sent++
		if result.Position.Compare(last) > 0 {
			last = result.Position
		}
	}
	s.idle = still
	if sent == 0 {
		return false, nil
	}
	return sent >= batch, s.config.Views.Wait(ctx, projections.TicketModel, last)
}

// commandID is the same whoever sweeps, and however often.
func commandID(t projections.Timer) uuid.UUID {
	return commands.CommandID(access.System, "timer "+t.TicketID+" "+t.Target+" "+t.DueAt.Format(time.RFC3339Nano))
}

func envelope(id uuid.UUID) commands.Envelope {
	return commands.Envelope{
		Command: "breach-ticket", CommandID: id, Actor: domain.Actor{ID: access.Timer, Role: access.System},
	}
}
