package projections

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

const (
	periodsShown = 12  // of an answer, unless asked otherwise
	periodsMost  = 400 // what may be asked
	beforeAll    = domain.Date("1900-01-01")
)

// Metrics answers what the metrics are, live.
type Metrics struct {
	Views  Views
	Policy interface{ State() policy.Policy }
	Now    func() time.Time
	Kept   *KeptMetrics // what Text remembers; nil: nothing
}

// MetricFilter asks for a metric.
type MetricFilter struct {
	Period string      `query:"period" enum:"day,week,month,quarter,year,whole" default:"month" doc:"How long a period is, in the organisation's zone; weeks begin on Monday. Whole is all from from to to"`
	From   domain.Date `query:"from" doc:"A day of the first period; twelve periods if left out, of whole all time" format:"date" example:"2024-01-01"`
	To     domain.Date `query:"to" doc:"A day of the last period; today if left out" format:"date" example:"2024-12-31"`
	By     string      `query:"by" doc:"Break it down by this dimension" maxLength:"50" example:"owner"`
	At     time.Time   `query:"at" doc:"Of metrics of an instant: what held then; now if left out" example:"2024-06-01T00:00:00Z"`
}

// MetricAnswer is a metric by period, as of one position.
type MetricAnswer struct {
	Position   domain.Position  `json:"position" doc:"Log position the figures are as of"`
	Metric     string           `json:"metric" doc:"Its name" example:"win_rate"`
	Definition int              `json:"definition" doc:"Version of what the name means" example:"1"`
	Unit       string           `json:"unit" doc:"Of values" example:"ratio"`
	Zone       string           `json:"zone" doc:"Zone that periods are counted in" example:"Asia/Shanghai"`
	Period     string           `json:"period" doc:"How long a period is" example:"month"`
	By         string           `json:"by,omitempty" doc:"Dimension that key is a value of" example:"owner"`
	Part       string           `json:"part,omitempty" doc:"What part is one of" example:"currency"`
	At         time.Time        `json:"at" doc:"Instant that what is not over is measured up to"`
	Rows       []MetricRow      `json:"rows" doc:"By period, then by key, then by part" nullable:"false"`
	Excluded   map[string]int64 `json:"excluded,omitempty" doc:"Cases left out that fall into no period, by reason" example:"{\"no_expected_close\":3}"`
}

// MetricRow is one figure.
type MetricRow struct {
	Period      string           `json:"period" doc:"Name of the period" example:"2024-05"`
	From        domain.Date      `json:"from" doc:"Its first day" example:"2024-05-01"`
	To          domain.Date      `json:"to" doc:"The day after its last" example:"2024-06-01"`
	Key         string           `json:"key,omitempty" doc:"Value of the dimension; empty where records have none" example:"ann"`
	Part        string           `json:"part,omitempty" doc:"Part of the metric" example:"CNY"`
	Value       *float64         `json:"value" doc:"The figure; null when it has no meaning, as a ratio to 0" example:"0.6315"`
	Numerator   *int64           `json:"numerator,omitempty" doc:"What was divided, or the sum" example:"12"`
	Denominator *int64           `json:"denominator,omitempty" doc:"What it was divided by, or how many cases the sum is of" example:"19"`
	Samples     int64            `json:"samples,omitempty" doc:"Values the distribution is of" example:"12"`
	Median      *float64         `json:"median,omitempty" doc:"Middle value, or halfway between the two middle ones" example:"45"`
	P90         *int64           `json:"p90,omitempty" doc:"90th percentile, nearest rank" example:"101"`
	Max         *int64           `json:"max,omitempty" doc:"Greatest" example:"138"`
	Step        *float64         `json:"step,omitempty" doc:"Of a funnel: share of those in the stage before" example:"0.8"`
	Pending     *int64           `json:"pending,omitempty" doc:"Cases that may still change the figure" example:"4"`
	Excluded    map[string]int64 `json:"excluded,omitempty" doc:"Cases left out, by reason" example:"{\"cancelled\":1}"`
	Policy      int              `json:"policy_version" doc:"Version of the policy that the figure is under" example:"1"`
	Target      *float64         `json:"target,omitempty" doc:"Goal under that policy" example:"0.9"`
	Met         *bool            `json:"met,omitempty" doc:"Whether the goal is met"`
	Anomaly     *Anomaly         `json:"anomaly,omitempty" doc:"Whether the rate is far above those before"`
	Provisional bool             `json:"provisional,omitempty" doc:"The period is not over, or its figure may still change"`
}

// Read answers a question. Who does not see all records gets the rows of the
// owners within reach. It fails with ErrNoMetric, ErrDimension, ErrCoarse, ErrSpan,
// ErrNotMoment, ErrWhole, ErrTooManyRows or access.ErrBeyondReach.
func (q Metrics) Read(ctx context.Context, name string, filter MetricFilter) (MetricAnswer, error) {
	r, reach, figures, err := q.figures(ctx, name, filter)
	if err != nil {
		return MetricAnswer{}, err
	}
	return r.answer(figures).within(reach), nil
}

