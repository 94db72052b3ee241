package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// reading is what the query-string station knows about an operation.
type reading struct {
	models []projections.Model // to wait for
	known  map[string]bool     // parameters; filled when the operation is registered
}

const minPosition = "min_position"

func minPositionParam() *huma.Param {
	return &huma.Param{
		Name: minPosition, In: "query", Description: "Log position, as answered by a command, that the answer must include; waits a little for it",
		Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{"8312/8312"}},
	}
}

// queryString refuses parameters that are unknown, given twice or not text,
// which huma would overlook, and waits for min_position.
func (s *service) queryString(of *reading) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, _ := humamux.Unwrap(hc)
		if r.URL.RawQuery != "" {
			if err := s.checkQuery(hc.Context(), r.URL.RawQuery, of); err != nil {
				s.refuse(hc, err)
				return
			}
		}
		next(hc)
	}
}

func (s *service) checkQuery(ctx context.Context, raw string, of *reading) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return errQuery
	}
	for name, all := range values {
		switch {
		case !of.known[name]:
			return errInvalid.Because("the parameter %q is not known here", name).In(name)
		case len(all) > 1:
			return errInvalid.Because("the parameter %q is given twice", name).In(name)
		}
		if err := checkText(all[0]); err != nil {
			return err.In(name)
		}
	}
	at := values.Get(minPosition)
	if at == "" {
		return nil
	}
	position, err := domain.ParsePosition(at)
	if err != nil {
		return domain.ErrBadPosition.Because("%q is not a log position such as 8312/8312", at).In(minPosition)
	}
	for _, m := range of.models {
		if err := s.wait(ctx, m, position); err != nil {
			return fmt.Errorf("wait for %s: %w", m.Name, err)
		}
	}
	return nil
}

// shortly is how long a position is waited for before it is doubted.
const shortly = 250 * time.Millisecond

// wait returns once m has taken in position. It fails with errNoSuchPosition,
// without waiting long, if the log does not reach as far.
func (s *service) wait(ctx context.Context, m projections.Model, position domain.Position) error {
	if s.end == nil {
		return s.views.Wait(ctx, m, position) //nolint:wrapcheck // wrapped by the caller
	}
	soon, cancel := context.WithTimeout(ctx, shortly)
	err := s.views.Wait(soon, m, position)
	cancel()
	if !errors.Is(err, projections.ErrBehind) {
		return err //nolint:wrapcheck // wrapped by the caller
	}
	if end, err := s.end(ctx); err == nil && position.Compare(end) > 0 {
		return errNoSuchPosition.Because("the log ends at %s, so no command was answered with %s", end, position)
	}
	return s.views.Wait(ctx, m, position) //nolint:wrapcheck // wrapped by the caller
}
