package domain

// Page is a run of consecutive events of the log, handed on by reference so
// that the cost of passing it does not depend on its size.
type Page struct {
	Events []Recorded // in log order; may be empty when only the position moved
	// From is where the page resumes, exclusive; To is the last place looked at,
	// which lies beyond the last event when the events after it were not wanted.
	From, To Position
	// CaughtUp holds when the log had nothing further as of To.
	CaughtUp bool
	Bytes    int // of payloads and metadata as stored
}
