package httpapi

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

var errScope = &domain.Error{Kind: domain.Denied, Code: "insufficient_scope", Message: "your token does not reach this far; see details"}

// scopesFor lists the scopes that an operation is called with: any one is
// enough. Side is where its fields are, which tells queries from commands.
func scopesFor(operation, side string) []string {
	if side == "body" {
		return []string{access.ScopeWrite, operation}
	}
	return []string{access.ScopeRead, operation}
}

// inScope fails with errScope unless one of the scopes a caller has is for the
// operation, or it has none, which leaves everything to its roles.
func inScope(held []string, operation, side string) error {
	if len(held) == 0 {
		return nil
	}
	wanted := scopesFor(operation, side)
	if slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(held, scope) }) {
		return nil
	}
	return errScope.Because("this needs the scope %s; your token has %s", strings.Join(wanted, " or "), strings.Join(held, ", ")).
		With(map[string]any{"scopes": wanted})
}
