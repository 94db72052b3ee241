package period

import (
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Span is so much of the calendar as ISO 8601 writes it: P3M are three months,
// P60D sixty days, P1Y2W a year and then two weeks. Hours have no place in it.
type Span string

// Valid tells whether s has that form.
func (s Span) Valid() bool {
	_, _, ok := s.parse()
	return ok
}

// AfterDay is the day a span after another: years and months first, clamped as
// AddMonths clamps them, then weeks and days. A span that is none adds nothing.
func (s Span) AfterDay(day domain.Date) domain.Date {
	t, ok := parse(day)
	if !ok {
		return day
	}
	return format(s.After(t, time.UTC))
}

// After is the instant a span after another, at the same time of day in zone.
func (s Span) After(at time.Time, zone *time.Location) time.Time {
	months, days, ok := s.parse()
	if !ok {
		return at
	}
	local := at.In(zone)
	year, month, day := local.Date()
	if month += time.Month(months); day > 28 {
		day = min(day, date(year, month+1).AddDate(0, 0, -1).Day())
	}
	hour, minute, second := local.Clock()
	return time.Date(year, month, day+days, hour, minute, second, local.Nanosecond(), zone).UTC()
}

// Shorter tells whether s ends before other, from whatever day both are counted:
// P60D and P2M are neither shorter than the other.
func (s Span) Shorter(other Span) bool {
	const first, last = domain.Date("2024-01-01"), domain.Date("2028-01-01") // leap years repeat
	for day := first; day < last; day = AddDays(day, 1) {
		if s.AfterDay(day) >= other.AfterDay(day) {
			return false
		}
	}
	return true
}

func (s Span) parse() (months, days int, ok bool) {
	rest, ok := strings.CutPrefix(string(s), "P")
	if !ok || rest == "" {
		return 0, 0, false
	}
	for _, unit := range "YMWD" {
		number, after, found := strings.Cut(rest, string(unit))
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 12) // so that years keep four digits
		if err != nil {
			return 0, 0, false
		}
		switch rest = after; unit {
		case 'Y':
			months += 12 * int(n)
		case 'M':
			months += int(n)
		case 'W':
			days += 7 * int(n)
		default:
			days += int(n)
		}
	}
	return months, days, rest == ""
}
