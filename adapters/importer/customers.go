package importer

import (
	"context"
	"sync"
)

// customers has every customer registered once, however many rows at the same
// time ask for it.
type customers struct {
	mu    sync.Mutex
	known map[string]*registration
}

type registration struct {
	done chan struct{}
	id   string
	err  error
}

// register is the id of a customer, which it registers if no row has so far.
func (x *run) register(ctx context.Context, c Customer) (string, error) {
	x.customers.mu.Lock()
	r, known := x.customers.known[c.Name]
	if !known {
		r = &registration{done: make(chan struct{})}
		x.customers.known[c.Name] = r
	}
	x.customers.mu.Unlock()
	if known {
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-r.done:
			return r.id, r.err
		}
	}
	defer close(r.done)
	result, err := x.send(ctx, "register-customer", key(x.Source, "customer", c.Name, "register"), registerBody(c))
	r.id, r.err = result.ID, err
	return r.id, r.err
}

func registerBody(c Customer) registerCustomer {
	return registerCustomer{Kind: "organisation", Name: c.Name, Industry: c.Industry, OccurredAt: c.Since}
}
