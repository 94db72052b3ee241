// Package annals is a client of the public HTTP interface, for programs in Go.
// Everything but this file is generated from docs/openapi.json. Optional fields
// are pointers: new("ann") makes one.
package annals

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Connect is a client of the server at url that calls as whoever the token was
// issued to.
func Connect(url, token string, options ...ClientOption) (*ClientWithResponses, error) {
	authorised := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	return NewClientWithResponses(strings.TrimSuffix(url, "/"), append([]ClientOption{WithRequestEditorFn(authorised)}, options...)...)
}

// Error lets a problem be returned as an error; its Code says which it is.
func (p Problem) Error() string { return fmt.Sprintf("%s: %s", p.Code, p.Detail) }
