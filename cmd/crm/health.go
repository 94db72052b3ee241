package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/projections"
)

// longestCheck is how long a dependency may take before it counts as failing.
const longestCheck = 2 * time.Second

// check looks at one dependency. What it fails with is shown to anybody.
type check struct {
	name   string
	needed bool
	look   func(context.Context) error
}

// health remembers since when each dependency has been what it is.
type health struct {
	checks []check
	now    func() time.Time

	mu   sync.Mutex
	seen map[string]httpapi.Dependency
}

var (
	errOutOfReach = errors.New("out of reach")
	errBuilding   = errors.New("being built")
)

// newHealth looks at what this process depends on. Nothing that goes wrong is
// told in the words of an error: these may name addresses.
func (p *parts) newHealth() *health {
	h := &health{now: time.Now, seen: map[string]httpapi.Dependency{}}
	reads, projects := p.config.does(roleQueries), p.config.does(roleProjector)
	h.checks = []check{
		{"log", true, func(ctx context.Context) error { _, err := p.log.LastPosition(ctx); return err }},
		{"redis", reads || projects, p.views.Ping},
		{"policy", true, func(context.Context) error {
			if p.write.policy.Revision() == commands.NoStream {
				return errOutOfReach
			}
			return nil
		}},
	}
	if projects {
		h.checks = append(h.checks, check{"projector", true, func(context.Context) error {
			if !p.projector.Running() {
				return errOutOfReach
			}
			return nil
		}})
	}
	for _, m := range projections.All {
		h.checks = append(h.checks, check{"read-models/" + m.Name, reads, func(ctx context.Context) error {
			_, served, err := p.views.Served(ctx, m)
			if err == nil && !served {
				err = errBuilding
			}
			return err
		}})
	}
	return h
}

// look looks at all of them at once.
func (h *health) look(ctx context.Context) []httpapi.Dependency {
	ctx, cancel := context.WithTimeout(ctx, longestCheck)
	defer cancel()
	found := make([]httpapi.Dependency, len(h.checks))
	var looking sync.WaitGroup
	for i, c := range h.checks {
		looking.Go(func() {
			began := h.now()
			err := c.look(ctx)
			found[i] = h.note(c, err, h.now(), h.now().Sub(began))
		})
	}
	looking.Wait()
	return found
}

func (h *health) note(c check, err error, now time.Time, took time.Duration) httpapi.Dependency {
	d := httpapi.Dependency{Name: c.name, Status: httpapi.Fine, Needed: c.needed, Since: now.UTC().Truncate(time.Millisecond), Latency: took.Seconds()}
	switch {
	case errors.Is(err, errBuilding):
		d.Status, d.Detail = httpapi.Building, c.name+" is being built"
	case err != nil:
		d.Status, d.Detail = httpapi.Failing, c.name+" is out of reach"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if before, ok := h.seen[c.name]; ok && before.Status == d.Status {
		d.Since = before.Since
	}
	h.seen[c.name] = d
	return d
}
