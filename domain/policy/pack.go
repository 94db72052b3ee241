package policy

import (
	"sync"
	"time"
)

// Pack is one standard process pack (requirements 1.0): every number and list
// of the process documents. Durations are whole seconds, money is minor units,
// shares are per cent.
type Pack struct {
	Zone        string      `json:"zone" doc:"IANA zone that days and months are counted in" example:"Asia/Shanghai"`
	Currency    string      `json:"currency" doc:"ISO 4217 code" example:"CNY"`
	Customers   Customers   `json:"customers"`
	Sales       Sales       `json:"sales"`
	Tickets     Tickets     `json:"tickets"`
	Engagement  Engagement  `json:"engagement"`
	Improvement Improvement `json:"improvement"`
	Goals       Goals       `json:"goals"`
	// RequirementPriorities say what P0 to P2 mean; not to be mixed with the
	// priorities of tickets (X13).
	RequirementPriorities map[string]string `json:"requirement_priorities" doc:"Names of the priorities of requirements, by letter"`
}

// Goals are the figures reports are held against; no decision depends on them.
type Goals struct {
	EntryTimelinessPct        int   `json:"entry_timeliness_pct" doc:"Customers entered in time, of all" example:"95"`                 // DG-10
	CompletenessPct           int   `json:"completeness_pct" doc:"Fields filled in, of all" example:"90"`                              // DG-09
	DormantWakeupPct          int   `json:"dormant_wakeup_pct" doc:"Dormant customers woken up, of all" example:"10"`                  // LC-08
	MeanFirstResponseSeconds  int64 `json:"mean_first_response_seconds" doc:"Mean time to the first response, at most" example:"7200"` // TK-06, X2
	FirstContactResolutionPct int   `json:"first_contact_resolution_pct" doc:"Tickets resolved with one reply, of all" example:"70"`   // TK-18
	SatisfactionPoints        int   `json:"satisfaction_points" doc:"Satisfaction, of 100 points" example:"90"`                        // AN-05, of 100
}

// Location is the zone of the pack; UTC if the program does not know it, which
// Check refuses.
func (p Pack) Location() *time.Location {
	if zone, ok := zones.Load(p.Zone); ok {
		return zone.(*time.Location) //nolint:errcheck // only locations are stored
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(p.Zone, zone)
	return zone
}

var zones sync.Map // loading a zone reads a file; every decision needs one
