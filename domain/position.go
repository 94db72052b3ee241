package domain

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Position is a place in the whole log. Both halves are needed to resume.
type Position struct{ Commit, Prepare uint64 }

// StartOfLog lies before every event.
var StartOfLog = Position{}

// Compare orders positions as the log does.
func (p Position) Compare(q Position) int {
	if c := cmp.Compare(p.Commit, q.Commit); c != 0 {
		return c
	}
	return cmp.Compare(p.Prepare, q.Prepare)
}

// String is the form callers are given: "commit/prepare".
func (p Position) String() string {
	return strconv.FormatUint(p.Commit, 10) + "/" + strconv.FormatUint(p.Prepare, 10)
}

// ParsePosition reads what String wrote. A bare number stands for the end of
// that commit. It fails with ErrBadPosition.
func ParsePosition(s string) (Position, error) {
	commit, prepare, both := strings.Cut(s, "/")
	c, err := strconv.ParseUint(commit, 10, 64)
	if err != nil {
		return Position{}, ErrBadPosition.Because("%q is not a log position such as 8312/8312", s)
	}
	if !both {
		return Position{c, math.MaxUint64}, nil
	}
	p, err := strconv.ParseUint(prepare, 10, 64)
	if err != nil {
		return Position{}, ErrBadPosition.Because("%q is not a log position such as 8312/8312", s)
	}
	return Position{c, p}, nil
}

// MarshalText writes the form of String, for JSON.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the form of String.
func (p *Position) UnmarshalText(text []byte) (err error) {
	if *p, err = ParsePosition(string(text)); err != nil {
		return fmt.Errorf("position: %w", err)
	}
	return nil
}
