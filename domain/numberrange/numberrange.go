// Package numberrange hands out readable numbers such as 202405-001. The length
// of the range's stream is the counter, so no number is ever handed out twice.
package numberrange

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Customers is the id of the range that numbers customers.
const Customers = "customer"

// ErrNotFound is for a range that has handed out nothing yet.
var ErrNotFound = &domain.Error{Kind: domain.Missing, Code: "number_range_not_found", Message: "no such number range"}

// Range is how many numbers were handed out.
type Range struct {
	Count uint64 `json:"count"`
}

// Aggregate says where number ranges are kept.
var Aggregate = domain.Aggregate[Range, Event]{Category: "number_range", Evolve: Evolve, Snapshot: 1, NotFound: ErrNotFound}

// Evolve is the range after e.
func Evolve(r Range, e Event) Range {
	switch e.(type) {
	case Assigned:
		r.Count++
	}
	return r
}

// Assign hands out the next number to the record holder, dated at in zone. It
// fails with ErrPattern.
func (r Range) Assign(holder, pattern string, at time.Time, zone *time.Location) ([]Event, error) {
	number, err := Format(pattern, r.Count+1, at, zone)
	if err != nil {
		return nil, err
	}
	return []Event{Assigned{Number: number, For: holder}}, nil
}
