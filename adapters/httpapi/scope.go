package httpapi

import (
	"context"
	"slices"
	"strings"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

var errScope = &domain.Error{Kind: domain.Denied, Code: "insufficient_scope", Message: "your token does not reach this far; see details"}

// whoAmI is answered whatever the scopes of a token: it is how to find out.
const whoAmI = "who-am-i"

// scopesFor lists the scopes that an operation is called with: any one is
// enough; none if it needs none. Side is where its fields are, which tells
// queries from commands.
func scopesFor(operation, side string) []string {
	switch {
	case operation == whoAmI:
		return []string{}
	case operation == makeBackup: // holds more than all queries tell
		return []string{makeBackup}
	case side == "body":
		return []string{access.ScopeWrite, operation}
	}
	return []string{access.ScopeRead, operation}
}

// inScope fails with errScope unless one of the scopes a caller has is for the
// operation, or it has none, which leaves everything to its roles.
func inScope(held []string, operation, side string) error {
	if len(held) == 0 || operation == whoAmI {
		return nil
	}
	wanted := scopesFor(operation, side)
	if slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(held, scope) }) {
		return nil
	}
	return errScope.Because("this needs the scope %s; your token has %s", strings.Join(wanted, " or "), strings.Join(held, ", ")).
		With(map[string]any{"scopes": wanted})
}

// Operations names everything that can be called, as scopes do.
func Operations(c *Commands, q *Queries) []string {
	names := slices.Clone(pageNames)
	for _, r := range slices.Concat(c.routes(), q.routes()) {
		names = append(names, r.name)
	}
	return names
}

// issuing carries out the command that issues tokens.
type issuing = func(context.Context, commands.Envelope, commands.IssueToken) (commands.Result, error)

// noFurther keeps a token from issuing one that reaches further than itself.
func noFurther(issue issuing) issuing {
	return func(ctx context.Context, env commands.Envelope, c commands.IssueToken) (commands.Result, error) {
		held := callOf(ctx).caller.Scopes
		beyond := func(scope string) bool { return !slices.Contains(held, scope) }
		if len(held) > 0 && (len(c.Scopes) == 0 || slices.ContainsFunc(c.Scopes, beyond)) {
			return commands.Result{}, errScope.Because("your token can issue tokens with no other scopes than its own: %s", strings.Join(held, ", "))
		}
		return issue(ctx, env, c)
	}
}
