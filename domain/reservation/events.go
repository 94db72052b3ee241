package reservation

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in a reservation's stream.
//
//sumtype:decl
type Event interface {
	domain.Event
	reservationEvent()
}

// Claimed gives the key to one record. ClaimedAt is the clock of the writer,
// also when an import dates the record itself years back: it tells a claim
// whose record is still being written from one left behind by a crash.
type Claimed struct {
	Holder    string    `json:"holder"`
	Command   string    `json:"command"` // id of the command that asked
	ClaimedAt time.Time `json:"claimed_at"`
}

// Released frees the key again.
type Released struct {
	Holder string `json:"holder"`
}

// EventType is the wire name.
func (Claimed) EventType() string { return "reservation.claimed.v1" }

// EventType is the wire name.
func (Released) EventType() string { return "reservation.released.v1" }

func (Claimed) reservationEvent()  {}
func (Released) reservationEvent() {}

// Types lists every wire type found in reservation streams.
var Types = []domain.Type{
	domain.Current[Claimed](),
	domain.Current[Released](),
}
