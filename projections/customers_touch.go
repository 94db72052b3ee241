package projections

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
)

const (
	latestShown   = 5   // interactions on a card
	summaryLength = 100 // characters of each (CM-17: concise)
)

// Interaction is a line of the digest on a customer's card.
type Interaction struct {
	ID        string    `json:"interaction_id" doc:"Id of the interaction"`
	At        time.Time `json:"at" doc:"When it happened"`
	Channel   string    `json:"channel" doc:"How" example:"phone"`
	Direction string    `json:"direction" enum:"inbound,outbound" doc:"Who got in touch: the customer, or we"`
	TwoWay    bool      `json:"two_way" doc:"Whether the customer was in touch, too"`
	Summary   string    `json:"summary,omitempty" doc:"Its first 100 characters"`
}

// interaction keeps the latest ones by when they happened: one may be recorded
// long after it did.
func (c *Customer) interaction(e customer.InteractionLogged) {
	c.Interactions++
	c.inTouch(e.At, e.TwoWay)
	line := Interaction{ID: e.InteractionID, At: e.At, Channel: e.Channel, Direction: e.Direction, TwoWay: e.TwoWay, Summary: e.Summary}
	if text := []rune(line.Summary); len(text) > summaryLength {
		line.Summary = string(text[:summaryLength-1]) + "…"
	}
	at := slices.IndexFunc(c.Latest, func(x Interaction) bool { return !x.At.After(line.At) })
	if at < 0 {
		at = len(c.Latest)
	}
	c.Latest = slices.Insert(c.Latest, at, line)
	c.Latest = c.Latest[:min(len(c.Latest), latestShown)]
}

// inTouch notes the first and last time anyone was in touch (CM-16), and the
// last time the customer was (definitions 5.7).
func (c *Customer) inTouch(at time.Time, twoWay bool) {
	if c.FirstContactAt.IsZero() || at.Before(c.FirstContactAt) {
		c.FirstContactAt = at
	}
	if at.After(c.LastInteractionAt) {
		c.LastInteractionAt = at
	}
	if twoWay && at.After(c.LastTwoWayAt) {
		c.LastTwoWayAt = at
	}
}

func (c *Customer) tag(t customer.Tag) {
	if c.Tags == nil {
		c.Tags = map[string][]string{}
	}
	c.Tags[t.Dimension] = append(c.Tags[t.Dimension], t.Value)
}

func (c *Customer) untag(t customer.Tag) {
	left := slices.DeleteFunc(c.Tags[t.Dimension], func(v string) bool { return v == t.Value })
	if len(left) == 0 {
		delete(c.Tags, t.Dimension)
		return
	}
	c.Tags[t.Dimension] = left
}

// DealCounts are the deals of a customer.
type DealCounts struct {
	Open int `json:"open" doc:"Open ones"`
	Won  int `json:"won" doc:"Won ones"`
	Lost int `json:"lost" doc:"Lost ones"`
}

func (d *DealCounts) move(from, to string) {
	d.count(from, -1)
	d.count(to, 1)
}

func (d *DealCounts) count(status string, n int) {
	switch status {
	case deal.Open:
		d.Open += n
	case deal.StatusWon:
		d.Won += n
	case deal.StatusLost:
		d.Lost += n
	}
}
