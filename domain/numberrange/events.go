package numberrange

import "github.com/annals-crm/annals/domain"

// Event is any fact in a number range's stream.
//
//sumtype:decl
type Event interface {
	domain.Event
	numberRangeEvent()
}

// Assigned hands out one number for good (X5: never reset, never reused). Its
// place in the stream is the running number in it.
type Assigned struct {
	Number string `json:"number"`
	For    string `json:"for"` // id of the record that got it
}

// EventType is the wire name.
func (Assigned) EventType() string { return "number_range.assigned.v1" }

func (Assigned) numberRangeEvent() {}

// Types lists every wire type found in number-range streams.
var Types = []domain.Type{domain.Current[Assigned]()}
