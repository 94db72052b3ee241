// Package reservation keeps keys unique without an index: every certain-duplicate
// key (definitions 5.3, tier A) has a stream of its own that says who holds it.
// The keyed hash that names the stream is made outside the domain, so no
// personal data stands in a stream name.
package reservation

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Reasons a reservation refuses a command.
var (
	ErrNotFound = &domain.Error{Kind: domain.Missing, Code: "reservation_not_found", Message: "nobody holds this key"}
	ErrTaken    = &domain.Error{Kind: domain.Conflict, Code: "duplicate_customer", Message: "another customer already has this; use that customer, or merge the two"}
)

// Taken is the detail of ErrTaken.
type Taken struct {
	Holder string `json:"holder,omitempty"` // id of the customer that has the key, if that may be known
	Owner  string `json:"owner,omitempty"`  // who is responsible for it
}

// Reservation is who holds one key; nobody if Holder is empty.
type Reservation struct {
	Holder    string    `json:"holder,omitempty"`
	Command   string    `json:"command,omitempty"`
	ClaimedAt time.Time `json:"claimed_at,omitzero"`
}

// Aggregate says where reservations are kept.
var Aggregate = domain.Aggregate[Reservation, Event]{Category: "reservation", Evolve: Evolve, Snapshot: 1, NotFound: ErrNotFound}

// Evolve is the reservation after e.
func Evolve(r Reservation, e Event) Reservation {
	switch e := e.(type) {
	case Claimed:
		r = Reservation(e)
	case Released:
		r = Reservation{}
	}
	return r
}

// OrphanAfter is how long a claim may wait for its record to be written before
// another record may have the key.
const OrphanAfter = time.Minute

// Orphanable says whether the claim is so old that its record should have been
// written by now.
func (r Reservation) Orphanable(now time.Time) bool { return now.Sub(r.ClaimedAt) >= OrphanAfter }

// Claim gives the key to holder. Claiming it again changes nothing, unless the
// claim has aged: then it is renewed, since its record is only now about to be
// written. It fails with ErrTaken, whose details name the holder, if someone
// else has it.
func (r Reservation) Claim(holder, command string, now time.Time) ([]Event, error) {
	switch {
	case r.Holder == holder && now.Sub(r.ClaimedAt) < OrphanAfter/2:
		return nil, nil
	case r.Holder == holder, r.Holder == "":
		return []Event{Claimed{Holder: holder, Command: command, ClaimedAt: domain.Instant(now)}}, nil
	}
	return nil, ErrTaken.With(Taken{Holder: r.Holder})
}

// Reclaim takes the key from orphan, a record that was never written or no
// longer has it, and gives it to holder. It fails with ErrTaken if someone
// other than orphan holds the key by now, or orphan has renewed its claim.
func (r Reservation) Reclaim(orphan, holder, command string, now time.Time) ([]Event, error) {
	if r.Holder != orphan || orphan == holder || !r.Orphanable(now) {
		return r.Claim(holder, command, now)
	}
	claimed := Claimed{Holder: holder, Command: command, ClaimedAt: domain.Instant(now)}
	if orphan == "" {
		return []Event{claimed}, nil
	}
	return []Event{Released{Holder: orphan}, claimed}, nil
}

// Release frees the key if holder has it, and changes nothing otherwise.
func (r Reservation) Release(holder string) ([]Event, error) {
	if r.Holder == "" || r.Holder != holder {
		return nil, nil
	}
	return []Event{Released{Holder: holder}}, nil
}
