// Package disclosure keeps account of who was shown personal data: every read by
// an auditor and every export is a fact itself (DG-16). What was shown is not
// repeated, only of whom it was.
package disclosure

import (
	"github.com/annals-crm/annals/domain"
)

// Reasons a disclosure refuses a command.
var (
	ErrNotFound = &domain.Error{Kind: domain.Missing, Code: "disclosure_not_found", Message: "no such disclosure"}
	ErrExists   = &domain.Error{Kind: domain.Conflict, Code: "disclosure_exists", Message: "this disclosure was recorded already"}
)

// Disclosure is one answer that held personal data.
type Disclosure struct {
	ID string `json:"id"`
}

// Aggregate says where disclosures are kept: each in a stream of its own, so that
// readers do not wait for each other.
var Aggregate = domain.Aggregate[Disclosure, Event]{Category: "disclosure", Evolve: Evolve, Snapshot: 1, NotFound: ErrNotFound}

// Evolve is the disclosure after e.
func Evolve(d Disclosure, e Event) Disclosure {
	switch e := e.(type) {
	case Recorded:
		d.ID = e.DisclosureID
	}
	return d
}

// Record puts it on record. It fails with ErrExists.
func (d Disclosure) Record(what Recorded) ([]Event, error) {
	if d.ID != "" {
		return nil, ErrExists
	}
	return []Event{what}, nil
}
