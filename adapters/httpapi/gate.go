package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/annals-crm/annals/domain/access"
)

// roleSet lists who may call an operation.
type roleSet []string

// roles declares who may call an operation. Administrators always may, so that
// whoever sets the program up can try all of it.
func roles(of ...string) roleSet {
	if slices.Contains(of, access.Admin) {
		return of
	}
	return append(of, access.Admin)
}

// everyone is any caller with a token.
func everyone() roleSet { return roles(access.Roles...) }

// allows finds the role in which a caller may call.
func (r roleSet) allows(c Caller) (role string, ok bool) {
	for _, role := range r {
		if slices.Contains(c.Roles, role) {
			return role, true
		}
	}
	return "", false
}

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
	return s.auth.Caller(r.Context(), secret)
}

// gate lets an operation be called by who holds a role and has the scope for it,
// and notes what it is.
func (s *service) gate(operation, side string, who roleSet) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		if err := admit(hc.Context(), operation, side, who); err != nil {
			s.refuse(hc, err)
			return
		}
		next(hc)
	}
}

// guarded is gate for handlers outside of the OpenAPI document.
func (s *service) guarded(operation string, who roleSet, h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := admit(r.Context(), operation, "query", who); err != nil {
			s.fail(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	}
}

func admit(ctx context.Context, operation, side string, who roleSet) error {
	c := callOf(ctx)
	c.operation, c.side = operation, side
	role, ok := who.allows(c.caller)
	if !ok {
		return errForbidden.Because("this needs one of the roles %s; you hold %s", strings.Join(who, ", "), strings.Join(c.caller.Roles, ", ")).
			With(map[string]any{"roles": who})
	}
	c.role = role
	return inScope(c.caller.Scopes, operation, side)
}

// refuse answers an operation with err before huma has looked at the request.
func (s *service) refuse(hc huma.Context, err error) {
	r, w := humamux.Unwrap(hc)
	s.fail(w, r, err)
}
