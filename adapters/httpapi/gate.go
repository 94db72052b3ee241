package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/annals-crm/annals/domain/access"
)

// caller finds out who sends r. A token is taken as bearer token, or as
// password of HTTP Basic so that a browser can open /docs. Commands insist on
// a JSON content type, which a page of another origin cannot send unasked, so
// a browser that remembers the password cannot be made to send one.
func (s *service) caller(r *http.Request) (Caller, error) {
	secret := ""
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		secret = token
	} else if _, password, ok := r.BasicAuth(); ok {
		secret = password
	}
	if secret == "" {
		return Caller{}, ErrUnauthenticated
	}
	caller, err := s.auth.Caller(r.Context(), secret)
	if errors.Is(err, ErrUnauthenticated) {
		return caller, s.attempts.failed(r, err, s.now())
	}
	return caller, err
}

// gate lets an operation be called by who holds a role and has the scope for it,
// and notes what it is.
func (s *service) gate(operation, side string, who rights) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		if err := s.admit(hc.Context(), operation, side, who); err != nil {
			s.refuse(hc, err)
			return
		}
		if id := hc.Param("id"); id != "" {
			callOf(hc.Context()).shown.records = []string{id}
		}
		next(hc)
	}
}

// guarded is gate for handlers outside of the OpenAPI document.
func (s *service) guarded(operation string, who rights, h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := s.admit(r.Context(), operation, "query", who); err != nil {
			s.fail(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	}
}

// admit finds the right that lets a caller in, and the records it reaches.
func (s *service) admit(ctx context.Context, operation, side string, who rights) error {
	c := callOf(ctx)
	c.operation, c.side = operation, side
	if len(c.caller.Roles) == 0 {
		return errNoRoles
	}
	right, ok := access.Rights(who).Of(c.caller.Roles)
	if !ok {
		needed := access.Rights(who).Roles()
		return errForbidden.Because("this needs one of the roles %s; you hold %s", strings.Join(needed, ", "), strings.Join(c.caller.Roles, ", ")).
			With(map[string]any{"roles": needed})
	}
	c.role, c.scope, c.reach = right.Role, right.Scope, s.reach(c.caller, right.Scope)
	if right.Masked {
		c.keep()
	}
	return inScope(c.caller.Scopes, operation, side)
}

// refuse answers an operation with err before huma has looked at the request.
func (s *service) refuse(hc huma.Context, err error) {
	r, w := humamux.Unwrap(hc)
	s.fail(w, r, err)
}
