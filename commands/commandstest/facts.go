package commandstest

import (
	"time"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
)

// Happened is the event the suite appends.
type Happened struct {
	Number int    `json:"number"`
	Text   string `json:"text,omitempty"`
}

// EventType is the wire name of Happened.
func (Happened) EventType() string { return "suite.happened.v1" }

// Types are the wire types a store under test has to know.
func Types() []domain.Type { return []domain.Type{domain.Current[Happened]()} }

// Facts makes n new events, numbered from first on.
func Facts(first, n int) []domain.NewEvent {
	facts := make([]domain.NewEvent, n)
	for i := range facts {
		facts[i] = domain.NewEvent{
			ID: uuid.NewString(), Event: Happened{Number: first + i},
			Meta: domain.Meta{
				CorrelationID: "c-1", CausationID: "k-1", Command: "make-happen", Digest: "d41d",
				Actor: domain.Actor{ID: "u-1", Role: "agent"}, PolicyVersion: 3, TraceParent: "00-1-2-01",
				OccurredAt: time.Date(2024, 5, 31, 9, 30, 0, int(123*time.Millisecond), time.UTC),
			},
		}
	}
	return facts
}

// NewStream is a stream nobody else has, so the suite may share a server.
func NewStream() string { return "suite-" + uuid.NewString() }
