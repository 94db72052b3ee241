package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Point is a place in the two times: what had happened by AsOf, as far as it
// was known by KnownAt; zero is now. Revision is a third way to say it: when
// the record had just come to that.
type Point struct {
	AsOf     time.Time
	KnownAt  time.Time
	Revision *uint64
}

// Now tells whether p asks for the present.
func (p Point) Now() bool { return p.AsOf.IsZero() && p.KnownAt.IsZero() && p.Revision == nil }

// holds tells whether an event had happened, and was known, by then. Instants
// count in whole milliseconds, so what a reader was shown finds it again.
func (p Point) holds(r *domain.Recorded) bool {
	return (p.AsOf.IsZero() || !domain.Instant(r.OccurredAt()).After(p.AsOf)) &&
		(p.KnownAt.IsZero() || !domain.Instant(r.RecordedAt).After(p.KnownAt))
}

// clockSkew is how far the clock of a caller may be ahead of ours.
const clockSkew = time.Minute

func (p Point) check(now time.Time) error {
	latest := now.Add(clockSkew)
	switch {
	case p.AsOf.After(latest):
		return ErrAsOfFuture.In("as_of")
	case p.KnownAt.After(latest):
		return ErrAsOfFuture.In("known_at")
	case p.Revision != nil && (!p.AsOf.IsZero() || !p.KnownAt.IsZero()):
		return ErrTwoPoints.In("revision")
	}
	return nil
}

// Errors of queries about the past.
var (
	ErrAsOfFuture = &domain.Error{Kind: domain.Invalid, Code: "as_of_in_future", Message: "as_of and known_at cannot lie in the future: the answer would change later"}
	ErrTwoPoints  = &domain.Error{Kind: domain.Invalid, Code: "as_of_with_revision", Message: "give either a revision or times, not both"}
	ErrNotThen    = &domain.Error{Kind: domain.Missing, Code: "not_recorded_then", Message: "the record exists, but nothing of it had happened, or was known, then; details say since when"}
	ErrNoRevision = &domain.Error{Kind: domain.Missing, Code: "revision_not_found", Message: "the record has no such revision"}
	ErrNoField    = &domain.Error{Kind: domain.Invalid, Code: "unknown_field", Message: "the record has no such field", Field: "field"}
	ErrInterval   = &domain.Error{Kind: domain.Invalid, Code: "empty_interval", Message: "the interval ends before it starts"}
)

// Since is the detail of ErrNotThen and ErrNoRevision.
type Since struct {
	OccurredAt time.Time `json:"occurred_at"` // of its first event
	RecordedAt time.Time `json:"recorded_at"`
	Revision   uint64    `json:"revision"` // it has come to
}
