package projections

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/policy"
)

// ErrTooLarge says that a report would not fit into the log.
var ErrTooLarge = &domain.Error{Kind: domain.Invalid, Code: "report_too_large", Message: "the report is too large to be kept; ask for fewer or longer periods, or leave the dimension out", Field: "period"}

const (
	reportRows     = 1000 // of one metric
	recordsShown   = 100
	countingsShown = 20 // of one record on one side
)

// Report is what an analysis found: every figure on both sides, which records
// count differently, and why.
type Report struct {
	Position domain.Position  `json:"position" doc:"End of the log that was taken in"`
	Events   int64            `json:"events" doc:"Events looked at" example:"83120"`
	Baseline SideReport       `json:"baseline" doc:"What it is compared with"`
	Variant  SideReport       `json:"variant" doc:"What was asked"`
	Causes   Causes           `json:"causes" doc:"In what the two sides differ, which is why their figures do"`
	Metrics  []ComparedMetric `json:"metrics" doc:"In the order of the question" nullable:"false"`
	Changed  int              `json:"changed" doc:"How many rows differ" example:"3"`
	Records  ChangedRecords   `json:"records" doc:"Records that count differently in the periods asked for"`
}

// SideReport is under what one side was worked out.
type SideReport struct {
	At             time.Time `json:"at" doc:"Instant the figures are of"`
	PolicyVersions []int     `json:"policy_versions" doc:"Versions of the policy that applied; the one a changed pack was made of" nullable:"false" example:"[1]"`
	Records        int       `json:"records" doc:"Records there are" example:"20000"`
	ParkedStreams  int       `json:"parked_streams" doc:"Streams with events that could not be folded; the rest of them does not count" example:"0"`
}

// Causes are the differences between the sides.
type Causes struct {
	Policy       []difference.Difference `json:"policy" doc:"Fields in which the packs in force differ, at any time up to the instants the figures are of" nullable:"false"`
	Definitions  []difference.Difference `json:"definitions" doc:"Metrics whose definitions differ" nullable:"false"`
	OnlyBaseline int64                   `json:"events_only_in_baseline" doc:"Events that count in the baseline only, by as_of and known_at" example:"12"`
	OnlyVariant  int64                   `json:"events_only_in_variant" doc:"Events that count in the variant only" example:"0"`
}

// ComparedMetric is a metric on both sides.
type ComparedMetric struct {
	Metric             string           `json:"metric" doc:"Its name" example:"sla_compliance"`
	BaselineDefinition int              `json:"baseline_definition" doc:"Version of what it means" example:"1"`
	VariantDefinition  int              `json:"variant_definition" doc:"Version of what it means" example:"1"`
	Unit               string           `json:"unit" doc:"Of its values" example:"ratio"`
	Period             string           `json:"period" doc:"How long a period is" example:"month"`
	By                 string           `json:"by,omitempty" doc:"Dimension that key is a value of" example:"assignee"`
	Part               string           `json:"part,omitempty" doc:"What part is one of" example:"target"`
	BaselineExcluded   map[string]int64 `json:"baseline_excluded,omitempty" doc:"Cases left out that fall into no period, by reason"`
	VariantExcluded    map[string]int64 `json:"variant_excluded,omitempty" doc:"Cases left out that fall into no period, by reason"`
	Rows               []ComparedRow    `json:"rows" doc:"By period, then by key, then by part" nullable:"false"`
}

// ComparedRow is one figure on both sides.
type ComparedRow struct {
	Period   string     `json:"period" doc:"Name of the period" example:"2024-05"`
	Key      string     `json:"key,omitempty" doc:"Value of the dimension" example:"sue"`
	Part     string     `json:"part,omitempty" doc:"Part of the metric" example:"first_response"`
	Changed  bool       `json:"changed" doc:"Whether anything about it differs"`
	Change   *float64   `json:"change" doc:"Value of the variant less that of the baseline; null if one has none" example:"-0.12"`
	Baseline *MetricRow `json:"baseline,omitempty" doc:"The figure; left out if there is no such row"`
	Variant  *MetricRow `json:"variant,omitempty" doc:"The figure; left out if there is no such row"`
}

