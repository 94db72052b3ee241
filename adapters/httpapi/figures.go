package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// positioned is what every answer made of figures is: it says as of which
// position of the log it holds.
type positioned interface{ AsOf() domain.Position }

type figuresOutput[D any] struct {
	Position string `header:"X-Position" doc:"Log position the figures hold for" example:"8312/8312"`
	Body     D
}

// figures declares a dashboard or another query that is answered with a
// computed struct instead of stored documents.
func figures[D positioned, F any](path, name, summary string, who roleSet, ask func(context.Context, F) (D, error), reads ...projections.Model) route {
	return route{
		method: http.MethodGet, path: queryPath + path, name: name, tag: "queries", summary: summary, who: who, reads: reads,
		add: func(s *service, op huma.Operation, _ string) {
			register(s, op, func(ctx context.Context, in *F) (*figuresOutput[D], error) {
				answer, err := ask(ctx, *in)
				if err != nil {
					return nil, err
				}
				return &figuresOutput[D]{Position: answer.AsOf().String(), Body: answer}, nil
			})
		},
	}
}
