// Package period counts time the way people report it: days, weeks from Monday
// to Sunday, months, quarters and years of the calendar, and calendar months
// from one instant to another. It knows zones, and no policy.
package period

import (
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Kind is how long a period is.
type Kind string

// The kinds of periods. Whole is one stretch of any length.
const (
	Day     Kind = "day"
	Week    Kind = "week"
	Month   Kind = "month"
	Quarter Kind = "quarter"
	Year    Kind = "year"
	Whole   Kind = "whole"
)

// Kinds lists the kinds that the calendar has, from the shortest on.
func Kinds() []Kind { return []Kind{Day, Week, Month, Quarter, Year} }

// Period is the days from From to the day before To.
type Period struct {
	Kind     Kind
	From, To domain.Date
}

// Of is the period of a kind that a day lies in; of Whole, the day alone. A text
// that is no day is in the zero period.
func Of(kind Kind, day domain.Date) Period {
	t, ok := parse(day)
	if !ok {
		return Period{}
	}
	year, month, _ := t.Date()
	from, to := t, t.AddDate(0, 0, 1)
	switch kind {
	case Day, Whole:
	case Week:
		from = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		to = from.AddDate(0, 0, 7)
	case Month:
		from = date(year, month)
		to = from.AddDate(0, 1, 0)
	case Quarter:
		from = date(year, month-(month-1)%3)
		to = from.AddDate(0, 3, 0)
	case Year:
		from = date(year, time.January)
		to = from.AddDate(1, 0, 0)
	}
	return Period{kind, format(from), format(to)}
}

// Next is the period after p, of the same kind.
func (p Period) Next() Period { return Of(p.Kind, p.To) }

// Before is the period before p, of the same kind.
func (p Period) Before() Period { return Of(p.Kind, AddDays(p.From, -1)) }

// Holds tells whether a day lies in p.
func (p Period) Holds(day domain.Date) bool { return p.From <= day && day < p.To }

// Name is how people write p: 2024-05-31, 2024-W22, 2024-05, 2024-Q2, 2024, and
// the first and last day of a whole.
func (p Period) Name() string {
	t, ok := parse(p.From)
	if !ok {
		return ""
	}
	switch p.Kind {
	case Week:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	case Month:
		return p.From.Month()
	case Quarter:
		return fmt.Sprintf("%d-Q%d", t.Year(), (t.Month()+2)/3)
	case Year:
		return string(p.From[:4])
	case Whole:
		return string(p.From) + "/" + string(AddDays(p.To, -1))
	case Day:
	}
	return string(p.From)
}

// Between lists the periods of a kind that the days from one to another, both
// included, lie in; a whole is cut to these days.
func Between(kind Kind, from, to domain.Date) []Period {
	if kind == Whole {
		return []Period{{Whole, from, AddDays(to, 1)}}
	}
	var all []Period
	for p := Of(kind, from); p.From != "" && p.From <= to; p = p.Next() {
		all = append(all, p)
	}
	return all
}

func date(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

func parse(day domain.Date) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(day))
	return t, err == nil
}

func format(t time.Time) domain.Date { return domain.Date(t.Format(time.DateOnly)) }
