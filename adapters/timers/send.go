package timers

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// send fails when another attempt may succeed. What is wrong with one ticket is
// logged and recorded as nothing: those behind it must not wait for it.
func (s *Sweeper) send(ctx context.Context, id uuid.UUID, t projections.Timer) (commands.Result, error) {
	result, err := s.config.Tickets.Breach(ctx, envelope(id), commands.BreachTicket{
		TicketRef: commands.TicketRef{TicketID: t.TicketID}, Target: t.Target,
	})
	if err == nil || ctx.Err() != nil || errors.Is(err, domain.ErrUnavailable) || errors.Is(err, domain.ErrConflict) {
		return result, err
	}
	s.config.Logger.Error("a timer cannot be carried out; it is left out until the next start",
		"ticket", t.TicketID, "target", t.Target, "due", t.DueAt, "error", err)
	return commands.Result{}, nil
}
