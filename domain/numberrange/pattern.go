package numberrange

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/annals-crm/annals/domain"
)

// ErrPattern refuses a pattern that cannot number anything.
var ErrPattern = &domain.Error{
	Kind: domain.Invalid, Code: "bad_number_pattern",
	Message: "a number pattern holds {seq} or {seq:3} once, and may hold {YYYY}, {YY}, {MM} and {YYYYMM}",
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

var layouts = map[string]string{"{YYYYMM}": "200601", "{YYYY}": "2006", "{YY}": "06", "{MM}": "01"}

// Format writes the number seq in pattern, dated at in zone: CM-05 has
// {YYYYMM}-{seq:3} for 202405-001, CM-06 C{YYYY}{seq:3} for C2024001. A number
// too long for its width widens it. It fails with ErrPattern.
func Format(pattern string, seq uint64, at time.Time, zone *time.Location) (string, error) {
	var bad string
	sequences := 0
	number := placeholder.ReplaceAllStringFunc(pattern, func(p string) string {
		if layout, ok := layouts[p]; ok {
			return at.In(zone).Format(layout)
		}
		width, ok := sequenceWidth(p)
		if !ok {
			bad = p
			return p
		}
		sequences++
		return fmt.Sprintf("%0*d", width, seq)
	})
	switch {
	case bad != "":
		return "", ErrPattern.Because("%q cannot be used in a number pattern; use {seq:3}, {YYYY}, {YY}, {MM} or {YYYYMM}", bad)
	case sequences != 1:
		return "", ErrPattern.Because("the number pattern %q must hold {seq} or {seq:3} exactly once", pattern)
	}
	return number, nil
}

// CheckPattern fails with ErrPattern.
func CheckPattern(pattern string) error {
	_, err := Format(pattern, 1, time.Unix(0, 0), time.UTC)
	return err
}

func sequenceWidth(p string) (int, bool) {
	if p == "{seq}" {
		return 1, true
	}
	if len(p) != len("{seq:3}") || p[:5] != "{seq:" {
		return 0, false
	}
	width, err := strconv.Atoi(p[5:6])
	return width, err == nil && width > 0
}
