package policy

import "slices"

// Tickets is what the pack says about service tickets.
type Tickets struct {
	Priorities         []string `json:"priorities" doc:"From the most to the least urgent"` // TK-10
	DefaultPriority    string   `json:"default_priority"`
	Complexities       []string `json:"complexities"` // X10
	DefaultComplexity  string   `json:"default_complexity"`
	Types              []string `json:"types"`      // TK-09
	Attributes         []string `json:"attributes"` // FB-05
	Categories         []string `json:"categories"` // TK-12
	Scenes             []string `json:"scenes"`     // FB-07
	Channels           []string `json:"channels"`
	WaitingReasons     []string `json:"waiting_reasons"`
	SLA                []SLA    `json:"sla" doc:"The first that fits a ticket applies; the last fits every ticket"` // definitions 5.1.8
	WarnAtPct          []int    `json:"warn_at_pct" doc:"Shares of a target used up at which to warn"`              // TK-14
	ReopenGraceSeconds int64    `json:"reopen_grace_seconds"`                                                       // definitions 5.1.6
	FirstFixSeconds    int64    `json:"first_fix_seconds" doc:"Without a further ticket within this, the first contact resolved it"`
	RankingEvery       string   `json:"ranking_every" enum:"week,month,quarter"` // TK-17
}

// SLA is the promise to the tickets that When fits.
type SLA struct {
	Name     string    `json:"name"`
	When     Condition `json:"when"`
	Calendar string    `json:"calendar" doc:"24x7 is clock time" example:"24x7"` // X8
	Targets  []Target  `json:"targets"`
}

// Condition fits tickets that have every value it names; empty fits all.
type Condition struct {
	Priority   string `json:"priority,omitempty"`
	Complexity string `json:"complexity,omitempty"`
	Type       string `json:"type,omitempty"`
	Category   string `json:"category,omitempty"`
	Scene      string `json:"scene,omitempty"`
}

// Target is the time one clock of a ticket may take. Seconds 0 is no clock.
type Target struct {
	Name     string   `json:"name" enum:"first_response,first_solution,resolution"`
	Seconds  int64    `json:"seconds"`
	PausedBy []string `json:"paused_by,omitempty" doc:"Waiting reasons that stop the clock"`
}

// The clocks of a ticket (definitions 5.1.4).
const (
	FirstResponse = "first_response" // opened to first public reply of a human (TK-01)
	FirstSolution = "first_solution" // opened to solution proposed (TK-02)
	Resolution    = "resolution"     // opened to resolved (TK-03, TK-04)
)

// AroundTheClock is the calendar without closing time (X8).
const AroundTheClock = "24x7"

// The reasons a ticket of the standard pack waits for.
const (
	WaitingForCustomer   = "customer"
	WaitingForThirdParty = "third_party"
)

// SLAFor is the first promise that fits a ticket of these attributes.
func (t Tickets) SLAFor(ticket Condition) SLA {
	for _, s := range t.SLA {
		if s.When.fits(ticket) {
			return s
		}
	}
	return SLA{}
}

// Target finds a target by name; one without seconds if there is none.
func (s SLA) Target(name string) Target {
	if i := slices.IndexFunc(s.Targets, func(t Target) bool { return t.Name == name }); i >= 0 {
		return s.Targets[i]
	}
	return Target{Name: name}
}

// fits also tells whether a condition covers another one: every ticket the
// other fits, it fits too.
func (c Condition) fits(t Condition) bool {
	return (c.Priority == "" || c.Priority == t.Priority) &&
		(c.Complexity == "" || c.Complexity == t.Complexity) &&
		(c.Type == "" || c.Type == t.Type) &&
		(c.Category == "" || c.Category == t.Category) &&
		(c.Scene == "" || c.Scene == t.Scene)
}
