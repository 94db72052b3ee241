package analysis

import (
	"maps"
	"slices"
	"strconv"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// MetricsMost is how many metrics one analysis works out.
const MetricsMost = 20

// check notes every problem of a question, and completes it: what was recorded
// after the start is left out, so that the answer is the same whenever it is
// found. A shadow takes in what comes.
func (s *Started) check() error {
	var c input.Checker
	c.Required("analysis_id", s.AnalysisID)
	c.RequiredName("name", &s.Name)
	switch n := len(s.Metrics); {
	case n == 0:
		c.Add("metrics", "metrics must name at least one metric")
	case n > MetricsMost:
		c.Add("metrics", "metrics names %d; an analysis works out at most %d", n, MetricsMost)
	}
	seen := map[string]bool{}
	for i, name := range s.Metrics {
		if seen[name] {
			c.Add("metrics["+strconv.Itoa(i)+"]", "metrics names %s twice", name)
		}
		seen[name] = true
	}
	c.Date("from", s.From)
	c.Date("to", s.To)
	for _, of := range []struct {
		side string
		*Assumptions
	}{{"baseline", &s.Baseline}, {"variant", &s.Variant}} {
		side, a := of.side, of.Assumptions
		a.AsOf, a.KnownAt = domain.Instant(a.AsOf), domain.Instant(a.KnownAt)
		if a.KnownAt.After(s.StartedAt) {
			c.Add(side+".known_at", "%s.known_at lies in the future", side)
		}
		if a.AsOf.After(s.StartedAt) {
			c.Add(side+".as_of", "%s.as_of lies in the future: the answer would change later", side)
		}
		for _, name := range slices.Sorted(maps.Keys(a.Definitions)) {
			if !seen[name] {
				c.Add(side+".definitions."+name, "%s.definitions names %s, which metrics does not", side, name)
			}
		}
		if s.Shadow && (!a.KnownAt.IsZero() || !a.AsOf.IsZero()) {
			c.Add(side, "%s: a shadow goes on with the log, so it has neither as_of nor known_at", side)
		}
		if a.KnownAt.IsZero() && !s.Shadow {
			a.KnownAt = s.StartedAt
		}
	}
	return c.Err()
}
