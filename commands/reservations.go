package commands

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/reservation"
)

// Reservations keeps the certain-duplicate keys of customers unique. The name
// of a key's stream is a keyed hash, so streams give no personal data away;
// whoever changes the hash key loses every reservation made so far.
type Reservations struct {
	loop *Loop
	key  []byte
}

// NewReservations hashes with key, which should have 32 random bytes.
func NewReservations(loop *Loop, key []byte) *Reservations { return &Reservations{loop, key} }

// hold claims the keys that events need which are about to be recorded. What it
// returns gives the old ones back once the events are recorded. New ones are
// kept even if they were not, since the outcome may be unknown: a claim that
// nobody needs is reclaimed by the next customer that does.
func (s *Reservations) hold(ctx context.Context, env Envelope, id string, before customer.Customer, events []customer.Event) (finish func(recorded bool), err error) {
	claim, release := customer.Keys(before, events)
	if len(claim) > 0 {
		if err := s.claim(ctx, env, id, claim); err != nil {
			return nil, err
		}
	}
	return func(recorded bool) {
		if recorded && len(release) > 0 {
			s.release(context.WithoutCancel(ctx), env, id, release)
		}
	}, nil
}

// claim reserves every key for holder, or none: then it fails with
// reservation.ErrTaken, which names the customer that has it. Everybody claims
// in the same order, so of several who want the same keys one gets them all.
func (s *Reservations) claim(ctx context.Context, env Envelope, holder string, keys []reservation.Key) error {
	slices.SortFunc(keys, func(a, b reservation.Key) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	var claimed []reservation.Key // not those that holder has already
	for _, key := range keys {
		anew, err := s.claimOne(ctx, env, holder, key)
		if errors.Is(err, reservation.ErrTaken) {
			s.release(ctx, env, holder, claimed)
		}
		if err != nil {
			return err
		}
		if anew {
			claimed = append(claimed, key)
		}
	}
	return nil
}

// claimOne tells whether holder got the key just now.
func (s *Reservations) claimOne(ctx context.Context, env Envelope, holder string, key reservation.Key) (anew bool, err error) {
	now := s.loop.now()
	var held reservation.Reservation
	anew, err = s.run(ctx, env, "claim-key", key, func(r reservation.Reservation) ([]reservation.Event, error) {
		held = r
		return r.Claim(holder, env.CommandID.String(), now)
	})
	if !errors.Is(err, reservation.ErrTaken) {
		return anew, err
	}
	other, readErr := peek(ctx, s.loop, customer.Aggregate, held.Holder)
	if readErr != nil {
		return false, errors.Join(named(err, key), readErr)
	}
	if !held.Orphanable(now) || other.Holds(key) {
		return false, named(told(env, other, held), key)
	}
	// The claim was left behind by a command that never finished.
	anew, err = s.run(ctx, env, "reclaim-key", key, func(r reservation.Reservation) ([]reservation.Event, error) {
		return r.Reclaim(held.Holder, holder, env.CommandID.String(), now)
	})
	if env.Reach.Limited() && errors.Is(err, reservation.ErrTaken) {
		err = reservation.ErrTaken // somebody else was faster; who is not to be told
	}
	return anew, named(err, key)
}

// told is the refusal of a key that is taken: by which customer and whose that
// is; only the latter to a sender who does not see the customer (RB-02).
func told(env Envelope, other customer.Customer, held reservation.Reservation) error {
	taken := reservation.Taken{Holder: held.Holder, Owner: other.Owner}
	if !env.Reach.Includes(other.Owner) {
		taken.Holder = ""
	}
	return reservation.ErrTaken.With(taken)
}

// named says which kind of key is taken.
func named(err error, key reservation.Key) error {
	if taken, ok := errors.AsType[*domain.Error](err); ok && taken.Code == reservation.ErrTaken.Code {
		taken = taken.Because("another customer already has this %s; use that customer", key.Kind)
		if key.Kind == reservation.CreditCode || key.Kind == reservation.ExternalID { // fields of the request by the same name
			taken = taken.In(string(key.Kind))
		}
		return taken
	}
	return err
}

// release frees the keys that holder has. What cannot be freed now is
// reclaimed as an orphan by whoever needs it.
func (s *Reservations) release(ctx context.Context, env Envelope, holder string, keys []reservation.Key) {
	for _, key := range keys {
		_, err := s.run(ctx, env, "release-key", key, func(r reservation.Reservation) ([]reservation.Event, error) {
			return r.Release(holder)
		})
		if err != nil && !errors.Is(err, reservation.ErrTaken) {
			s.loop.log.Warn("reservation not released", "kind", key.Kind, "holder", holder, "error", err)
		}
	}
}

// run decides on one key under a command id of its own: a claim is repeated by
// its holder, not by its id, since it may have been released in between. It
// tells whether anything was recorded.
func (s *Reservations) run(
	ctx context.Context, env Envelope, name string, key reservation.Key,
	decide func(reservation.Reservation) ([]reservation.Event, error),
) (recorded bool, err error) {
	result, err := execute(ctx, s.loop, request[reservation.Reservation, reservation.Event]{
		env: Envelope{
			Command: name, CommandID: uuid.New(), Fresh: true,
			CorrelationID: env.CorrelationID, Actor: env.Actor, TraceParent: env.TraceParent,
		},
		lanes: s.loop.keyLanes, agg: reservation.Aggregate, id: s.streamID(key), creates: true,
		decide: func(r reservation.Reservation, _ moment) ([]reservation.Event, error) { return decide(r) },
	})
	return len(result.Events) > 0, err
}

func (s *Reservations) streamID(key reservation.Key) string { return reservationID(s.key, key) }
