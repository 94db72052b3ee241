package projections

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// ChangedRecords are the records that count differently on the two sides.
type ChangedRecords struct {
	Total int64           `json:"total" doc:"How many there are" example:"42"`
	Items []ChangedRecord `json:"items" doc:"The first of them, by subject and id" nullable:"false"`
}

// ChangedRecord is how one record counts on either side, and why.
type ChangedRecord struct {
	Subject  string     `json:"subject" doc:"Kind of record" example:"tickets"`
	ID       string     `json:"id" doc:"Its id; of several tickets judged together, that of their customer" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Metrics  []string   `json:"metrics" doc:"In which it counts differently" nullable:"false" example:"[\"sla_compliance\"]"`
	Baseline []Counting `json:"baseline" doc:"What it adds to figures in the baseline only" nullable:"false"`
	Variant  []Counting `json:"variant" doc:"What it adds to figures in the variant only" nullable:"false"`
	Because  *Causing   `json:"because,omitempty" doc:"Its events that count on one side only, and those of the records it depends on; without them it is the policy, the definition, or the instant that differs"`
}

// Causing are events that count on one side only.
type Causing struct {
	Events []CausingEvent `json:"events" doc:"The first of them" nullable:"false"`
	Total  int            `json:"total" doc:"How many there are" example:"1"`
}

// CausingEvent is one of them.
type CausingEvent struct {
	EventID    string    `json:"event_id" doc:"Its id in the log"`
	Type       string    `json:"type" doc:"What it is" example:"deal.payment_received.v1"`
	Stream     string    `json:"stream" doc:"Stream that holds it"`
	Revision   uint64    `json:"revision" doc:"Its place there" example:"4"`
	OccurredAt time.Time `json:"occurred_at" doc:"When it happened"`
	RecordedAt time.Time `json:"recorded_at" doc:"When it was recorded"`
	Side       string    `json:"side" doc:"On which side it counts" enum:"baseline,variant"`
}

// bothSums are what all records add to one metric.
type bothSums struct{ baseline, variant *reckoning }

// weighing adds up both sides, record by record.
type weighing struct {
	analysis *Analysis
	pairs    []pair
	sums     []bothSums
	alike    []bool // by pair: the same facts count the same on both sides
	report   *Report
}

func (w *weighing) weigh() {
	a := w.analysis
	for _, p := range w.pairs {
		w.sums = append(w.sums, bothSums{newReckoning(p.baseline.ask()), newReckoning(p.variant.ask())})
		w.alike = append(w.alike, p.baseline.metric.Definition == p.variant.metric.Definition &&
			slices.EqualFunc(p.baseline.asked(), p.variant.asked(), time.Time.Equal))
	}
	a.baseline.settle(w.pairs[0].baseline.at)
	a.variant.settle(w.pairs[0].variant.at)
	w.report.Records.Items = []ChangedRecord{}
	for _, subject := range []string{"customers", "deals", "tickets"} {
		b, v := a.baseline.models[subject], a.variant.models[subject]
		if b == nil {
			continue
		}
		for _, id := range union(b, v) {
			w.record(subject, id, b.figures(id), v.figures(id))
		}
	}
}

func union(b, v scratch) []string {
	ids := slices.AppendSeq(slices.Collect(b.ids), v.ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (w *weighing) record(subject, id string, b, v *Facts) {
	changed := ChangedRecord{Subject: subject, ID: id, Metrics: []string{}, Baseline: []Counting{}, Variant: []Counting{}}
	for i, p := range w.pairs {
		if p.baseline.metric.Subject != subject {
			continue
		}
		if b != nil {
			w.sums[i].baseline.add(b)
		}
		if v != nil {
			w.sums[i].variant.add(v)
		}
		if w.alike[i] && sameFacts(b, v) {
			continue
		}
		baseline, variant := p.baseline.countings(b), p.variant.countings(v)
		only, other := without(baseline, variant), without(variant, baseline)
		if len(only)+len(other) > 0 {
			changed.Metrics = append(changed.Metrics, p.baseline.metric.Name)
			changed.Baseline, changed.Variant = showing(changed.Baseline, only), showing(changed.Variant, other)
		}
	}
	if len(changed.Metrics) == 0 {
		return
	}
	records := &w.report.Records
	if records.Total++; len(records.Items) == recordsShown {
		return
	}
	changed.Because = w.because(subject, id)
	if customer, ok := strings.CutPrefix(id, shardPrefix); ok {
		changed.Subject = "customers"
		changed.ID, _, _ = strings.Cut(customer, "/")
	}
	records.Items = append(records.Items, changed)
}

// because are the events that count on one side only, of the record and of those
// that it is told of: a customer counts what its deals brought in.
func (w *weighing) because(subject, id string) *Causing {
	a := w.analysis
	others := slices.Concat(a.baseline.models[subject].tellers(id), a.variant.models[subject].tellers(id))
	slices.Sort(others)
	var because Causing
	for _, of := range slices.Concat([]string{id}, slices.Compact(others)) {
		if c := a.lonely[recordKey{subject, of}]; c != nil {
			because.Total += c.Total
			because.Events = append(because.Events, c.Events[:min(len(c.Events), causesShown-len(because.Events))]...)
		}
	}
	if because.Total == 0 {
		return nil
	}
	return &because
}

// sameFacts tells quickly that nothing differs.
func sameFacts(b, v *Facts) bool {
	return b != nil && v != nil && slices.Equal(b.dated, v.dated) && slices.Equal(b.dimensions, v.dimensions) && slices.Equal(b.samples, v.samples)
}

// sameFigure tells whether two rows say the same, whatever the version of the
// policy is called, and whether or not it may still change. Where nothing counts,
// a row is as good as none.
func sameFigure(b, v *MetricRow) bool { return reflect.DeepEqual(said(b), said(v)) }

// said is the figure of a row; zero if it has none.
func said(r *MetricRow) MetricRow {
	if r == nil || r.Value == nil && r.Numerator == nil && r.Denominator == nil && r.Samples == 0 && r.Pending == nil && len(r.Excluded) == 0 {
		return MetricRow{}
	}
	figure := *r
	figure.Policy, figure.Provisional = 0, false
	return figure
}
