package disclosure

import "github.com/annals-crm/annals/domain"

// Event is any fact in the stream of a disclosure.
//
//sumtype:decl
type Event interface {
	domain.Event
	disclosureEvent()
}

// Recorded says what was shown to the actor of the event. It holds no personal
// data: of the question only the names of its parameters are kept.
type Recorded struct {
	DisclosureID string   `json:"disclosure_id"`
	Operation    string   `json:"operation"`            // as in the API, "get-customer"
	Kind         string   `json:"kind"`                 // of the records, "customers"
	Records      []string `json:"records"`              // ids; of a history the one it is of
	Format       string   `json:"format"`               // "json", or that of an export
	Parameters   []string `json:"parameters,omitempty"` // names of those that narrowed the question
}

// EventType is the wire name.
func (Recorded) EventType() string { return "disclosure.recorded.v1" }

func (Recorded) disclosureEvent() {}

// Types lists every wire type found in streams of disclosures.
var Types = []domain.Type{domain.Current[Recorded]()}
