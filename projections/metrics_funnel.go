package projections

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain/deal"
)

// Measures of the funnel.
const (
	funnelCohort  = "cohort"  // deals by day of opening; the part says how they stand and the stages they entered
	funnelEntered = "entered" // first entries into a stage, by day
)

// funnelMetrics follow deals through the stages. Winning is the last of them,
// whatever stage a deal is won from; skipped stages count as passed.
func funnelMetrics() []Metric {
	return []Metric{
		{
			Name: "funnel_cohort", Title: "How far the deals opened in a period have come", Definition: 1,
			Formula: "definitions 5.4: R_i / R_1, where R_i of the cohort entered stage i or a later one; step: R_i / R_(i-1)",
			Subject: "deals", Unit: unitRatio, When: "by day of opening", Part: "stage", Dimensions: dealDimensions, GrainBy: Months,
			facts: func(d *Deal, t *Tally) {
				t.Count(funnelCohort, d.Status+">"+strings.Join(d.entered(), ">"), d.OpenedOn)
			},
			reads: reads{measures: []string{funnelCohort}}, figure: cohort,
		},
		{
			Name: "funnel_throughput", Title: "Deals that entered a stage", Definition: 1,
			Formula: "definitions 5.4: distinct deals by their first entry into the stage; never to be divided by one another",
			Subject: "deals", Unit: unitDeals, When: "by day of first entry; into won, by day of closing", Part: "stage", Dimensions: []string{ByOwner}, GrainBy: Months,
			facts: func(d *Deal, t *Tally) {
				for _, p := range d.Passed {
					t.Count(funnelEntered, p.Stage, p.EnteredOn)
				}
				if d.Status == deal.StatusWon {
					t.Count(funnelEntered, deal.StatusWon, d.ClosedOn)
				}
			},
			reads: reads{measures: []string{funnelEntered}}, figure: throughput,
		},
	}
}

// entered are the stages a deal was in, in a fixed order.
func (d *Deal) entered() []string {
	stages := make([]string, len(d.Passed))
	for i, p := range d.Passed {
		stages[i] = p.Stage
	}
	slices.Sort(stages)
	return stages
}

// cohort works out how many reached each stage, in the order of the stages in
// the policy of that time. A stage the policy does not have reaches none.
func cohort(s *Slice) []Figure {
	stages := append(s.Policy.Pack.Sales.StageNames(), deal.StatusWon)
	reached, open := make([]int64, len(stages)), int64(0)
	for _, part := range s.Parts(funnelCohort) {
		n := s.Of(funnelCohort, part).Count
		status, entered, _ := strings.Cut(part, ">")
		furthest := 0 // opening a deal is entering the funnel
		for stage := range strings.SplitSeq(entered, ">") {
			furthest = max(furthest, slices.Index(stages, stage))
		}
		switch status {
		case deal.StatusWon:
			furthest = len(stages) - 1
		case deal.Open:
			open += n
		}
		for i := range furthest + 1 {
			reached[i] += n
		}
	}
	figures := make([]Figure, len(stages))
	for i, stage := range stages {
		figures[i] = fraction(stage, reached[i], reached[0])
		figures[i].Pending = &open
		if i > 0 {
			figures[i].Step = ratio(reached[i], reached[i-1])
		}
	}
	return figures
}

func throughput(s *Slice) []Figure {
	stages := append(s.Policy.Pack.Sales.StageNames(), deal.StatusWon)
	for _, other := range s.Parts(funnelEntered) {
		if !slices.Contains(stages, other) {
			stages = append(stages, other)
		}
	}
	figures := make([]Figure, len(stages))
	for i, stage := range stages {
		n := s.Of(funnelEntered, stage).Count
		value := float64(n)
		figures[i] = Figure{Part: stage, Value: &value, Numerator: &n}
	}
	return figures
}
