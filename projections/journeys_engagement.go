package projections

import "time"

// Parts of how close customers are. Each holds all of the next ones, so that a
// contact changes only when the customer will be taken to cool down and to sleep.
const (
	known   = "known"
	touched = "touched"
	cooled  = "cooled"
	dozed   = "dozed"
)

// engagement is how close the customer is (X1): by the time since the last
// two-way contact, in the calendar of the organisation.
func (j *journey) engagement(r *reign) []phase {
	zone, rules := r.pack.Location(), &r.pack.Customers
	all := []phase{{known, interval{from: j.RegisteredAt}}}
	if len(j.Touches) == 0 {
		return all
	}
	first := time.UnixMilli(j.Touches[0][0]).UTC()
	all[0].from = earlier(first, j.RegisteredAt)
	all = append(all, phase{touched, interval{from: first}})
	for i, run := range j.Touches {
		last, next := time.UnixMilli(run[1]).UTC(), time.Time{}
		if i+1 < len(j.Touches) {
			next = time.UnixMilli(j.Touches[i+1][0]).UTC()
		}
		cooling := rules.CoolingAfter.After(last, zone)
		if !next.IsZero() && !cooling.Before(next) {
			continue
		}
		all = append(all, phase{cooled, interval{cooling, next}})
		if dormant := rules.DormantAfter.After(last, zone); next.IsZero() || dormant.Before(next) {
			all = append(all, phase{dozed, interval{dormant, next}})
		}
	}
	return all
}
