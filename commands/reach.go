package commands

import (
	"context"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/customer"
)

// sees says whether a record is within the reach of who sends the command: its
// owner is, or the owner of its customer.
func sees[S any, E domain.Event](ctx context.Context, l *Loop, env Envelope, agg domain.Aggregate[S, E], state S) (bool, error) {
	if !env.Reach.Limited() {
		return true, nil
	}
	if agg.Whose == nil {
		return false, nil
	}
	owner, of := agg.Whose(state)
	if env.Reach.Includes(owner) || of == "" {
		return env.Reach.Includes(owner), nil
	}
	c, err := peek(ctx, l, customer.Aggregate, of)
	return env.Reach.Includes(c.Owner), err
}

// seen fails as if there were no such record, unless the sender sees it.
func (r request[S, E]) seen(ctx context.Context, l *Loop, state S) error {
	within, err := sees(ctx, l, r.env, r.agg, state)
	if !within && err == nil {
		err = r.agg.NotFound
	}
	return err
}

// seesNew fails with access.ErrBeyondReach unless the sender sees what a record would be
// that begins with events.
func seesNew[S any, E domain.Event](ctx context.Context, l *Loop, env Envelope, agg domain.Aggregate[S, E], events []E) error {
	if !env.Reach.Limited() {
		return nil
	}
	var state S
	for _, e := range events {
		state = agg.Evolve(state, e)
	}
	if within, err := sees(ctx, l, env, agg, state); within || err != nil {
		return err
	}
	return access.ErrBeyondReach.Because("you would not see this record; leave its owner out, or name one whose records you see, or a customer of theirs")
}

// peek is the state of a record that a command is not on. It is read from the
// log, since what is in memory is only for whoever has the lane of its stream.
func peek[S any, E domain.Event](ctx context.Context, l *Loop, agg domain.Aggregate[S, E], id string) (state S, err error) {
	stream := agg.Stream(id)
	from := uint64(0)
	if saved := load[S](ctx, l, snapshotKey(agg, stream)); saved != nil {
		state, from = saved.State, uint64(saved.Revision+1)
	}
	for rec, err := range l.store.Read(ctx, stream, from) {
		if err != nil {
			return state, err
		}
		if e, ok := rec.Event.(E); ok {
			state = agg.Evolve(state, e)
		}
	}
	return state, nil
}
