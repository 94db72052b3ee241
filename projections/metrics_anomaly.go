package projections

import "math"

const (
	anomalyPeriods = 12 // that a rate is compared with
	anomalyCases   = 5  // fewer are no anomaly
	anomalySpread  = 2  // standard deviations above the mean
)

// Anomaly compares a rate with those of the twelve periods before (definitions
// 5.7): it is an anomaly above their mean and two standard deviations, from five
// cases on.
type Anomaly struct {
	Flag  bool    `json:"flag" doc:"Whether it is one"`
	Mean  float64 `json:"mean" doc:"Of the rates of the twelve periods before" example:"0.02"`
	Limit float64 `json:"limit" doc:"Mean and two standard deviations (of the sample)" example:"0.05"`
}

// watch compares every rate with those before it, and leaves out the periods
// that were only read for that. A rate that twelve rates do not precede is
// neither normal nor not.
func (r *reading) watch(rows []MetricRow) []MetricRow {
	if !r.metric.Rises || r.hidden == 0 {
		return rows
	}
	rates := map[[2]string]map[string]*float64{} // by key and part, by period
	for _, row := range rows {
		of := [2]string{row.Key, row.Part}
		if rates[of] == nil {
			rates[of] = map[string]*float64{}
		}
		rates[of][row.Period] = row.Value
	}
	place := map[string]int{}
	for i, p := range r.periods {
		place[p.Name()] = i
	}
	shown := []MetricRow{}
	for _, row := range rows {
		i := place[row.Period]
		if i < r.hidden {
			continue
		}
		var before []float64
		for _, p := range r.periods[i-anomalyPeriods : i] {
			if v := rates[[2]string{row.Key, row.Part}][p.Name()]; v != nil {
				before = append(before, *v)
			}
		}
		if row.Value != nil && len(before) == anomalyPeriods {
			row.Anomaly = anomaly(*row.Value, *row.Numerator, before)
		}
		shown = append(shown, row)
	}
	return shown
}

func anomaly(rate float64, cases int64, before []float64) *Anomaly {
	var sum, squares float64
	for _, v := range before {
		sum += v
	}
	mean := sum / float64(len(before))
	for _, v := range before {
		squares += (v - mean) * (v - mean)
	}
	limit := mean + anomalySpread*math.Sqrt(squares/float64(len(before)-1))
	return &Anomaly{Flag: rate > limit && cases >= anomalyCases, Mean: mean, Limit: limit}
}
