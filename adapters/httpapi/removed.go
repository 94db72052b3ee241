package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

var errRemoved = &domain.Error{Code: "operation_removed", Message: "this operation was removed; details.successor, if there is one, takes its place"}

// removed is an operation that releases no longer have. Its path is answered with
// 410 instead of 404, so that callers learn what became of it.
type removed struct {
	method    string
	path      string
	name      string
	on        time.Time // day of the first release without it
	successor string    // name of the operation to use instead; empty: there is none
}

// gone is the table of contents of what was removed. An entry stays until the
// next version of the interface.
func gone() []removed { return nil }

// mountRemoved comes after all operations, as it names those that are there.
func (s *service) mountRemoved(all []removed) {
	for _, r := range all {
		if strings.Contains(r.path, "{") {
			s.router.Methods(r.method).Path(r.path).HandlerFunc(s.answerRemoved(r))
			continue
		}
		s.get(r.method, r.path, s.answerRemoved(r))
	}
}

func (s *service) answerRemoved(r removed) http.HandlerFunc {
	err := errRemoved.Because("%s was removed on %s; see the changelog", r.name, r.on.UTC().Format(time.DateOnly))
	if r.successor != "" {
		err = errRemoved.Because("%s was removed on %s; use %s, at %s", r.name, r.on.UTC().Format(time.DateOnly), r.successor, s.paths[r.successor]).
			With(map[string]any{"successor": r.successor})
	}
	return func(w http.ResponseWriter, request *http.Request) {
		callOf(request.Context()).operation = r.name
		s.fail(w, request, err)
	}
}
