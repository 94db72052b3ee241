package domain

import "time"

// Meta is what every event carries beside its payload. The JSON names with a
// dollar sign are the log's own, so its tools can follow them.
type Meta struct {
	CorrelationID string    `json:"$correlationId,omitempty"`
	CausationID   string    `json:"$causationId,omitempty"` // id of the command
	Command       string    `json:"command,omitempty"`      // name of the command, "move-deal"
	Digest        string    `json:"digest,omitempty"`       // of the command's content; tells a repeat from a reused key
	Actor         Actor     `json:"actor"`
	OccurredAt    time.Time `json:"occurred_at"`
	PolicyVersion int       `json:"policy_version,omitempty"`
	TraceParent   string    `json:"traceparent,omitempty"`
}

// Actor is who did something, and in which role. It comes from the caller's
// credentials, never from a request body.
type Actor struct {
	ID   string `json:"id" doc:"Who it was" example:"ann"`
	Role string `json:"role" doc:"The role they acted in" example:"sales"`
}

// Instant is t as it is stored: UTC, whole milliseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
