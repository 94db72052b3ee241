package projections

import (
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Whether the first contact solved a problem depends on other tickets: no new
// one of the same customer and category may follow within some days (definitions
// 5.1.9). So tickets tell a document of their customer and category when they
// were opened, and when the first contact resolved them. There is one such
// document, a shard, per month: it stays small, and an opening is told to every
// month in which a ticket may have been resolved that it follows.

const shardPrefix = "case/"

func isShard(id string) bool { return strings.HasPrefix(id, shardPrefix) || id == policyID }

// caseFact is what a ticket tells of its opening or its resolving.
type caseFact struct {
	At       int64  `json:"at"` // in milliseconds
	Resolved bool   `json:"resolved,omitempty"`
	Assignee string `json:"assignee,omitempty"`
	Priority string `json:"priority,omitempty"`
	Category string `json:"category,omitempty"`
	Channel  string `json:"channel,omitempty"`
}

// ticketBasis is what facts of tickets depend on in a pack.
func ticketBasis(p policy.Pack) any {
	return struct {
		zone  string
		fixed int64
	}{p.Zone, p.Tickets.FirstFixSeconds}
}

// tellCases tells the shards of the ticket's customer and category.
func (t *Ticket) tellCases(f *Facts) {
	if t.CustomerID == "" {
		return
	}
	longest := int64(0)
	for _, r := range f.rules.reigns {
		longest = max(longest, r.pack.Tickets.FirstFixSeconds)
	}
	opened := caseFact{At: t.OpenedAt.UnixMilli()}
	for month := shardMonth(t.OpenedAt.Add(-time.Duration(longest) * time.Second)); !month.After(t.OpenedAt); month = month.AddDate(0, 1, 0) {
		f.Tell(t.caseShard(month), "o"+t.ID, opened)
	}
	if t.FirstContact && !t.unsettled() {
		f.Tell(t.caseShard(shardMonth(t.ResolvedAt)), "r"+t.ID, caseFact{
			At: t.ResolvedAt.UnixMilli(), Resolved: true, Assignee: t.Assignee, Priority: t.Priority, Category: t.Category, Channel: t.Channel,
		})
	}
}

// shardMonth is the first instant of a month. Shards have nothing to do with the
// organisation's zone.
func shardMonth(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

func (t *Ticket) caseShard(month time.Time) string {
	return shardPrefix + t.CustomerID + "/" + t.Category + "/" + month.Format("2006-01")
}

func (t *ticketDocument) told(key string, what any) {
	fact, tells := what.(caseFact)
	if !tells {
		delete(t.Cases, key)
		return
	}
	if t.Cases == nil {
		t.Cases = map[string]caseFact{}
	}
	t.Cases[key] = fact
}

// caseFacts counts the tickets of the shard that the first contact solved: none
// was opened after them in time.
func (t *ticketDocument) caseFacts(f *Facts) {
	for key, c := range t.Cases {
		if !c.Resolved {
			continue
		}
		at := time.UnixMilli(c.At).UTC()
		pack := f.rules.at(at)
		if t.followed(key[1:], c.At, c.At+pack.Tickets.FirstFixSeconds*1000) {
			continue
		}
		tally := Tally{f: f, in: ticketDimensions(c.Assignee, c.Priority, c.Category, c.Channel), broken: Months}
		tally.Count(ticketsFixed, "", domain.DateOf(at, pack.Location()))
	}
}

// followed tells whether another ticket was opened from one instant up to another.
func (t *ticketDocument) followed(id string, from, to int64) bool {
	for key, c := range t.Cases {
		if !c.Resolved && key[1:] != id && from <= c.At && c.At < to {
			return true
		}
	}
	return false
}
