package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

const problemJSON = "application/problem+json"

// Problem is how every failed request is answered (RFC 9457).
type Problem struct {
	Type     string  `json:"type" doc:"Names the kind of problem; the code is its last part" example:"urn:annals:problem:validation_failed"`
	Title    string  `json:"title" doc:"What the status means" example:"Unprocessable Entity"`
	Status   int     `json:"status" doc:"HTTP status" example:"422"`
	Detail   string  `json:"detail" doc:"What is wrong and what would be right, for people" example:"the request does not fit its schema; see errors"`
	Code     string  `json:"code" doc:"Stable code, for machines" example:"validation_failed"`
	Instance string  `json:"instance,omitempty" doc:"Names this occurrence; our log has it under this id" example:"urn:uuid:0190b3f2-58a3-7d1e-9c52-6b1a6f0b8f10"`
	Errors   []Fault `json:"errors,omitempty" doc:"The parts of the request at fault"`
	Details  any     `json:"details,omitempty" doc:"Further facts; a conflict names the events that came in between"`

	header http.Header
}

// Fault points at one part of a request.
type Fault struct {
	Location string `json:"location" doc:"Where, such as body.name, query.limit, header.If-Match" example:"body.name"`
	Message  string `json:"message" doc:"What is wrong with it" example:"expected length >= 1"`
	Value    any    `json:"value,omitempty" doc:"What was sent, if it is short"`
}

// Errors of the HTTP surface itself; those of commands and queries come from
// their own packages.
var (
	ErrUnauthenticated = &domain.Error{Code: "unauthenticated", Message: "send a valid token as Authorization: Bearer <token>, or as the password of HTTP Basic"}
	// ErrIssuerAway is for a JSON web token that cannot be checked now.
	ErrIssuerAway = &domain.Error{Kind: domain.Unavailable, Code: "issuer_unavailable", Message: "the issuer of your token does not answer, so the token cannot be checked; repeat the request a little later"}
	errNoRoles    = &domain.Error{Kind: domain.Denied, Code: "no_roles", Message: "you are known here, but hold no role; whoever manages your account has to give you one"}
	// ErrNotThatCaller is for a JSON web token whose caller goes by the name of another.
	ErrNotThatCaller   = &domain.Error{Kind: domain.Denied, Code: "caller_name_taken", Message: "your token names a caller that somebody else is here"}
	errTooManyAttempts = &domain.Error{Code: "too_many_attempts", Message: "too many requests with tokens that are not valid came from your address; check the token, and wait for as long as Retry-After says"}
	errForbidden       = &domain.Error{Kind: domain.Denied, Code: "forbidden", Message: "your roles do not allow this"}
	errNoRoute         = &domain.Error{Kind: domain.Missing, Code: "no_such_path", Message: "nothing is served here; see /docs"}
	errMethod          = &domain.Error{Code: "method_not_allowed", Message: "this path is served with another method; see Allow"}
	errTimeout         = &domain.Error{Kind: domain.Unavailable, Code: "timeout", Message: "this took too long; repeat the request, a command with the same Idempotency-Key"}
	errOverloaded      = &domain.Error{Kind: domain.Unavailable, Code: "overloaded", Message: "too many requests at once; repeat the request a little later"}
	errGone            = &domain.Error{Code: "client_gone", Message: "the caller closed the connection"}
	errInternal        = &domain.Error{Code: "internal", Message: "internal error; it is logged under the id in instance"}
	errInvalid         = &domain.Error{Kind: domain.Invalid, Code: "validation_failed", Message: "the request does not fit its schema; see errors"}
	errBadJSON         = &domain.Error{Code: "malformed_json", Message: "the body is not one JSON value"}
	errNoBody          = &domain.Error{Code: "body_missing", Message: "a command needs a JSON body"}
	errBodyRead        = &domain.Error{Code: "body_unreadable", Message: "the body could not be read to its end"}
	errBodySlow        = &domain.Error{Code: "body_too_slow", Message: "the body took too long to arrive"}
	errBodyLarge       = &domain.Error{Code: "body_too_large", Message: "the body is too large"}
	errMedia           = &domain.Error{Code: "unsupported_media_type", Message: "send Content-Type: application/json, not compressed"}
	errUTF8            = &domain.Error{Code: "invalid_utf8", Message: "the text is not valid UTF-8"}
	errControl         = &domain.Error{Code: "control_character", Message: "control characters other than tab and line breaks are not accepted"}
	errNested          = &domain.Error{Code: "too_deeply_nested", Message: "the JSON is nested too deeply"}
	errTwice           = &domain.Error{Code: "duplicate_field", Message: "a field is given twice"}
	errNoSuchPosition  = &domain.Error{Kind: domain.Invalid, Code: "position_not_reached", Message: "the log does not reach that far, so no command was answered with this position", Field: minPosition}
	errQuery           = &domain.Error{Code: "malformed_query", Message: "the query string is not correctly encoded"}
)

