package eventlog

import "github.com/google/uuid"

// Expected is the revision a writer expects its stream to be at, or one of the special expectations.
type Expected int64

// The special expectations.
const (
	NoStream     Expected = -1
	Any          Expected = -2
	StreamExists Expected = -4
)

type verdict int

const (
	write   verdict = iota
	repeat          // the same events were written before: answer what was answered then
	wrong           // the stream is not where the writer expected it
	deleted         // tombstoned
)

// history answers what a decision may have to look up beyond the head.
type history interface {
	// idAt is the event id at a revision of the stream under decision.
	idAt(revision int64) (uuid.UUID, bool, error)
	// recent finds an event id among the recently written ones of the stream under decision.
	recent(id uuid.UUID) (revision int64, found bool)
}

// decision is a verdict and, for a repeat, the revision of the last event that was written the first time.
type decision struct {
	verdict  verdict
	revision int64
}

// decide is the whole rule for an append. It reads, it changes nothing.
func decide(expected Expected, h head, ids []uuid.UUID, past history) (decision, error) {
	switch {
	case h.tombstoned:
		return decision{verdict: deleted}, nil
	case expected == StreamExists && !h.exists():
		return decision{verdict: wrong}, nil
	case expected == Any, expected == StreamExists:
		if last, ok := recentlyWritten(ids, past); ok {
			return decision{verdict: repeat, revision: last}, nil
		}
		return decision{verdict: write}, nil
	case int64(expected) == h.last:
		return decision{verdict: write}, nil
	case int64(expected) > h.last || expected < NoStream:
		return decision{verdict: wrong}, nil
	case expected == NoStream && h.softDeleted():
		return decision{verdict: write}, nil
	}
	return decideBehind(expected, h, ids, past)
}

// decideBehind tells a late retry from a lost race: a retry finds its own ids where it wanted to write them.
func decideBehind(expected Expected, h head, ids []uuid.UUID, past history) (decision, error) {
	from := []int64{int64(expected) + 1}
	if expected == NoStream && h.retention.truncateBefore > 0 {
		// The retry may be of the append that brought a deleted stream back, which went on counting.
		from = append(from, h.retention.truncateBefore)
	}
	for _, first := range from {
		same, err := sameIDs(first, ids, past)
		if err != nil {
			return decision{}, err
		}
		if same {
			return decision{verdict: repeat, revision: first + int64(len(ids)) - 1}, nil
		}
	}
	return decision{verdict: wrong}, nil
}

func sameIDs(first int64, ids []uuid.UUID, past history) (bool, error) {
	for i, id := range ids {
		written, found, err := past.idAt(first + int64(i))
		if err != nil {
			return false, err
		}
		if !found || written != id {
			return false, nil
		}
	}
	return true, nil
}

// recentlyWritten reports the revision of the last id when all ids were written, next to each other.
func recentlyWritten(ids []uuid.UUID, past history) (int64, bool) {
	last := none
	for i, id := range ids {
		revision, found := past.recent(id)
		if !found || (i > 0 && revision != last+1) {
			return 0, false
		}
		last = revision
	}
	return last, len(ids) > 0
}
