package domain

// Aggregate ties a category of streams to the fold that gives their state.
type Aggregate[S any, E Event] struct {
	Category string
	Evolve   func(S, E) S
	// Snapshot is the version of S as JSON. Raise it with every change of S or
	// Evolve: older snapshots are then ignored and the stream is read again.
	Snapshot int
	NotFound *Error // for a command on a stream that holds nothing
}

// Stream names the stream of one aggregate.
func (a Aggregate[S, E]) Stream(id string) string { return a.Category + "-" + id }
