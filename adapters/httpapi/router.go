package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"
)

// route sets up the router. Paths without a variable are looked up in a map
// by one route of the router instead of being tried one after the other: with
// a hundred operations that is most of what routing costs.
func (s *service) route(version string) {
	s.exact = map[string]map[string]http.HandlerFunc{}
	s.router = mux.NewRouter().SkipClean(true)
	s.router.NotFoundHandler = http.HandlerFunc(s.notFound)
	s.router.MethodNotAllowedHandler = http.HandlerFunc(s.notFound)
	s.router.MatcherFunc(func(r *http.Request, match *mux.RouteMatch) bool {
		h, ok := s.exact[r.URL.Path][r.Method]
		if ok {
			match.Handler = h
		}
		return ok
	})
	s.api = huma.NewAPI(s.describeAPI(version), adapter{humamux.NewAdapter(s.router), s})
}

// adapter puts operations of huma on our router.
type adapter struct {
	huma.Adapter
	s *service
}

// Handle is called by huma for each operation.
func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	if strings.Contains(op.Path, "{") {
		a.Adapter.Handle(op, handle)
		return
	}
	a.s.get(op.Method, op.Path, func(w http.ResponseWriter, r *http.Request) {
		handle(humamux.NewContext(op, r, w))
	})
}

func (s *service) get(method, path string, h http.HandlerFunc) {
	if s.exact[path] == nil {
		s.exact[path] = map[string]http.HandlerFunc{}
	}
	s.exact[path][method] = h
}

// asGet is a HEAD request as the GET request it asks about.
func asGet(r *http.Request) (_ *http.Request, headOnly bool) {
	if r.Method != http.MethodHead {
		return r, false
	}
	r = r.WithContext(r.Context())
	r.Method = http.MethodGet
	return r, true
}

// notFound answers what no route takes, and says which methods one would.
func (s *service) notFound(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if match := (mux.RouteMatch{}); s.router.Match(other, &match) && match.MatchErr == nil {
			allowed = append(allowed, method)
			if method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
	}
	if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
		s.fail(w, r, errNoRoute)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.fail(w, r, errMethod)
}
