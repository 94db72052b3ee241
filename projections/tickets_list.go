package projections

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain/ticket"
)

// TicketFilter asks for a page of tickets. Fields are combined with "and".
type TicketFilter struct {
	Paging
	Assignee   string    `query:"assignee" doc:"Who works on it" maxLength:"200" example:"sue"`
	Priority   string    `query:"priority" doc:"How urgent it is" maxLength:"200" example:"urgent"`
	Status     string    `query:"status" enum:"open,waiting,resolved,closed" doc:"How far it is"`
	Category   string    `query:"category" doc:"What it is about" maxLength:"200" example:"product_quality"`
	CustomerID string    `query:"customer_id" doc:"Whose tickets" format:"uuid"`
	DueBefore  time.Time `query:"due_before" doc:"Due earlier than this, overdue ones too; only sorted by due"`
	Sort       string    `query:"sort" enum:"due,opened" doc:"due (default, except of resolved and closed): the queue of open and waiting tickets, first due first, those without a due time last. opened: tickets of any status, newest first"`
}

// Names of the indexes of tickets. The unit separator occurs in no value.
const (
	queueAll        = "due" // open and waiting tickets
	queueByAssignee = "due\x1fassignee\x1f"
	queueByPriority = "due\x1fpriority\x1f"
	queueByCustomer = "due\x1fcustomer\x1f"

	ticketsAll        = "opened" // of any status
	ticketsByAssignee = "opened\x1fassignee\x1f"
	ticketsByStatus   = "opened\x1fstatus\x1f"
	ticketsByCustomer = "opened\x1fcustomer\x1f"
)

const sortByOpened = "opened"

// queueFacts places the ticket in orderings. Each index costs every change of a
// due time, so only what people page through has one.
func (t *Ticket) queueFacts(f *Facts) {
	opened := SortTime(t.OpenedAt)
	f.Index(ticketsAll, opened)
	f.Index(ticketsByStatus+t.Status, opened)
	if t.Assignee != "" {
		f.Index(ticketsByAssignee+t.Assignee, opened)
	}
	if t.CustomerID != "" {
		f.Index(ticketsByCustomer+t.CustomerID, opened)
	}
	if !t.unsettled() {
		return
	}
	due := "~" + opened // after every time
	if !t.DueAt.IsZero() {
		due = SortTime(t.DueAt)
	}
	f.Index(queueAll, due)
	f.Index(queueByPriority+t.Priority, due)
	if t.Assignee != "" {
		f.Index(queueByAssignee+t.Assignee, due)
	}
	if t.CustomerID != "" {
		f.Index(queueByCustomer+t.CustomerID, due)
	}
}

// List returns a page of tickets, see Ticket. It fails with ErrCursor.
func (q Tickets) List(ctx context.Context, filter TicketFilter) (List, error) {
	return list(ctx, q.Views, filter.listing(), filter.Paging)
}

// listing chooses the index that leaves the fewest documents to check.
func (f TicketFilter) listing() listing {
	f.Paging = Paging{}
	settled := f.Status == ticket.StatusResolved || f.Status == ticket.StatusClosed
	switch {
	case f.Sort == "" && settled:
		f.Sort = sortByOpened
	case f.Sort == "due":
		f.Sort = "" // one list, and so one cursor, however it is asked for
	}
	l := listing{model: TicketModel, filter: f}
	left := f // what the index does not answer
	left.Sort, left.DueBefore = "", time.Time{}
	if f.Sort == sortByOpened {
		l.newest = true
		switch {
		case f.CustomerID != "":
			l.index, left.CustomerID = ticketsByCustomer+f.CustomerID, ""
		case f.Assignee != "":
			l.index, left.Assignee = ticketsByAssignee+f.Assignee, ""
		case f.Status != "":
			l.index, left.Status = ticketsByStatus+f.Status, ""
		default:
			l.index = ticketsAll
		}
	} else {
		switch {
		case f.CustomerID != "":
			l.index, left.CustomerID = queueByCustomer+f.CustomerID, ""
		case f.Assignee != "":
			l.index, left.Assignee = queueByAssignee+f.Assignee, ""
		case f.Priority != "":
			l.index, left.Priority = queueByPriority+f.Priority, ""
		default:
			l.index = queueAll
		}
		if !f.DueBefore.IsZero() {
			l.below, l.totalUnknown = SortTime(f.DueBefore), true
		}
	}
	if left != (TicketFilter{}) {
		l.fits = checked(left.fits)
	}
	return l
}

// ticketKeys is what can be filtered by.
type ticketKeys struct {
	Assignee   string `json:"assignee"`
	Priority   string `json:"priority"`
	Status     string `json:"status"`
	Category   string `json:"category"`
	CustomerID string `json:"customer_id"`
}

func (f TicketFilter) fits(t ticketKeys) bool {
	return asked(f.Assignee, t.Assignee) && asked(f.Priority, t.Priority) && asked(f.Status, t.Status) &&
		asked(f.Category, t.Category) && asked(f.CustomerID, t.CustomerID)
}
