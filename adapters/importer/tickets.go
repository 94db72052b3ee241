package importer

import (
	"slices"
	"strconv"
	"time"
)

// activity is one row of a case.
type activity struct {
	name, note string
	at         time.Time
}

// ticketCase gathers the rows of one case.
type ticketCase struct {
	first, last *reading
	resolvedAt  *time.Time
	activities  []activity
	rows        int
	refused     []Refusal
}

// add takes the next row of the case.
func (c *ticketCase) add(b *binding, r row) {
	r.cells = slices.Clone(r.cells) // the first and last row outlive the reading of others
	x := b.read(r)
	a := activity{x.text("activity"), x.text("note"), x.requiredTime("at")}
	if resolved := x.time("resolved_at"); resolved != nil {
		c.resolvedAt = resolved
	}
	c.rows++
	c.refused = append(c.refused, x.problems...)
	c.activities = append(c.activities, a)
	if c.first == nil || a.at.Before(c.first.at()) {
		c.first = x
	}
	if c.last == nil || !a.at.Before(c.last.at()) {
		c.last = x
	}
}

// at is the time of a row whose time was found to be good.
func (x *reading) at() time.Time {
	if t := x.time("at"); t != nil {
		return *t
	}
	return time.Time{}
}

// plan is what the case asks for: opened by its first activity and, if the
// mapping says so, resolved by its last. One bad row refuses the case, as its
// process would otherwise be told wrongly.
func (c *ticketCase) plan() (*Plan, []Refusal) {
	if len(c.refused) > 0 {
		return nil, c.refused
	}
	x := c.first
	open := openTicket{
		Subject: x.required("subject"), Description: x.text("description"), Channel: x.text("channel"),
		Priority: x.text("priority"), Complexity: x.text("complexity"), Type: x.text("type"), Attribute: x.text("attribute"),
		Category: x.text("category"), Scene: x.text("scene"), ExternalID: x.id, OccurredAt: x.at(),
	}
	customer := x.customer()
	if len(x.problems) > 0 {
		return nil, x.problems
	}
	plan := &Plan{Line: x.row.line, Rows: c.rows, ExternalID: x.id, Customer: customer}
	plan.Steps = append(plan.Steps, Step{"open", "open-ticket", func(ids IDs) any {
		body := open
		body.CustomerID = ids.Customer
		return body
	}})
	// Stable: rows of the same second keep the order of the file.
	slices.SortStableFunc(c.activities, func(a, b activity) int { return a.at.Compare(b.at) })
	for i, a := range c.activities {
		if a.name == "" {
			continue
		}
		plan.Steps = append(plan.Steps, Step{"activity:" + strconv.Itoa(i+1), "log-ticket-activity", func(ids IDs) any {
			return logActivity{TicketID: ids.Record, Activity: a.name, Note: a.note, OccurredAt: a.at}
		}})
	}
	resolved := c.resolvedAt
	if resolved == nil && x.mapping.Resolve == "last_row" {
		resolved = &c.activities[len(c.activities)-1].at
	}
	if resolved != nil {
		solution := c.last.text("solution")
		plan.Steps = append(plan.Steps, Step{"resolve", "resolve-ticket", func(ids IDs) any {
			return resolveTicket{TicketID: ids.Record, Solution: solution, OccurredAt: *resolved}
		}})
	}
	return plan, nil
}
