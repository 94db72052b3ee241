package timers_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/timers"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// A build on its way goes through a past in which clocks ran that have long
// stopped. No timer sees it: only what is served has clocks.
func TestBuildOnItsWayHasNoTimers(t *testing.T) {
	d := newDesk(t)
	opened, err := d.tickets.Open(t.Context(), commands.Envelope{CommandID: commands.CommandID("ann", "open"), Command: "open-ticket", Actor: domain.Actor{ID: "ann", Role: "service"}},
		commands.OpenTicket{Subject: "Fan makes noise"})
	require.NoError(t, err)
	require.NotEmpty(t, opened.Events)
	history := d.log.Log()
	store := projectionstest.Folded(t, projections.TicketModel) // served, and empty
	building := projections.TicketModel
	building.Build = 1
	changes, err := building.Folder(store.Loader(building)).Fold(t.Context(), history)
	require.NoError(t, err)
	at := projections.Mark{Position: history[len(history)-1].Position}
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: building, To: at, Changes: changes}))

	d.now = d.now.Add(365 * 24 * time.Hour)
	sweeper := timers.New(timers.Config{
		Timers: projections.Timers{Views: store}, Views: visible{}, Tickets: d.tickets,
		Every: time.Second, Now: d.log.Now, Logger: slog.New(slog.DiscardHandler),
	})
	_, err = sweeper.Sweep(t.Context())
	require.NoError(t, err)
	assert.Len(t, d.log.Log(), len(history), "nothing was recorded")
	require.NoError(t, store.Serve(t.Context(), building, at))
	_, err = sweeper.Sweep(t.Context())
	require.NoError(t, err)
	assert.Greater(t, len(d.log.Log()), len(history), "once it is served, it counts")
}
