package domain

import "time"

// Aggregate ties a category of streams to the fold that gives their state.
type Aggregate[S any, E Event] struct {
	Category string
	Evolve   func(S, E) S
	// Snapshot is the version of S as JSON. Raise it with every change of S or
	// Evolve: older snapshots are then ignored and the stream is read again.
	Snapshot int
	NotFound *Error // for a command on a stream that holds nothing
	// Began is when what S describes began; zero if it has not. Nothing happens
	// to it before that. Nil: it has no beginning that is known.
	Began func(S) time.Time
	// Whose is who is responsible for the record, and the customer whose owner is
	// responsible for it, too. Nil: it is nobody's, and out of reach of whoever may
	// only see the records of some.
	Whose func(S) (owner, customer string)
}

// Stream names the stream of one aggregate.
func (a Aggregate[S, E]) Stream(id string) string { return a.Category + "-" + id }
