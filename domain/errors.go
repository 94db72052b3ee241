package domain

// Kind says what a caller can do about an error.
type Kind int

// The kinds of error a command or query can end in.
const (
	Invalid     Kind = iota + 1 // the request can never succeed as sent
	Missing                     // nothing has the given id
	Refused                     // the current state forbids it
	Conflict                    // another writer got in first; look and try again
	Denied                      // the caller may not do this
	Unavailable                 // a part is out of reach for now; the same request may succeed later
)

// Error is an outcome a caller is told about. Any other error is a fault of
// ours: logged in full, and shown to the caller only as "internal error".
type Error struct {
	Kind    Kind
	Code    string // stable, for machines
	Message string // for people: what is wrong and what would be right
	Field   string // the field at fault, if one is
	Details any    // further facts for the caller, as JSON

	text Text // what Message was made of, if not of itself
}

func (e *Error) Error() string { return e.Message }

// Is holds for errors of one code, so a fuller message still matches.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because is the same error with a message for this occasion.
func (e *Error) Because(format string, args ...any) *Error { return e.Saying(Say(format, args...)) }

// Saying is Because with a message that was made before.
func (e *Error) Saying(t Text) *Error {
	c := *e
	c.Message, c.text = t.String(), t
	return &c
}

// Text is Message with what it was made of.
func (e *Error) Text() Text {
	if e.text.said != e.Message { // declared, or received
		return Text{said: e.Message, format: e.Message}
	}
	return e.text
}

// In is the same error, pointing at a field of the request.
func (e *Error) In(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// With is the same error with further facts for the caller.
func (e *Error) With(details any) *Error {
	c := *e
	c.Details = details
	return &c
}

// Errors that any command or query can end in.
var (
	ErrConflict    = &Error{Kind: Conflict, Code: "conflict", Message: "someone else changed this at the same time; read it again and repeat"}
	ErrUnavailable = &Error{Kind: Unavailable, Code: "log_unavailable", Message: "the event log is out of reach; repeat the request with the same Idempotency-Key"}
	ErrKeyReused   = &Error{Kind: Refused, Code: "idempotency_key_reused", Message: "this Idempotency-Key was used for a different request; use a new key"}
	ErrBadPosition = &Error{Kind: Invalid, Code: "bad_position", Message: "not a log position"}
	ErrBadID       = &Error{Kind: Invalid, Code: "bad_id", Message: "not a UUID"}
	ErrTooEarly    = &Error{Kind: Invalid, Code: "occurred_too_early", Message: "occurred_at lies before 1900, which is more likely a time that was never filled in", Field: "occurred_at"}
	ErrFuture      = &Error{Kind: Invalid, Code: "occurred_in_future", Message: "occurred_at lies in the future", Field: "occurred_at"}
)
