package httpapi

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// unfiltered makes a query without parameters.
func unfiltered[D any](ask func(context.Context) (D, error)) func(context.Context, struct{}) (D, error) {
	return func(ctx context.Context, _ struct{}) (D, error) { return ask(ctx) }
}

// boardOf is the board; the deals on it are shown, as those of a list are.
func boardOf(pipeline projections.Pipeline) func(context.Context, projections.BoardFilter) (projections.Board, error) {
	return func(ctx context.Context, f projections.BoardFilter) (projections.Board, error) {
		board, err := pipeline.Board(ctx, f)
		for _, stage := range board.Stages {
			callOf(ctx).shows(stage.Items)
		}
		return board, err
	}
}

func salesBy(sales projections.Sales) func(context.Context, projections.SalesFilter) (projections.SalesDashboard, error) {
	return func(ctx context.Context, f projections.SalesFilter) (projections.SalesDashboard, error) {
		return sales.Dashboard(ctx, f.By)
	}
}

// TimerFilter asks for running clocks.
type TimerFilter struct {
	DueBefore time.Time `query:"due_before" doc:"Only those due before; all if left out" example:"2024-06-01T00:00:00Z"`
	Limit     int       `query:"limit" doc:"Most clocks to return" default:"50" minimum:"1" maximum:"200"`
}

// TimerList is the clocks that run.
type TimerList struct {
	Items []Timer `json:"items" doc:"First due first" nullable:"false"`
}

// Timer is one running clock of a ticket.
type Timer struct {
	TicketID   string    `json:"ticket_id" format:"uuid" doc:"Id of the ticket"`
	Target     string    `json:"target" doc:"SLA target" example:"first_response"`
	DueAt      time.Time `json:"due_at" doc:"When it runs out"`
	StartedAt  time.Time `json:"started_at" doc:"When it started"`
	Seconds    int64     `json:"seconds" doc:"Time allowed" example:"14400"`
	WarnedPct  int       `json:"warned_pct" doc:"Highest warning so far, in per cent of the time" example:"80"`
	CustomerID string    `json:"customer_id,omitempty" doc:"Whose ticket it is"`
	Assignee   string    `json:"assignee,omitempty" doc:"Who works on it"`
	Priority   string    `json:"priority,omitempty" doc:"Priority of the ticket"`
}

func (q *Queries) timers(ctx context.Context, f TimerFilter) (TimerList, error) {
	if f.DueBefore.IsZero() {
		f.DueBefore = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	due, err := projections.Timers{Views: q.Views}.Due(ctx, f.DueBefore, f.Limit)
	l := TimerList{Items: make([]Timer, len(due))}
	for i, t := range due {
		l.Items[i] = Timer(t)
	}
	return l, err
}

// ReadModels is where every read model stands.
type ReadModels struct {
	Items []ReadModel `json:"items" doc:"One per read model" nullable:"false"`
}

// ReadModel is where one read model stands.
type ReadModel struct {
	Name         string               `json:"name" doc:"Name" example:"deals"`
	Served       string               `json:"served,omitempty" doc:"Build that queries read; none before the first is complete" example:"3"`
	Building     string               `json:"building,omitempty" doc:"Build on its way, if any" example:"4"`
	Phase        string               `json:"phase,omitempty" doc:"How far that build is" example:"replaying"`
	Position     domain.Position      `json:"position" doc:"How far the build at work has come" example:"8312/8312"`
	End          domain.Position      `json:"end" doc:"End of the log" example:"8312/8312"`
	Progress     float64              `json:"progress" doc:"Part of the log taken in, 0 to 1" example:"1"`
	EventsPerSec float64              `json:"events_per_second" doc:"Present rate" example:"41200"`
	Remaining    *float64             `json:"remaining_seconds" doc:"Time until the build is complete at that rate; null if unknown" example:"0"`
	Lag          float64              `json:"lag_seconds" doc:"Age of the last event taken in while there are more; 0 when caught up" example:"0"`
	Held         bool                 `json:"held" doc:"Complete, but not to be served without a decision" example:"false"`
	Parked       []projections.Parked `json:"parked" doc:"Events that could not be folded, or wait behind one that could not" nullable:"false"`
}

func (q *Queries) readModels(ctx context.Context) (ReadModels, error) {
	all, err := q.ReadModels(ctx)
	return ReadModels{Items: all}, err
}
