package tokenuse

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream of a token's use.
//
//sumtype:decl
type Event interface {
	domain.Event
	tokenUseEvent()
}

// Noted says that a request came with the token within an hour. What was asked,
// and from where, is not kept.
type Noted struct {
	TokenID string    `json:"token_id"`
	Hour    time.Time `json:"hour"` // when it began
}

// EventType is the wire name.
func (Noted) EventType() string { return "token_use.noted.v1" }

func (Noted) tokenUseEvent() {}

// Types lists every wire type found in streams of uses.
var Types = []domain.Type{domain.Current[Noted]()}
