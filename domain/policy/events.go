package policy

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in a policy's stream.
//
//sumtype:decl
type Event interface {
	domain.Event
	policyEvent()
}

// Published puts a version of the process pack into force from a business time
// on, which may lie in the past (a correction) or in the future. The first
// version is in force since the beginning of time, whatever EffectiveFrom says.
type Published struct {
	Version       int       `json:"version"`
	Pack          Pack      `json:"pack"`
	EffectiveFrom time.Time `json:"effective_from"`
	PublishedBy   string    `json:"published_by,omitempty"`
}

// EventType is the wire name.
func (Published) EventType() string { return "policy.published.v1" }

func (Published) policyEvent() {}

// Types lists every wire type found in policy streams.
var Types = []domain.Type{domain.Current[Published]()}
