package domain

import "time"

// Date is a calendar day in the organisation's zone, "2024-05-31". Days, months
// and cycle lengths are counted on these, so no zone is needed to read them.
type Date string

// DateOf is the day of t in zone.
func DateOf(t time.Time, zone *time.Location) Date { return Date(t.In(zone).Format(time.DateOnly)) }

// Month is "2024-05".
func (d Date) Month() string {
	if len(d) < 7 {
		return ""
	}
	return string(d[:7])
}

// DaysUntil counts the calendar days from d to e; 0 if either is not a day.
func (d Date) DaysUntil(e Date) int64 {
	from, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	to, err := time.Parse(time.DateOnly, string(e))
	if err != nil {
		return 0
	}
	return int64(to.Sub(from) / (24 * time.Hour))
}
