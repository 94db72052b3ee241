package incarnation

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in the stream of incarnations.
//
//sumtype:decl
type Event interface {
	domain.Event
	incarnationEvent()
}

// Begun says that the log holds only what it held at some time before, and goes
// on from there. BackupMadeAt and Position are not known of every backup.
type Begun struct {
	Reason       string          `json:"reason"`
	BackupMadeAt *time.Time      `json:"backup_made_at,omitempty"`
	Position     domain.Position `json:"position"` // the backup holds everything up to it
	BegunAt      time.Time       `json:"begun_at"`
}

// EventType is the wire name.
func (Begun) EventType() string { return "incarnation.begun.v1" }

func (Begun) incarnationEvent() {}

// Types lists every wire type found in the stream of incarnations.
var Types = []domain.Type{domain.Current[Begun]()}
