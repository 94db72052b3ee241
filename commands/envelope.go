package commands

import (
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// Envelope is what surrounds every command: who sends it, under which identity
// it is repeated, and what the sender believes.
type Envelope struct {
	Command       string    // its name on the wire, "move-deal"
	CommandID     uuid.UUID // the same for every repeat of one request
	Fresh         bool      // the id was made for this request, so it cannot be a repeat
	CorrelationID string    // ties everything one request led to; the command id if empty
	Actor         domain.Actor
	Reach         access.Reach // records the sender may change; all of them for the program itself
	OccurredAt    time.Time    // business time; now if zero
	Expected      *uint64      // revision the sender has seen (If-Match), if it says so
	TraceParent   string
}

// Result is the answer to a command. A repeated command gets the first one.
type Result struct {
	ID       string          `json:"id" doc:"Id of the record: a UUID, but of what there is only one of, such as the policy, a name" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Stream   string          `json:"stream" doc:"Stream that holds its history" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision uint64          `json:"revision" doc:"Revision of the record after the command" example:"3"`
	Position domain.Position `json:"position" doc:"Log position; a query with min_position set to it sees this command" example:"8312/8312"`
	Events   []string        `json:"events" doc:"Types of the recorded events; empty when there was nothing to change" example:"[\"deal.stage_moved.v1\"]"`
	Created  bool            `json:"-"`
}

// At is embedded by every command: facts may be recorded later than they happened.
type At struct {
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"When it happened, if not now; never in the future" example:"2024-05-31T09:30:00Z"`
}

// Occurred is the business time the sender gave, or zero if they gave none.
func (a At) Occurred() time.Time {
	switch {
	case a.OccurredAt == nil:
		return time.Time{}
	case a.OccurredAt.IsZero(): // given nevertheless, so it does not mean now
		return time.Time{}.Add(time.Millisecond)
	}
	return *a.OccurredAt
}