// figures is a question, whose records it may be told of, and what the store says.
func (q Metrics) figures(ctx context.Context, name string, filter MetricFilter) (*reading, access.Reach, Figures, error) {
	reach := reachOf(ctx)
	m, ok := metricNamed(name)
	if !ok {
		return nil, reach, Figures{}, ErrNoMetric
	}
	r, err := q.reading(m, filter)
	if err != nil {
		return nil, reach, Figures{}, err
	}
	if err := r.within(reach); err != nil {
		return nil, reach, Figures{}, err
	}
	figures, err := q.Views.Figures(restricted(ctx), m.model(), r.ask())
	return r, reach, figures, err
}

// reading is a question as it is put to the store.
type reading struct {
	metric  Metric
	policy  policy.Policy
	zone    *time.Location
	zones   *rules // by which days begin
	kind    period.Kind
	by      string
	at      time.Time
	periods []period.Period
	hidden  int // first periods, which are only compared with
	current int // index of the period that at lies in; -1: none
}

func (q Metrics) reading(m Metric, f MetricFilter) (*reading, error) {
	at := domain.Instant(f.At)
	if f.At.IsZero() {
		at = domain.Instant(q.Now())
	} else if !m.Moment {
		return nil, ErrNotMoment.Because("%s is of a period and not of an instant; leave at out", m.Name)
	}
	return read(m, f, q.Policy.State(), at)
}

// read is the question about a metric under a policy, at an instant.
func read(m Metric, f MetricFilter, p policy.Policy, at time.Time) (*reading, error) {
	r := &reading{metric: m, policy: p, kind: period.Kind(f.Period), by: f.By, at: at, current: -1}
	switch {
	case r.by != "" && len(m.Dimensions) == 0:
		return nil, ErrDimension.Because("%s cannot be broken down; leave by out", m.Name)
	case r.by != "" && !slices.Contains(m.Dimensions, r.by):
		return nil, ErrDimension.Because("%s cannot be broken down by %q; it can by %s", m.Name, r.by, strings.Join(m.Dimensions, ", "))
	case !m.keeps(r.kind, r.by):
		return nil, ErrCoarse.Because("%s is kept by month; ask for months, quarters or years", strings.TrimSuffix(m.Name+" by "+r.by, " by "))
	case r.kind == period.Whole && len(m.reads.perKind) > 0:
		return nil, ErrWhole.Because("%s depends on where periods begin; ask for periods of the calendar", m.Name)
	}
	if r.kind == "" {
		r.kind = period.Month
	}
	r.zones = newRules(r.policy, func(p policy.Pack) any { return p.Zone })
	r.zone = r.zones.at(r.at).Location()
	today := domain.DateOf(r.at, r.zone)
	from, to := r.span(f, today)
	if period.Of(period.Day, from).From == "" || period.Of(period.Day, to).From == "" || from > to {
		return nil, ErrSpan.Because("from %q must be a day up to to, %q", from, to)
	}
	if most := period.AddDays(from, periodsMost*r.days()); r.kind != period.Whole && most < to {
		return nil, ErrTooManyRows.Because("an answer has at most %d periods; choose longer ones or fewer of them", periodsMost)
	}
	if r.kind == period.Whole && !m.keeps(period.Day, r.by) {
		from, to = period.Of(period.Month, from).From, period.AddDays(period.Of(period.Month, to).To, -1)
	}
	if m.Rises && r.kind != period.Whole {
		for before := period.Of(r.kind, from); r.hidden < anomalyPeriods; r.hidden++ {
			before = before.Before()
			from = before.From
		}
	}
	r.periods = period.Between(r.kind, from, to)
	r.current = slices.IndexFunc(r.periods, func(p period.Period) bool { return p.Holds(today) })
	return r, nil
}

// shown are the first and the last day of the answer.
func (r *reading) shown() (from, to domain.Date) {
	return r.periods[r.hidden].From, period.AddDays(r.periods[len(r.periods)-1].To, -1)
}

// span is the first and the last day asked about.
func (r *reading) span(f MetricFilter, today domain.Date) (from, to domain.Date) {
	from, to = f.From, f.To
	if to == "" && r.metric.Ahead {
		to = r.away(max(from, today), period.Period.Next)
	} else if to == "" {
		to = today
	}
	switch {
	case from != "":
	case r.kind == period.Whole:
		from = beforeAll
	case r.metric.Ahead:
		from = min(today, to)
	default:
		from = r.away(to, period.Period.Before)
	}
	return from, to
}

// away is a day some periods away, so that with its own there are periodsShown.
func (r *reading) away(day domain.Date, step func(period.Period) period.Period) domain.Date {
	p := period.Of(r.kind, day)
	for range periodsShown - 1 {
		p = step(p)
	}
	return p.From
}

// days is how many days a period has at least.
func (r *reading) days() int {
	return map[period.Kind]int{period.Day: 1, period.Week: 7, period.Month: 28, period.Quarter: 90, period.Year: 365}[r.kind]
}