// Report works out both sides; now is the instant of a side that assumes none,
// and position the end of what was taken. More events may be taken afterwards,
// and another report be asked for. It fails with ErrTooLarge.
func (a *Analysis) Report(position domain.Position, now time.Time) (Report, error) {
	pairs, err := a.readings(now)
	if err != nil {
		return Report{}, err
	}
	report := Report{Position: position, Events: a.events, Metrics: []ComparedMetric{}}
	w := weighing{analysis: a, pairs: pairs, report: &report}
	w.weigh()
	for i, p := range pairs {
		baseline, variant := p.baseline.answer(w.sums[i].baseline.figures()), p.variant.answer(w.sums[i].variant.figures())
		m := sideBySide(baseline, variant)
		report.Metrics = append(report.Metrics, m)
		for _, row := range m.Rows {
			if row.Changed {
				report.Changed++
			}
		}
		if len(m.Rows) > reportRows {
			return report, ErrTooLarge.Because("%s alone has %d rows; a report has at most %d: ask for fewer or longer periods, or leave the dimension out", m.Metric, len(m.Rows), reportRows)
		}
	}
	report.Baseline, report.Variant = a.baseline.about(pairs[0].baseline), a.variant.about(pairs[0].variant)
	report.Causes, err = a.causes(pairs)
	return report, err
}

func (s *side) about(r *reading) SideReport {
	about := SideReport{At: r.at, PolicyVersions: []int{}}
	for _, v := range s.policy.Versions {
		about.PolicyVersions = append(about.PolicyVersions, v.Number)
	}
	for _, model := range s.models {
		about.ParkedStreams += model.waiting()
		for id := range model.ids {
			if id != stagesID && !strings.Contains(id, "/") { // else a document of the model's own
				about.Records++
			}
		}
	}
	return about
}

func (a *Analysis) causes(pairs []pair) (Causes, error) {
	c := Causes{Policy: []difference.Difference{}, Definitions: []difference.Difference{}, OnlyBaseline: a.onlyBaseline, OnlyVariant: a.onlyVariant}
	err := c.packs(pairs[0])
	for _, p := range pairs {
		if from, to := p.baseline.metric.Definition, p.variant.metric.Definition; from != to {
			c.Definitions = append(c.Definitions, difference.Difference{Path: p.baseline.metric.Name, From: from, To: to})
		}
	}
	return c, err
}

// packs notes in what the packs differ that were in force at the same time, up to
// the instants of both sides: a figure of a past period is under the pack of then.
func (c *Causes) packs(p pair) error {
	times := []time.Time{{}, later(p.baseline.at, p.variant.at)}
	for _, v := range slices.Concat(p.baseline.policy.Versions, p.variant.policy.Versions) {
		if v.EffectiveFrom.Before(times[1]) {
			times = append(times, v.EffectiveFrom)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	inForce := func(r *reading, at time.Time) policy.Version { return r.policy.InForce(earlier(at, r.at)) }
	compared := map[[2]int]bool{}
	for _, at := range times {
		b, v := inForce(p.baseline, at), inForce(p.variant, at)
		if compared[[2]int{b.Number, v.Number}] {
			continue
		}
		compared[[2]int{b.Number, v.Number}] = true
		differs, err := b.Pack.Diff(v.Pack)
		if err != nil {
			return fmt.Errorf("compare packs: %w", err)
		}
		for _, d := range differs {
			if !slices.ContainsFunc(c.Policy, func(o difference.Difference) bool { return reflect.DeepEqual(o, d) }) {
				c.Policy = append(c.Policy, d)
			}
		}
	}
	return nil
}

// sideBySide puts the rows of two answers side by side.
func sideBySide(baseline, variant MetricAnswer) ComparedMetric {
	m := ComparedMetric{
		Metric: baseline.Metric, BaselineDefinition: baseline.Definition, VariantDefinition: variant.Definition, Unit: baseline.Unit,
		Period: baseline.Period, By: baseline.By, Part: baseline.Part, BaselineExcluded: baseline.Excluded, VariantExcluded: variant.Excluded, Rows: []ComparedRow{},
	}
	type place struct {
		from      domain.Date
		key, part string
	}
	rows := map[place]*ComparedRow{}
	at := func(r *MetricRow) *ComparedRow {
		p := place{r.From, r.Key, r.Part}
		if rows[p] == nil {
			rows[p] = &ComparedRow{Period: r.Period, Key: r.Key, Part: r.Part}
		}
		return rows[p]
	}
	for i := range baseline.Rows {
		at(&baseline.Rows[i]).Baseline = &baseline.Rows[i]
	}
	for i := range variant.Rows {
		at(&variant.Rows[i]).Variant = &variant.Rows[i]
	}
	order := slices.SortedFunc(maps.Keys(rows), func(a, b place) int {
		return strings.Compare(string(a.from)+"\x00"+a.key+"\x00"+a.part, string(b.from)+"\x00"+b.key+"\x00"+b.part)
	})
	for _, p := range order {
		row := rows[p]
		row.Changed = !sameFigure(row.Baseline, row.Variant)
		if row.Baseline != nil && row.Variant != nil && row.Baseline.Value != nil && row.Variant.Value != nil {
			change := *row.Variant.Value - *row.Baseline.Value
			row.Change = &change
		}
		m.Rows = append(m.Rows, *row)
	}
	return m
}
