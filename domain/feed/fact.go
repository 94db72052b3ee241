package feed

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Fact is an event as it is handed on: what was recorded, never what has become
// of the record since. Events of one stream come in the order of their
// revisions, and may come again; the id tells.
type Fact struct {
	ID            string          `json:"id" doc:"Id of the event; the same whenever it is sent again" format:"uuid" example:"7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22"`
	Type          string          `json:"type" doc:"What happened, with the version of its form" example:"deal.stage_moved.v1"`
	Timestamp     time.Time       `json:"timestamp" doc:"When it happened: occurred_at, under the name that Standard Webhooks gives it" example:"2024-05-31T09:30:00Z"`
	Stream        string          `json:"stream" doc:"Whom it happened to" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision      uint64          `json:"revision" doc:"Place in the stream, from 0 and without gaps" example:"3"`
	Position      domain.Position `json:"position" doc:"Place in the log: the feed resumes behind it" example:"8312/8312"`
	OccurredAt    time.Time       `json:"occurred_at" doc:"When it happened" example:"2024-05-31T09:30:00Z"`
	RecordedAt    time.Time       `json:"recorded_at" doc:"When it was recorded" example:"2024-05-31T09:30:00.120Z"`
	Actor         Actor           `json:"actor" doc:"Who did it"`
	Command       string          `json:"command,omitempty" doc:"Command it came from" example:"move-deal"`
	CorrelationID string          `json:"correlation_id,omitempty" doc:"Ties everything that one cause led to" example:"campaign-2024-05"`
	CausationID   string          `json:"causation_id,omitempty" doc:"Id of the command" example:"0190b3f2-58a3-7d1e-9c52-6b1a6f0b8f10"`
	PolicyVersion int             `json:"policy_version,omitempty" doc:"Version of the process pack in force" example:"1"`
	Data          json.RawMessage `json:"data" doc:"The fact itself, as recorded; its form is that of its type" example:"{\"deal_id\":\"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11\",\"from\":\"lead\",\"to\":\"qualified\"}"`

	// Recorded is the event as the program reads it, for a Sight to decide on.
	Recorded domain.Recorded `json:"-"`
}

// Actor is who did something, and in which role.
type Actor struct {
	ID   string `json:"id" doc:"Who" example:"ann"`
	Role string `json:"role" doc:"In which role" example:"sales"`
}

// Of makes a fact of an event that was read as domain.AsStored; false if it is
// no part of the feed.
func Of(r domain.Recorded) (Fact, bool) {
	stored, ok := r.Event.(domain.AsStored)
	if !ok || !published(stored.Type) {
		return Fact{}, false
	}
	r.Event = stored.Event
	f := Fact{
		ID: r.ID, Type: stored.Type, Timestamp: r.OccurredAt(), Stream: r.Stream, Revision: r.Revision, Position: r.Position,
		OccurredAt: r.OccurredAt(), RecordedAt: r.RecordedAt, Actor: Actor(r.Meta.Actor), Command: r.Meta.Command,
		CorrelationID: r.Meta.CorrelationID, CausationID: r.Meta.CausationID, PolicyVersion: r.Meta.PolicyVersion,
		Data: stored.Data, Recorded: r,
	}
	if !json.Valid(f.Data) { // written by another program; it is handed on as text
		f.Data, _ = json.Marshal(string(stored.Data))
	}
	return f, true
}

// JSON is the fact on one line. Data is as it is stored, but for white space.
func (f Fact) JSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(f)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
