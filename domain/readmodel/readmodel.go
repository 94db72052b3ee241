// Package readmodel keeps what people decide about read models: which events
// they give up for one that cannot fold them. Everything else about read models
// can be worked out from the log again and is recorded nowhere.
package readmodel

import (
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// ID is the id of the one stream that holds all decisions.
const ID = "decisions"

// ErrNothing is for a stream that holds no decision yet.
var ErrNothing = &domain.Error{Kind: domain.Missing, Code: "nothing_discarded", Message: "nothing was ever discarded"}

// Decisions is everything decided, in order.
type Decisions struct {
	Discards []ParkedDiscarded `json:"discards,omitempty"`
}

// Aggregate says where decisions are kept.
var Aggregate = domain.Aggregate[Decisions, Event]{Category: "read_model", Evolve: Evolve, Snapshot: 1, NotFound: ErrNothing}

// Evolve is the decisions after e.
func Evolve(d Decisions, e Event) Decisions {
	switch e := e.(type) {
	case ParkedDiscarded:
		last := len(d.Discards)
		d.Discards = append(d.Discards[:last:last], e)
	}
	return d
}

// Of lists the revisions given up for a version of a read model, by stream; nil
// if there are none.
func (d Decisions) Of(readModel string, version int) map[string][]uint64 {
	var of map[string][]uint64
	for _, one := range d.Discards {
		if one.ReadModel != readModel || one.Version != version {
			continue
		}
		if of == nil {
			of = map[string][]uint64{}
		}
		for _, e := range one.Events {
			of[one.Stream] = append(of[one.Stream], e.Revision)
		}
	}
	return of
}

// Discard gives up what is not given up yet. It fails with input.ErrInvalid
// without a reason: who looks at a figure later must find out why an event does
// not count in it.
func (d Decisions) Discard(in ParkedDiscarded, at time.Time) ([]Event, error) {
	var c input.Checker
	c.RequiredName("read_model", &in.ReadModel)
	c.RequiredName("stream", &in.Stream)
	c.RequiredText("reason", &in.Reason)
	if err := c.Err(); err != nil {
		return nil, err
	}
	known := d.Of(in.ReadModel, in.Version)[in.Stream]
	in.Events = slices.DeleteFunc(slices.Clone(in.Events), func(e Discarded) bool { return slices.Contains(known, e.Revision) })
	if len(in.Events) == 0 {
		return nil, nil
	}
	in.DiscardedAt = domain.Instant(at)
	return []Event{in}, nil
}
