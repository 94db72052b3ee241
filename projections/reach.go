package projections

import (
	"context"
	"sync"

	"github.com/annals-crm/annals/domain/access"
)

// Within is a context in which Guarded views show only the records within reach.
func Within(ctx context.Context, reach access.Reach) context.Context {
	if !reach.Limited() {
		return ctx
	}
	return context.WithValue(ctx, sightKey{}, &sight{reach: reach})
}

// unlimited is ctx for what belongs to a record that was found to be within.
func unlimited(ctx context.Context) context.Context {
	return context.WithValue(ctx, sightKey{}, (*sight)(nil))
}

// restricted is ctx for figures that are told of records within reach only.
func restricted(ctx context.Context) context.Context {
	if sightOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, restrictedKey{}, true)
}

type (
	sightKey      struct{}
	restrictedKey struct{}
)

// sight is a reach, and the customers found to be within it.
type sight struct {
	reach access.Reach
	mu    sync.Mutex
	mine  map[string]bool // ids of customers; nil: not looked up yet
}

func sightOf(ctx context.Context) *sight {
	s, _ := ctx.Value(sightKey{}).(*sight)
	return s
}

// reachOf is the records to be seen in ctx.
func reachOf(ctx context.Context) access.Reach {
	if s := sightOf(ctx); s != nil {
		return s.reach
	}
	return access.Reach{}
}
