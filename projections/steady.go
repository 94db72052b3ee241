package projections

import (
	"context"
	"sync"
)

// Steady is a context in which all reads of a read model are of one build, the
// first one read, also if another takes its place meanwhile. So an answer that
// takes several reads is never put together from two builds.
func Steady(ctx context.Context) context.Context {
	return context.WithValue(ctx, steadyKey{}, &Pins{})
}

// Unsteady is ctx without that, for whoever waits for a build to take its place.
func Unsteady(ctx context.Context) context.Context {
	return context.WithValue(ctx, steadyKey{}, (*Pins)(nil))
}

// PinsOf are the builds read so far in a context made by Steady; nil elsewhere.
func PinsOf(ctx context.Context) *Pins {
	pins, _ := ctx.Value(steadyKey{}).(*Pins)
	return pins
}

type steadyKey struct{}

// Pins remembers which build of each read model is read. Its methods do nothing
// on nil.
type Pins struct {
	mu sync.Mutex
	of []pin // few
}

type pin struct{ name, build string }

// Of is the build of a read model that was read before; empty if none was.
func (p *Pins) Of(name string) string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.of {
		if one.name == name {
			return one.build
		}
	}
	return ""
}

// Read notes that a build was read; of several that are read at the same time
// the first counts. It tells whether it is the one that counts.
func (p *Pins) Read(name, build string) bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.of {
		if one.name == name {
			return one.build == build
		}
	}
	p.of = append(p.of, pin{name, build})
	return true
}
