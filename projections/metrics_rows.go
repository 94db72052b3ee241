package projections

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

// answer is what the store's figures say.
func (r *reading) answer(figures Figures) MetricAnswer {
	m := r.metric
	answer := MetricAnswer{
		Position: figures.Position, Metric: m.Name, Definition: m.Definition, Unit: m.Unit, Zone: r.zone.String(),
		Period: string(r.kind), By: r.by, Part: m.Part, At: r.at, Excluded: r.undated(figures),
	}
	all := r.slices(figures)
	made, n := make([][]Figure, len(all)), 0
	for i, slice := range all {
		made[i] = r.metric.figure(slice.Slice)
		if len(made[i]) == 0 && r.by == "" {
			made[i] = []Figure{{}}
		}
		n += len(made[i])
	}
	answer.Rows = make([]MetricRow, 0, n)
	for i, slice := range all {
		answer.Rows = slice.rows(answer.Rows, made[i])
	}
	answer.Rows = r.watch(answer.Rows)
	return answer
}

// ask is what the store is asked for: every measure over the periods, and every
// state at their beginnings and ends.
func (r *reading) ask() Ask {
	var ask Ask
	for _, measure := range r.metric.reads.measures {
		series := Series{Name: brokenDown(measure, r.by), Spans: r.periods, Spread: measure == r.metric.reads.spread}
		if series.Spread && r.metric.reads.running && r.current >= 0 {
			series.Running, series.At = &r.current, r.at.Unix()
		}
		ask.Series = append(ask.Series, series)
	}
	for _, states := range r.metric.reads.states {
		ask.States = append(ask.States, States{Name: brokenDown(states, r.by), At: r.instants(), Present: r.at})
	}
	for _, states := range r.metric.reads.perKind {
		ask.States = append(ask.States, States{Name: brokenDown(kindStates(states, r.kind), r.by), At: r.instants(), Present: r.at})
	}
	for _, x := range r.metric.Excludes {
		if x.undated != "" {
			ask.Groups = append(ask.Groups, bucketGroup(brokenDown(x.undated, r.by), nowBucket))
		}
	}
	return ask
}

// kindStates are the states of one kind of period.
func kindStates(states string, kind period.Kind) string { return states + ":" + string(kind) }

// instants are the last ones before all periods, and then the last ones of them,
// none of them later than the instant asked about.
func (r *reading) instants() []time.Time {
	instants := make([]time.Time, 2*len(r.periods))
	for i, p := range r.periods {
		instants[i] = r.before(p.From)
		instants[len(r.periods)+i] = r.end(p)
	}
	return instants
}

// end is the last instant of a period, so that a state that lasts until then is
// still seen.
func (r *reading) end(p period.Period) time.Time { return r.before(p.To) }

func (r *reading) before(day domain.Date) time.Time {
	return earlier(r.zones.midnight(day).Add(-time.Millisecond), r.at)
}

// undated counts what falls into no period.
func (r *reading) undated(figures Figures) map[string]int64 {
	counts := map[string]int64{}
	for _, x := range r.metric.Excludes {
		for _, n := range figures.Counts[bucketGroup(brokenDown(x.undated, r.by), nowBucket)] {
			counts[x.Reason] += n
		}
	}
	if len(counts) == 0 {
		return nil
	}
	return counts
}

// keyed is a slice and the value of the dimension it is of.
type keyed struct {
	*Slice
	key string
	in  *inPeriod
}

// inPeriod is what all rows of a period have in common.
type inPeriod struct {
	name        string
	provisional bool
	goal        *Target
}

// slices takes an answer apart by period and by value of the dimension. The
// whole has a slice in every period.
func (r *reading) slices(figures Figures) []keyed {
	allStates := slices.Concat(r.metric.reads.states, r.metric.reads.perKind)
	var all []keyed
	for i, p := range r.periods {
		byKey, under := map[string]*Slice{}, r.policy.InForce(r.end(p))
		in := &inPeriod{p.Name(), r.provisional(p, &under.Pack), r.metric.goal(&under.Pack)}
		slice := func(name string) (part string, s *Slice) {
			part, key, _ := strings.Cut(name, "\x1e")
			if byKey[key] == nil {
				byKey[key] = &Slice{Period: p, Policy: &under}
			}
			return part, byKey[key]
		}
		if r.by == "" {
			slice("")
		}
		for m, measure := range r.metric.reads.measures {
			for name, d := range figures.Series[m][i] {
				part, s := slice(name)
				s.measures = append(s.measures, of[Distribution]{measure, part, d})
			}
		}
		for m, states := range allStates {
			for name, n := range figures.States[m][i] {
				if n != 0 { // else it is in use at another time
					part, s := slice(name)
					s.begin = append(s.begin, of[int64]{states, part, n})
				}
			}
			for name, n := range figures.States[m][len(r.periods)+i] {
				if n != 0 {
					part, s := slice(name)
					s.end = append(s.end, of[int64]{states, part, n})
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			all = append(all, keyed{byKey[key], key, in})
		}
	}
	return all
}

// rows appends the figures of a slice.
func (s keyed) rows(rows []MetricRow, figures []Figure) []MetricRow {
	for i := range figures {
		f, goal := &figures[i], s.in.goal
		row := MetricRow{
			Period: s.in.name, From: s.Period.From, To: s.Period.To, Key: s.key, Part: f.Part, Value: f.Value,
			Numerator: f.Numerator, Denominator: f.Denominator, Step: f.Step, Pending: f.Pending, Excluded: f.Excluded,
			Policy: s.Policy.Number, Provisional: s.in.provisional,
		}
		if d := f.Samples; d != nil {
			row.Samples, row.Median, row.P90, row.Max = d.Count, &d.Median, &d.P90, &d.Max
		}
		if goal != nil && f.Value != nil && (goal.Part == "" || goal.Part == f.Part) {
			met := *f.Value <= goal.Value
			if goal.AtLeast {
				met = *f.Value >= goal.Value
			}
			row.Target, row.Met = &goal.Value, &met
		}
		rows = append(rows, row)
	}
	return rows
}

// provisional tells whether a period is not over, or its figure not settled.
func (r *reading) provisional(p period.Period, under *policy.Pack) bool {
	return r.settled(p, under).After(r.at)
}

// settled is when the figure of a period is final.
func (r *reading) settled(p period.Period, under *policy.Pack) time.Time {
	settled := r.zones.midnight(p.To)
	if r.metric.Settles != nil {
		settled = settled.Add(r.metric.Settles(*under))
	}
	return settled
}
