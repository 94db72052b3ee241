package readmodel

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream about read models.
//
//sumtype:decl
type Event interface {
	domain.Event
	readModelEvent()
}

// ParkedDiscarded gives events up for one version of a read model, which could
// not fold them. The events stay in the log; whoever builds that version again
// leaves them out again, and a later version tries them anew.
type ParkedDiscarded struct {
	ReadModel   string      `json:"read_model"`
	Version     int         `json:"version"`
	Stream      string      `json:"stream"`
	Events      []Discarded `json:"events"`
	Reason      string      `json:"reason"`
	DiscardedBy string      `json:"discarded_by"`
	DiscardedAt time.Time   `json:"discarded_at"`
}

// Discarded is one event that was given up, and why it could not be folded;
// without a failure it waited behind one that could not.
type Discarded struct {
	Revision uint64 `json:"revision" doc:"Its revision in the stream" example:"17"`
	EventID  string `json:"event_id" doc:"Id of the event"`
	Type     string `json:"type" doc:"Type of the event" example:"deal.opened.v1"`
	Failure  string `json:"failure,omitempty" doc:"Why it could not be folded; empty if it waited behind another" example:"unexpected end of JSON input"`
}

// EventType is the wire name.
func (ParkedDiscarded) EventType() string { return "read_model.parked_discarded.v1" }

func (ParkedDiscarded) readModelEvent() {}

// Types lists every wire type found in the stream about read models.
var Types = []domain.Type{domain.Current[ParkedDiscarded]()}
