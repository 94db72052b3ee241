package webhook

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Progress is how far a webhook has come: every fact up to Position that it asks
// for was taken by the receiver, but for those of the streams that are blocked.
type Progress struct {
	Position     domain.Position `json:"position"`
	Replays      int             `json:"replays"` // of the webhook, when it was so far
	FailingSince time.Time       `json:"failing_since,omitzero"`
	Blocked      []Blocked       `json:"blocked,omitempty"` // by stream
}

// Blocked is a stream whose facts wait for one that was not taken yet.
type Blocked struct {
	Stream     string    `json:"stream" doc:"Whose facts wait" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision   uint64    `json:"revision" doc:"The first that was not taken yet" example:"3"`
	EventID    string    `json:"event_id" doc:"Its id"`
	Type       string    `json:"type" doc:"Its type" example:"deal.won.v1"`
	RecordedAt time.Time `json:"recorded_at" doc:"When it was recorded"`
	Attempts   int       `json:"attempts" doc:"How often it was sent" example:"4"`
	Since      time.Time `json:"since,omitzero" doc:"When it was sent first; not there if it has not been"`
	Next       time.Time `json:"next,omitzero" doc:"When it is sent; while the receiver is down the first of those that wait is, and the others once that was taken. Not there while the webhook is paused or disabled"`
	Status     int       `json:"status,omitempty" doc:"HTTP status of the last answer" example:"500"`
	Error      string    `json:"error,omitempty" doc:"Why it was not taken" example:"answered with 500 Internal Server Error"`
}

// Further tells whether p is ahead of q.
func (p Progress) Further(q Progress) bool {
	if p.Replays != q.Replays {
		return p.Replays > q.Replays
	}
	return p.Position.Compare(q.Position) > 0
}

// ProgressAggregate says where checkpoints are kept: beside the webhook, whose
// own stream tells what people decided.
var ProgressAggregate = domain.Aggregate[Progress, ProgressEvent]{
	Category: "webhook_progress", Evolve: EvolveProgress, Snapshot: 1, NotFound: ErrNotFound,
}

// ProgressEvent is any fact about how far a webhook has come.
//
//sumtype:decl
type ProgressEvent interface {
	domain.Event
	progressEvent()
}

// Checkpointed is recorded now and then, so that the place outlives Redis.
type Checkpointed struct {
	WebhookID string `json:"webhook_id"`
	Progress
}

// EventType is the wire name.
func (Checkpointed) EventType() string { return "webhook.checkpointed.v1" }

func (Checkpointed) progressEvent() {}

// EvolveProgress is how far it is after e.
func EvolveProgress(_ Progress, e ProgressEvent) Progress {
	switch e := e.(type) {
	case Checkpointed:
		return e.Progress
	}
	return Progress{}
}

// Checkpoint records progress.
func (p Progress) Checkpoint(e Checkpointed) ([]ProgressEvent, error) {
	if p.Further(e.Progress) {
		return nil, nil
	}
	return []ProgressEvent{e}, nil
}

// Attempt is a fact that was sent once, and what came of it.
type Attempt struct {
	EventID  string          `json:"event_id" doc:"Id of the event, and of the message" format:"uuid"`
	Type     string          `json:"type" doc:"Its type" example:"deal.won.v1"`
	Stream   string          `json:"stream" doc:"Whom it happened to" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision uint64          `json:"revision" doc:"Its place there" example:"3"`
	Position domain.Position `json:"position" doc:"Its place in the log" example:"8312/8312"`
	Number   int             `json:"attempt" doc:"Which attempt it was" example:"1"`
	At       time.Time       `json:"at" doc:"When it was sent"`
	Seconds  float64         `json:"seconds" doc:"Time until it was answered" example:"0.04"`
	Taken    bool            `json:"taken" doc:"Whether the receiver took it: answered with 2xx" example:"true"`
	Status   int             `json:"status,omitempty" doc:"HTTP status of the answer; none if there was no answer" example:"200"`
	Error    string          `json:"error,omitempty" doc:"Why it was not taken" example:"answered with 500 Internal Server Error"`
	Next     time.Time       `json:"next,omitzero" doc:"When it is tried again"`
}
