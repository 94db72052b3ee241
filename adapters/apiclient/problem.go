package apiclient

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is an answer that refuses the request (RFC 9457).
type Problem struct {
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Errors []FieldProblem `json:"errors"`

	retryAfter time.Duration
	outdated   bool
}

// Outdated tells that the record is not what the sender knows it as any more:
// look at it again.
func (p *Problem) Outdated() bool { return p.outdated }

// FieldProblem says what is wrong with one field of the request.
type FieldProblem struct {
	Field    string `json:"field"`
	Location string `json:"location"` // where the schema check names it: "body.amount.currency"
	Message  string `json:"message"`
}

// Name is the field without where it was sent.
func (p FieldProblem) Name() string { return cmp.Or(p.Field, strings.TrimPrefix(p.Location, "body.")) }

func (p *Problem) Error() string {
	text := cmp.Or(p.Detail, p.Title, http.StatusText(p.Status))
	for _, e := range p.Errors {
		if e.Message != "" && !strings.Contains(text, e.Message) {
			text += "; " + e.Name() + ": " + e.Message
		}
	}
	return fmt.Sprintf("%s (%s)", text, cmp.Or(p.Code, strconv.Itoa(p.Status)))
}

// Denied tells that the caller, not the request, is what the server objects to.
func (p *Problem) Denied() bool {
	return p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden
}

func problemOf(response *http.Response, text []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(text, p) != nil || p.Detail == "" && p.Title == "" {
		*p = Problem{Title: response.Status} // something between us and the server answered
	}
	p.Status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		p.retryAfter = time.Duration(seconds) * time.Second
	}
	return p
}
