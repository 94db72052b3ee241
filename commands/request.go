package commands

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// request is one command on one stream.
type request[S any, E domain.Event] struct {
	env     Envelope
	command any // as sent, for its digest
	agg     domain.Aggregate[S, E]
	id      string
	creates bool // the stream may be empty, and is expected to be
	earlier bool // it may have happened before the record began
	decide  func(state S, m moment) ([]E, error)
	// prepare, if set, reserves what the decided events need. It returns what
	// to do once they are appended, or were not.
	prepare func(ctx context.Context, before S, decided []E) (done func(appended bool), err error)
	lanes   lanes // of the loop if nil
}

// moment is when something happened, and the policy that applied then.
type moment struct {
	at     time.Time
	policy policy.Version
}

// since is at, or the beginning of the record if at lies before it by no more
// than clocks may lie apart. It fails with input.ErrOutOfOrder if at lies
// further back: nothing happens to a record before it began.
func (r request[S, E]) since(state S, at time.Time) (time.Time, error) {
	if r.creates || r.earlier || r.agg.Began == nil || r.agg.Began(state).IsZero() {
		return at, nil
	}
	began := r.agg.Began(state)
	since, err := input.NotBefore(at, began)
	if err != nil {
		return at, input.ErrOutOfOrder.Because("this cannot have happened at %s: the record begins at %s", at.Format(time.RFC3339), began.Format(time.RFC3339))
	}
	return since, nil
}

func (r request[S, E]) meta(when moment) (domain.Meta, error) {
	m := domain.Meta{
		CorrelationID: r.env.CorrelationID, CausationID: r.env.CommandID.String(), Command: r.env.Command,
		Actor: r.env.Actor, OccurredAt: when.at, PolicyVersion: when.policy.Number, TraceParent: r.env.TraceParent,
	}
	if m.CorrelationID == "" {
		m.CorrelationID = m.CausationID
	}
	if r.env.Fresh {
		return m, nil
	}
	var err error
	m.Digest, err = digest(r.command)
	return m, err
}

func (r request[S, E]) result(stream string, revision int64, position domain.Position, types []string) Result {
	if types == nil {
		types = []string{}
	}
	return Result{ID: r.id, Stream: stream, Revision: uint64(max(revision, 0)), Position: position, Events: types}
}
