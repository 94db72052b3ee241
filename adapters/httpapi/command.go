package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// occurred is what every command is: commands embed commands.At.
type occurred interface{ Occurred() time.Time }

// command declares one command. Its path, validation, documentation and
// example come from the name and the struct C.
func command[C occurred](name, summary string, who rights, handle func(context.Context, commands.Envelope, C) (commands.Result, error), errs ...*domain.Error) route {
	return telling(name, summary, who, handle, func(r commands.Result) commands.Result { return r }, errs...)
}

// telling declares a command whose answer tells more than its result.
func telling[C occurred, A any](name, summary string, who rights, handle func(context.Context, commands.Envelope, C) (A, error), resultOf func(A) commands.Result, errs ...*domain.Error) route {
	return route{
		method: http.MethodPost, path: commandPath + name, name: name, tag: "commands", summary: summary, who: who, errs: errs,
		add: func(s *service, op huma.Operation, noun string) {
			documentResult(&op, noun)
			register(s, op, func(ctx context.Context, in *commandInput[C]) (*commandOutput[A], error) {
				env, err := in.envelope(callOf(ctx))
				if err != nil {
					return nil, err
				}
				env.Command, env.OccurredAt = name, in.Body.Occurred()
				told, err := handle(ctx, env, in.Body)
				if err != nil {
					return nil, err
				}
				return answer(told, resultOf(told), noun), nil
			})
		},
	}
}

// creating declares that a command brings forth a record, which is then read
// under noun/{id}. It has to be within the reach of whoever sends the command.
func (r route) creating(noun string) route {
	r.noun = noun
	if r.who.limited() {
		return r.failing(access.ErrBeyondReach)
	}
	return r
}

type commandInput[C any] struct {
	CommandHeaders
	Body C
}

// CommandHeaders is what any command may carry besides its body. It is exported
// because huma passes over embedded structs that are not.
type CommandHeaders struct {
	Key         string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"Makes the command repeatable: sent again under the same key, it is answered with its first result" example:"order-4711-sign"`
	IfMatch     string `header:"If-Match" pattern:"^\"(0|[1-9][0-9]{0,18})\"$" patternDescription:"a revision in quotes, as in ETag" doc:"Revision of the record the sender has seen; if it has changed since, the answer is 409 and names the events in between" example:"\"3\""`
	Correlation string `header:"X-Correlation-ID" maxLength:"128" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"Ties everything one cause led to; kept with the events" example:"campaign-2024-05"`
	TraceParent string `header:"traceparent" maxLength:"255" doc:"W3C trace context; kept with the events, ignored if malformed" example:"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"`
}

// envelope is what surrounds the command. Who sends it comes from the call and
// nowhere else.
func (h CommandHeaders) envelope(c *call) (commands.Envelope, error) {
	env := commands.Envelope{
		Actor:         domain.Actor{ID: c.caller.ID, Role: c.role},
		Reach:         c.reach,
		CorrelationID: h.Correlation,
		TraceParent:   traceParent(h.TraceParent),
	}
	if h.IfMatch != "" {
		revision, err := strconv.ParseUint(strings.Trim(h.IfMatch, `"`), 10, 63)
		if err != nil {
			return env, domain.ErrConflict.Because("If-Match names a revision that no record has")
		}
		env.Expected = &revision
	}
	if h.Key == "" {
		env.CommandID, env.Fresh = uuid.New(), true
		return env, nil
	}
	env.CommandID = commands.CommandID(c.caller.ID, h.Key)
	return env, nil
}

// traceParent keeps a header only if it is one: 00-<32 hex>-<16 hex>-<2 hex>.
func traceParent(text string) string {
	if len(text) != 55 || text[2] != '-' || text[35] != '-' || text[52] != '-' {
		return ""
	}
	if strings.Trim(text, "0123456789abcdef-") != "" {
		return ""
	}
	return text
}

type commandOutput[A any] struct {
	Status   int
	ETag     string `header:"ETag" doc:"Revision of the record after the command; send it back as If-Match" example:"\"3\""`
	Location string `header:"Location" doc:"Where a new record can be read" example:"/v1/queries/deals/5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Body     A
}

func answer[A any](told A, r commands.Result, noun string) *commandOutput[A] {
	out := &commandOutput[A]{Status: http.StatusOK, ETag: etag(r.Revision), Body: told}
	if r.Created && noun != "" {
		out.Status, out.Location = http.StatusCreated, queryPath+noun+"/"+url.PathEscape(r.ID)
	}
	return out
}

// documentResult documents the answer: 201 for what creates a record, and 200
// otherwise.
func documentResult(op *huma.Operation, noun string) {
	op.DefaultStatus = http.StatusOK
	if noun != "" {
		op.DefaultStatus = http.StatusCreated
	}
}

func etag(revision uint64) string { return `"` + strconv.FormatUint(revision, 10) + `"` }
