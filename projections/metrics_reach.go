package projections

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain/access"
)

// within fails with access.ErrBeyondReach unless the question is by whose the records are, if
// some are out of reach.
func (r *reading) within(reach access.Reach) error {
	if !reach.Limited() || slices.Contains(byWhom(), r.by) {
		return nil
	}
	owners := strings.Join(reach.Owners(), ", ")
	for _, by := range byWhom() {
		if slices.Contains(r.metric.Dimensions, by) {
			return access.ErrBeyondReach.Because("you see the figures of %s; ask with by=%s", owners, by)
		}
	}
	return access.ErrBeyondReach.Because("you see the figures of %s, and %s is not kept by owner", owners, r.metric.Name)
}

// byWhom are the dimensions that say whose a record is.
func byWhom() []string { return []string{ByOwner, ByAssignee} }

// within leaves out the rows of others.
func (a MetricAnswer) within(reach access.Reach) MetricAnswer {
	if !reach.Limited() {
		return a
	}
	a.Excluded = nil // of all records
	a.Rows = slices.DeleteFunc(slices.Clone(a.Rows), func(row MetricRow) bool { return !reach.Includes(row.Key) })
	return a
}
