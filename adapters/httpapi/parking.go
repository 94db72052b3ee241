package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/projections"
)

// Parking is what the projector does about events that could not be folded.
// Its methods fail with errors of the codes not_parked and unknown_read_model.
type Parking interface {
	RetryParked(ctx context.Context, by string, c RetryParked) (Unparked, error)
	DiscardParked(ctx context.Context, env commands.Envelope, c DiscardParked) (Unparked, error)
}

// RetryParked folds the parked events of a stream again, in order.
type RetryParked struct {
	ReadModelRef
	Stream string `json:"stream" doc:"Stream whose events are parked" minLength:"1" maxLength:"200" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// DiscardParked gives parked events up for one version of a read model. That is
// recorded in the log, and so are the events, which stay there.
type DiscardParked struct {
	RetryParked
	UpTo   *uint64 `json:"up_to,omitempty" doc:"Revision of the last event to give up; all of them if left out" example:"17"`
	Reason string  `json:"reason" doc:"Why, for whoever wonders later" minLength:"1" maxLength:"10000" example:"written by a broken import, entered again by hand"`
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
// no fact and so is no command of the domain. By is who asks.
func operation[C, A any](name, summary string, who rights, handle func(ctx context.Context, by string, c C) (A, error), errs ...*domain.Error) route {
	return route{
		method: http.MethodPost, path: commandPath + name, name: name, tag: "commands", summary: summary, who: who, errs: errs,
		add: func(s *service, op huma.Operation, _ string) {
			register(s, op, func(ctx context.Context, in *struct{ Body C }) (*struct{ Body A }, error) {
				answer, err := handle(ctx, callOf(ctx).caller.ID, in.Body)
				if err != nil {
					return nil, err
				}
				return &struct{ Body A }{answer}, nil
			})
		},
	}
}

// decision declares an operation that is put on record, and so can be repeated
// under its key.
func decision[C, A any](name, summary string, who rights, handle func(ctx context.Context, env commands.Envelope, c C) (A, error), errs ...*domain.Error) route {
	return route{
		method: http.MethodPost, path: commandPath + name, name: name, tag: "commands", summary: summary, who: who, errs: errs,
		add: func(s *service, op huma.Operation, _ string) {
			register(s, op, func(ctx context.Context, in *commandInput[C]) (*struct{ Body A }, error) {
				env, err := in.envelope(callOf(ctx))
				if err != nil {
					return nil, err
				}
				env.Command = name
				answer, err := handle(ctx, env, in.Body)
				if err != nil {
					return nil, err
				}
				return &struct{ Body A }{answer}, nil
			})
		},
	}
}

// ParkedFilter asks for parked events of a read model.
type ParkedFilter struct {
	ReadModelPath
	Stream string `query:"stream" doc:"Only those of this stream" maxLength:"200" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Limit  int    `query:"limit" doc:"Most events to return" default:"200" minimum:"1" maximum:"1000"`
}

// ParkedList is what a read model could not fold.
type ParkedList struct {
	Items     []projections.Parked `json:"items" doc:"By stream and in order; the first of each with the reason" nullable:"false"`
	Total     int                  `json:"total" doc:"How many there are in all" example:"1"`
	Discarded []Discarded          `json:"discarded" doc:"What was given up, the latest first" nullable:"false"`
}

// Discarded is events that were given up for a version of a read model.
type Discarded struct {
	Version   int                   `json:"version" doc:"Version of the read model they were given up for" example:"3"`
	Stream    string                `json:"stream" doc:"Stream they are in" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Events    []readmodel.Discarded `json:"events" doc:"The events" nullable:"false"`
	Reason    string                `json:"reason" doc:"Why" example:"written by a broken import, entered again by hand"`
	Discarder string                `json:"discarded_by" doc:"Who decided that" example:"ann"`
	At        time.Time             `json:"discarded_at" doc:"When"`
}

func (q *Queries) parked(ctx context.Context, f ParkedFilter) (ParkedList, error) {
	all, err := q.Builds.Parked(ctx, f.Name)
	if err != nil {
		return ParkedList{}, err
	}
	if f.Stream != "" {
		all = slices.DeleteFunc(all, func(p projections.Parked) bool { return p.Stream != f.Stream })
	}
	l := ParkedList{Items: all[:min(len(all), f.Limit)], Total: len(all), Discarded: []Discarded{}}
	if l.Items == nil {
		l.Items = []projections.Parked{}
	}
	for _, d := range slices.Backward(q.Decisions.State().Discards) {
		if d.ReadModel == f.Name && (f.Stream == "" || d.Stream == f.Stream) && len(l.Discarded) < f.Limit {
			l.Discarded = append(l.Discarded, Discarded{d.Version, d.Stream, d.Events, d.Reason, d.DiscardedBy, d.DiscardedAt})
		}
	}
	return l, nil
}
