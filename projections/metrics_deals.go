package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
)

// StagePassed is a deal's time in one stage, over all its visits.
type StagePassed struct {
	Stage     string      `json:"stage" doc:"Name in the policy" example:"quote"`
	EnteredOn domain.Date `json:"entered_on" doc:"Day it first entered" example:"2024-05-31"`
	LeftOn    domain.Date `json:"left_on,omitempty" doc:"Day it last left; none while it is there" example:"2024-06-30"`
	Seconds   int64       `json:"seconds,omitempty" doc:"Time there, without the visit that still lasts"`
}

// enter begins a visit to a stage. StageSince must be set, too.
func (d *Deal) enter(stage string, on domain.Date) {
	for i := range d.Passed {
		if d.Passed[i].Stage == stage {
			d.Passed[i].LeftOn = ""
			return
		}
	}
	d.Passed = append(d.Passed, StagePassed{Stage: stage, EnteredOn: on})
}

// leave ends the visit that began at StageSince.
func (d *Deal) leave(at time.Time, on domain.Date) {
	for i := range d.Passed {
		if p := &d.Passed[i]; p.Stage == d.Stage && p.LeftOn == "" {
			p.LeftOn = on
			p.Seconds += max(int64(at.Sub(d.StageSince)/time.Second), 0)
		}
	}
}

// Measures of deals.
const (
	dealsWon      = "won"       // by day of closing
	dealsCycle    = "cycle"     // days, of those
	dealsLost     = "lost"      // by day of closing
	dealsWonValue = "won_value" // by currency
	dealsForecast = "forecast"  // by currency and day of expected close, in hundredths of minor units
	dealsUndated  = "forecast_undated"
	dealsInStage  = "in_stage" // seconds by stage and day of leaving it
)

var dealDimensions = []string{ByOwner, ByProduct, ByRegion}

const (
	unitRatio   = "ratio"
	unitMinor   = "minor_units"
	unitDays    = "days"
	unitSeconds = "seconds"
	unitDeals   = "deals"
)

// dealMetrics are about deals as they are: one that is reopened is out of the
// closed ones again, and a deal counts for the owner it has.
func dealMetrics() []Metric {
	return []Metric{
		{
			Name: "win_rate", Title: "Deals won, of those closed", Definition: 1, Formula: "definitions 5.4: won / (won + lost)",
			Subject: "deals", Unit: unitRatio, When: "by day of closing", Dimensions: dealDimensions,
			facts: func(d *Deal, t *Tally) {
				switch d.Status {
				case deal.StatusWon:
					t.Count(dealsWon, "", d.ClosedOn)
				case deal.StatusLost:
					t.Count(dealsLost, "", d.ClosedOn)
				}
			},
			reads: reads{measures: []string{dealsWon, dealsLost}}, figure: share(dealsWon, dealsWon, dealsLost),
		},
		{
			Name: "won_value", Title: "Value of deals won", Definition: 1, Formula: "definitions 5.4: sum of amounts won; currencies never add up",
			Subject: "deals", Unit: unitMinor, When: "by day of closing", Part: "currency", Dimensions: dealDimensions,
			facts: func(d *Deal, t *Tally) {
				if d.Status == deal.StatusWon {
					t.Add(dealsWonValue, d.Amount.Currency, d.ClosedOn, d.Amount.Minor)
				}
			},
			reads: reads{measures: []string{dealsWonValue}}, figure: total(dealsWonValue, 1),
		},
		{
			Name: "sales_cycle", Title: "Days from opening to winning a deal", Definition: 1, Formula: "definitions 5.4: won time - opportunity open, in calendar days",
			Subject: "deals", Unit: unitDays, When: "by day of closing", Dimensions: dealDimensions, GrainBy: Months,
			facts: func(d *Deal, t *Tally) {
				if d.Status == deal.StatusWon {
					t.Sample(dealsCycle, "", d.ClosedOn, d.CycleDays)
				}
			},
			reads: reads{measures: []string{dealsCycle}, spread: dealsCycle}, figure: mean(dealsCycle),
		},
		{
			Name: "weighted_forecast", Title: "Open deals, weighted with the probability of their stage", Definition: 1,
			Formula: "definitions 5.2: sum of amount x probability over open deals only", Subject: "deals", Unit: unitMinor,
			When: "by expected day of closing", Part: "currency", Dimensions: dealDimensions, Ahead: true,
			Excludes: []Exclusion{{Reason: "no_expected_close", Why: "open deals that nobody has said of when they will close", undated: dealsUndated}},
			facts: func(d *Deal, t *Tally) {
				switch {
				case d.Status != deal.Open:
				case d.ExpectedClose == "":
					t.Undated(dealsUndated, d.Amount.Currency)
				default:
					t.Add(dealsForecast, d.Amount.Currency, d.ExpectedClose, d.Amount.Minor*int64(d.Probability))
				}
			},
			reads: reads{measures: []string{dealsForecast}}, figure: total(dealsForecast, 100),
		},
		{
			Name: "time_in_stage", Title: "Time deals spend in a stage", Definition: 1,
			Formula: "definitions 5.4: sum over visits of exit - entry, the current visit up to now", Subject: "deals", Unit: unitSeconds,
			When: "by day of leaving the stage; deals that are still there, in the period that is not over", Part: "stage", Dimensions: nil, Grain: Months,
			facts: func(d *Deal, t *Tally) {
				for _, p := range d.Passed {
					if p.LeftOn == "" {
						t.Running(dealsInStage, p.Stage, d.StageSince.Add(-time.Duration(p.Seconds)*time.Second))
					} else {
						t.Sample(dealsInStage, p.Stage, p.LeftOn, p.Seconds)
					}
				}
			},
			reads: reads{measures: []string{dealsInStage}, spread: dealsInStage, running: true}, figure: mean(dealsInStage),
		},
	}
}

// dealFigures contributes to metrics.
func dealFigures(metrics []Metric) func(*dealDocument, *Facts) {
	of := contributions[Deal](metrics)
	return func(d *dealDocument, f *Facts) {
		if d.Status != "" {
			contribute(of, &d.Deal, f, []dimension{{ByOwner, d.Owner}, {ByProduct, d.Product}, {ByRegion, d.Region}})
		}
	}
}

var dealFacts = dealFigures(append(dealMetrics(), funnelMetrics()...))
