package projections

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// Mark says how far a version of a read model has come. Edits counts the
// changes made outside the order of the log (a parked stream folded late), so
// that whoever remembers documents of the version notices them.
type Mark struct {
	Position domain.Position
	Edits    uint64
}

// String is the stored form: "8312/8312", or "8312/8312+2" after two edits.
func (m Mark) String() string {
	if m.Edits == 0 {
		return m.Position.String()
	}
	return m.Position.String() + "+" + strconv.FormatUint(m.Edits, 10)
}

// ParseMark reads what String wrote. Empty is the start of the log.
func ParseMark(s string) (mark Mark, err error) {
	if s == "" {
		return Mark{}, nil
	}
	position, edits, edited := strings.Cut(s, "+")
	if edited {
		if mark.Edits, err = strconv.ParseUint(edits, 10, 64); err != nil {
			return Mark{}, fmt.Errorf("mark %q: %w", s, err)
		}
	}
	mark.Position, err = domain.ParsePosition(position)
	return mark, err
}

// At is the mark after the events up to position.
func (m Mark) At(position domain.Position) Mark { return Mark{position, m.Edits} }

// Edited is the mark after a change outside the order of the log.
func (m Mark) Edited() Mark { return Mark{m.Position, m.Edits + 1} }

// Commit takes one version of a read model from one mark to the next.
type Commit struct {
	Model    Model
	From, To Mark
	Changes  Changes
	Unparked []string // streams whose parked events are dropped before Changes.Parked is added
}

// ErrMoved refuses a commit whose From is not what is stored: someone else has
// committed, or the store was emptied. Read the mark again and go on from there.
var ErrMoved = &domain.Error{Kind: domain.Conflict, Code: "read_model_moved", Message: "the read model is not where the commit starts from"}
