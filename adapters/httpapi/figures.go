package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

type figuresOutput[D any] struct {
	Position string `header:"X-Position" doc:"Log position the figures hold for" example:"8312/8312"`
	Body     D
}

// figures declares a dashboard or another query that is answered with a
// computed struct instead of stored documents. If the struct has a Position,
// that is also told in a header.
func figures[D, F any](path, name, summary string, who rights, ask func(context.Context, F) (D, error), reads ...projections.Model) route {
	return route{
		method: http.MethodGet, path: queryPath + path, name: name, tag: "queries", summary: summary, who: who, reads: reads,
		add: func(s *service, op huma.Operation, _ string) {
			position, has := reflect.TypeFor[D]().FieldByName("Position")
			register(s, op, func(ctx context.Context, in *F) (*figuresOutput[D], error) {
				answer, err := ask(ctx, *in)
				if err != nil {
					return nil, err
				}
				out := &figuresOutput[D]{Body: answer}
				if has {
					if at, ok := reflect.ValueOf(&out.Body).Elem().FieldByIndex(position.Index).Interface().(domain.Position); ok {
						out.Position = at.String()
					}
				}
				return out, nil
			})
		},
	}
}
