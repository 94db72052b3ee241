// Package tokenuse keeps account of when API tokens were used, to the hour. It is
// kept apart from what decides about tokens (domain/access), which everybody
// follows and which therefore stays small.
package tokenuse

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Precision is how exactly it is known when a token was used.
const Precision = time.Hour

// Use is whether a token was used in one hour.
type Use struct {
	Noted bool `json:"noted"`
}

// Aggregate says where uses are kept: each token and hour in a stream of its own,
// so that processes which note the same do not wait for each other, and the second
// finds it there.
var Aggregate = domain.Aggregate[Use, Event]{Category: "token_use", Evolve: Evolve, Snapshot: 1}

// Evolve is the use after e.
func Evolve(u Use, e Event) Use {
	switch e.(type) {
	case Noted:
		u.Noted = true
	}
	return u
}

// Note puts on record that a token was used within the hour that at lies in.
func (u Use) Note(tokenID string, at time.Time) ([]Event, error) {
	if u.Noted {
		return nil, nil
	}
	return []Event{Noted{TokenID: tokenID, Hour: at.UTC().Truncate(Precision)}}, nil
}
