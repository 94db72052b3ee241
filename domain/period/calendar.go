package period

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// AddDays is so many days after a day; the day itself if it is none.
func AddDays(day domain.Date, n int) domain.Date {
	t, ok := parse(day)
	if !ok {
		return day
	}
	return format(t.AddDate(0, 0, n))
}

// AddMonths is so many calendar months after a day, clamped to the end of the
// month: 31 January and three months are 30 April (definitions 5.9).
func AddMonths(day domain.Date, n int) domain.Date {
	t, ok := parse(day)
	if !ok {
		return day
	}
	year, month, dom := t.Date()
	last := date(year, month+time.Month(n)+1).AddDate(0, 0, -1)
	return format(last.AddDate(0, 0, min(dom, last.Day())-last.Day()))
}

// Midnight is the first instant of a day in zone, which is not always 00:00:
// clocks that are put forward at midnight leave it out, and those put back pass
// it twice.
func Midnight(day domain.Date, zone *time.Location) time.Time {
	d, ok := parse(day)
	if !ok {
		return time.Time{}
	}
	year, month, dom := d.Date()
	t := time.Date(year, month, dom, 0, 0, 0, 0, zone)
	if domain.DateOf(t, zone) < day {
		hour, minute, second := t.Clock()
		t = t.Add(24*time.Hour - time.Duration(hour)*time.Hour - time.Duration(minute)*time.Minute - time.Duration(second)*time.Second)
	}
	for domain.DateOf(t.Add(-time.Millisecond), zone) >= day {
		t = t.Add(-30 * time.Minute)
	}
	return t.UTC()
}

// Start is the first instant of p in zone.
func (p Period) Start(zone *time.Location) time.Time { return Midnight(p.From, zone) }

// End is the first instant after p in zone.
func (p Period) End(zone *time.Location) time.Time { return Midnight(p.To, zone) }
