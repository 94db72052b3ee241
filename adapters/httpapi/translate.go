package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// translate turns what huma finds wrong with a request into a problem of ours.
// Other answers pass.
func (s *service) translate(hc huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	e := errInvalid
	switch model.Status {
	case http.StatusBadRequest:
		e = errBadJSON
	case http.StatusUnsupportedMediaType:
		e = errMedia
	case http.StatusUnprocessableEntity:
	default: // nothing else is left for huma to find
		s.log.ErrorContext(hc.Context(), "request failed", "request", callOf(hc.Context()).requestID(), "error", model)
		e = errInternal
	}
	p := told(hc.Context(), e)
	language := callOf(hc.Context()).language()
	p.Status, p.Title = model.Status, language.Plain(http.StatusText(model.Status))
	for _, detail := range model.Errors {
		if detail != nil {
			p.Errors = append(p.Errors, Fault{detail.Location, language.Plain(detail.Message), short(detail.Value)})
		}
	}
	return p, nil
}

// short is a value worth repeating to the sender: neither long nor a structure.
func short(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) <= 80 {
			return v
		}
	case float64, int64, uint64, bool:
		return v
	}
	return nil
}

// faults are the fields at fault in e, as parts of the request.
func faults(e *domain.Error, side string, language messages.Language) []Fault {
	problems, ok := e.Details.([]input.Problem)
	if !ok {
		if e.Field == "" {
			return nil
		}
		return []Fault{{Location: side + "." + e.Field, Message: language.Text(e.Text())}}
	}
	all := make([]Fault, len(problems))
	for i, p := range problems {
		all[i] = Fault{Location: side + "." + p.Field, Message: language.Text(p.Text())}
	}
	return all
}
