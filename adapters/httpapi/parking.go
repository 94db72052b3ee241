package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// Parking is what the projector does about events that could not be folded.
// Its methods fail with errors of the codes not_parked and unknown_read_model.
type Parking interface {
	RetryParked(context.Context, RetryParked) (Unparked, error)
	DiscardParked(context.Context, DiscardParked) (Unparked, error)
}

// RetryParked folds the parked events of a stream again, in order.
type RetryParked struct {
	ReadModel string `json:"read_model" doc:"Name of the read model" minLength:"1" maxLength:"100" example:"deals"`
	Stream    string `json:"stream" doc:"Stream whose events are parked" minLength:"1" maxLength:"200" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// DiscardParked gives parked events up; the log keeps them.
type DiscardParked struct {
	RetryParked
	UpTo *uint64 `json:"up_to,omitempty" doc:"Revision of the last event to give up; all of them if left out" example:"17"`
}

// Unparked is how that went.
type Unparked struct {
	Folded    int                  `json:"folded" doc:"Events now part of the read model" example:"3"`
	Discarded int                  `json:"discarded" doc:"Events given up for this read model" example:"1"`
	Parked    []projections.Parked `json:"parked" doc:"Events still parked, the first with the reason"`
}

var (
	errNotParked = &domain.Error{Kind: domain.Missing, Code: "not_parked", Message: "no event of this stream is parked"}
	errNoModel   = &domain.Error{Kind: domain.Missing, Code: "unknown_read_model", Message: "there is no read model of this name; see /v1/queries/read-models"}
)

// operation declares something to be done to the program itself, which records
// no fact and so is no command of the domain.
func operation[C, A any](name, summary string, who roleSet, handle func(context.Context, C) (A, error), errs ...*domain.Error) route {
	return route{
		method: http.MethodPost, path: commandPath + name, name: name, tag: "commands", summary: summary, who: who, errs: errs,
		add: func(s *service, op huma.Operation, _ string) {
			register(s, op, func(ctx context.Context, in *struct{ Body C }) (*struct{ Body A }, error) {
				answer, err := handle(ctx, in.Body)
				if err != nil {
					return nil, err
				}
				return &struct{ Body A }{answer}, nil
			})
		},
	}
}