// statusOf is the one place that turns an error into an HTTP status.
func statusOf(e *domain.Error) int {
	switch e.Kind {
	case domain.Invalid, domain.Refused:
		return http.StatusUnprocessableEntity
	case domain.Missing:
		return http.StatusNotFound
	case domain.Conflict:
		return http.StatusConflict
	case domain.Denied:
		return http.StatusForbidden
	case domain.Unavailable:
		return http.StatusServiceUnavailable
	}
	switch e.Code { // those that HTTP itself has a status for
	case ErrUnauthenticated.Code:
		return http.StatusUnauthorized
	case errMethod.Code:
		return http.StatusMethodNotAllowed
	case errNotAttempted.Code:
		return http.StatusFailedDependency
	case errRateLimited.Code, errTooManyAttempts.Code:
		return http.StatusTooManyRequests
	case errBodySlow.Code:
		return http.StatusRequestTimeout
	case errBodyLarge.Code:
		return http.StatusRequestEntityTooLarge
	case errMedia.Code:
		return http.StatusUnsupportedMediaType
	case errGone.Code:
		return 499 // nobody reads it; the metrics tell it from a fault of ours
	case errRemoved.Code:
		return http.StatusGone
	case errInternal.Code:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// problem is what the caller may know of err. What is not meant for callers is
// logged here, in full, and nowhere else.
func (s *service) problem(ctx context.Context, err error) *Problem {
	e, known := errors.AsType[*domain.Error](err)
	switch {
	case known && e.Kind == domain.Unavailable:
		s.log.WarnContext(ctx, "request not answered", "request", callOf(ctx).requestID(), "operation", callOf(ctx).operation, "error", err)
	case known:
	case errors.Is(err, context.DeadlineExceeded):
		e = errTimeout
		s.log.WarnContext(ctx, "request timed out", "request", callOf(ctx).requestID(), "operation", callOf(ctx).operation, "error", err)
	case errors.Is(err, context.Canceled):
		e = errGone
	default:
		e = errInternal
		s.log.ErrorContext(ctx, "request failed", "request", callOf(ctx).requestID(), "operation", callOf(ctx).operation, "error", err)
	}
	return told(ctx, e)
}

// told is e for the caller of ctx, in their language.
func told(ctx context.Context, e *domain.Error) *Problem {
	language := callOf(ctx).language()
	p := newProblem(statusOf(e), e)
	p.Title, p.Detail = language.Plain(p.Title), language.Text(e.Text())
	p.Instance = "urn:uuid:" + callOf(ctx).requestID()
	p.Errors = faults(e, callOf(ctx).side, language)
	switch p.Status {
	case http.StatusServiceUnavailable:
		p.header = http.Header{"Retry-After": {"1"}}
	case http.StatusTooManyRequests:
		if wait, ok := e.Details.(retryAfter); ok {
			p.header = http.Header{"Retry-After": {strconv.Itoa(wait.Seconds)}}
		}
	case http.StatusUnauthorized:
		p.header = http.Header{"Www-Authenticate": {`Bearer realm="annals"`, `Basic realm="annals", charset="UTF-8"`}}
	}
	return p
}

func newProblem(status int, e *domain.Error) *Problem {
	p := &Problem{
		Type: "urn:annals:problem:" + e.Code, Title: http.StatusText(status), Status: status,
		Detail: e.Message, Code: e.Code,
	}
	if _, same := e.Details.([]input.Problem); e.Details != nil && !same { // those are shown as errors
		if text, err := json.Marshal(e.Details); err == nil { // else the rest is still worth telling
			p.Details = json.RawMessage(text)
		}
	}
	return p
}

// fail answers a request with err.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.problem(r.Context(), err).write(w)
}

func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemJSON)
	w.WriteHeader(p.Status)
	text := json.NewEncoder(w)
	text.SetEscapeHTML(false) // as huma writes
	_ = text.Encode(p)        // strings, numbers, and details that newProblem has tried
}

func (p *Problem) Error() string           { return p.Detail }
func (p *Problem) GetStatus() int          { return p.Status }
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is asked by huma when it writes an error.
func (p *Problem) ContentType(string) string { return problemJSON }
