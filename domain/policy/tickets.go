package policy

import "slices"

// Tickets is what the pack says about service tickets.
type Tickets struct {
	Priorities         []string `json:"priorities" doc:"From the most to the least urgent"` // TK-10
	DefaultPriority    string   `json:"default_priority" doc:"Priority of a ticket without one" example:"medium"`
	Complexities       []string `json:"complexities" doc:"How hard a ticket can be"` // X10
	DefaultComplexity  string   `json:"default_complexity" doc:"Complexity of a ticket without one" example:"simple"`
	Types              []string `json:"types" doc:"What tickets are about"`           // TK-09
	Attributes         []string `json:"attributes" doc:"What tickets are aimed at"`   // FB-05
	Categories         []string `json:"categories" doc:"Categories of tickets"`       // TK-12
	Scenes             []string `json:"scenes" doc:"Where in a sale tickets come up"` // FB-07
	Channels           []string `json:"channels" doc:"Channels that tickets come through"`
	WaitingReasons     []string `json:"waiting_reasons" doc:"What a ticket can wait for"`
	SLA                []SLA    `json:"sla" doc:"The first that fits a ticket applies; the last fits every ticket"`                  // definitions 5.1.8
	WarnAtPct          []int    `json:"warn_at_pct" doc:"Shares of a target used up at which to warn"`                               // TK-14
	ReopenGraceSeconds int64    `json:"reopen_grace_seconds" doc:"Time in which a resolved ticket can be reopened" example:"604800"` // definitions 5.1.6
	FirstFixSeconds    int64    `json:"first_fix_seconds" doc:"Without a further ticket within this, the first contact resolved it"`
	RankingEvery       string   `json:"ranking_every" doc:"How often categories are ranked" enum:"week,month,quarter"` // TK-17
}

// SLA is the promise to the tickets that When fits.
type SLA struct {
	Name     string    `json:"name" doc:"Name" example:"standard"`
	When     Condition `json:"when"`
	Calendar string    `json:"calendar" doc:"24x7 is clock time" example:"24x7"` // X8
	Targets  []Target  `json:"targets" doc:"What is promised"`
}

// Condition fits tickets that have every value it names; empty fits all.
type Condition struct {
	Priority   string `json:"priority,omitempty" doc:"Priority; any if left out" example:"high"`
	Complexity string `json:"complexity,omitempty" doc:"Complexity; any if left out" example:"simple"`
	Type       string `json:"type,omitempty" doc:"Type; any if left out" example:"complaint"`
	Category   string `json:"category,omitempty" doc:"Category; any if left out" example:"hardware"`
	Scene      string `json:"scene,omitempty" doc:"Scene; any if left out" example:"after_sale"`
}

// Target is the time one clock of a ticket may take. Seconds 0 is no clock.
type Target struct {
	Name     string   `json:"name" doc:"What is to happen in time" enum:"first_response,first_solution,resolution"`
	Seconds  int64    `json:"seconds" doc:"Time it may take" example:"14400"`
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
