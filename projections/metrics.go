package projections

import (
	"slices"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

// AllMetrics is the table of every metric.
var AllMetrics = slices.Concat(dealMetrics(), funnelMetrics(), ticketMetrics(), customerMetrics(), churnMetrics())

// Errors of questions about metrics.
var (
	ErrNoMetric     = &domain.Error{Kind: domain.Missing, Code: "metric_not_found", Message: "there is no metric of that name; the list of metrics has them all", Field: "name"}
	ErrNoDefinition = &domain.Error{Kind: domain.Missing, Code: "definition_not_found", Message: "the metric has no such definition; the list of metrics has them all", Field: "definitions"}
	ErrDimension    = &domain.Error{Kind: domain.Invalid, Code: "unknown_dimension", Message: "the metric cannot be broken down by that", Field: "by"}
	ErrCoarse       = &domain.Error{Kind: domain.Invalid, Code: "only_by_month", Message: "that dimension of the metric is kept by month and longer", Field: "period"}
	ErrNotMoment    = &domain.Error{Kind: domain.Invalid, Code: "not_of_an_instant", Message: "the metric is of a period and not of an instant; leave at out", Field: "at"}
	ErrSpan         = &domain.Error{Kind: domain.Invalid, Code: "bad_span", Message: "from must be a day up to to", Field: "from"}
	ErrTooManyRows  = &domain.Error{Kind: domain.Invalid, Code: "too_many_periods", Message: "that is too many periods for one answer; choose longer ones or fewer of them", Field: "from"}
	ErrWhole        = &domain.Error{Kind: domain.Invalid, Code: "only_by_calendar", Message: "the metric depends on where periods begin; ask for days, weeks, months, quarters or years", Field: "period"}
)

// model is the read model that holds the facts of the metric.
func (m Metric) model() Model {
	switch m.Subject {
	case "tickets":
		return TicketModel
	case "customers":
		return JourneyModel
	}
	return DealModel
}

// keeps tells whether facts are kept finely enough for a kind of period.
func (m Metric) keeps(kind period.Kind, by string) bool {
	grain := m.Grain
	if by != "" {
		grain = m.GrainBy
	}
	return grain == Days || m.Moment || kind != period.Day && kind != period.Week
}

// periods lists the kinds of period that can be asked for.
func (m Metric) periods(by string) []period.Kind {
	return slices.DeleteFunc(period.Kinds(), func(kind period.Kind) bool { return !m.keeps(kind, by) })
}

// goal is what the metric is held against under a pack; nil: nothing.
func (m Metric) goal(p *policy.Pack) *Target {
	if m.Target == nil {
		return nil
	}
	return m.Target(*p)
}

func metricNamed(name string) (Metric, bool) {
	i := slices.IndexFunc(AllMetrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return AllMetrics[i], true
}

// metricDefined finds a definition of a metric; 0 is the present one. It fails
// with ErrNoMetric or ErrNoDefinition.
func metricDefined(name string, definition int) (Metric, error) {
	m, ok := metricNamed(name)
	switch {
	case !ok:
		return m, ErrNoMetric.Because("there is no metric named %q; the list of metrics has them all", name)
	case definition == 0 || definition == m.Definition:
		return m, nil
	}
	i := slices.IndexFunc(otherDefinitions, func(m Metric) bool { return m.Name == name && m.Definition == definition })
	if i < 0 {
		return m, ErrNoDefinition.Because("%s has no definition %d; the present one is %d", name, definition, m.Definition)
	}
	return otherDefinitions[i], nil
}

// otherDefinitions are those that figures no longer have, or not yet: analyses
// can be asked for them.
var otherDefinitions = []Metric{firstContactAlone()}

// MetricInfo is what the catalogue says of a metric.
type MetricInfo struct {
	Name       string        `json:"name" doc:"Name to ask for it by" example:"win_rate"`
	Title      string        `json:"title" doc:"What it is" example:"Deals won, of those closed"`
	Definition int           `json:"definition" doc:"Version of what the name means" example:"1"`
	Formula    string        `json:"formula" doc:"How it is worked out, and where that stands" example:"definitions 5.4: won / (won + lost)"`
	Subject    string        `json:"subject" enum:"deals,tickets,customers" doc:"What it is about"`
	Unit       string        `json:"unit" doc:"Of its values" example:"ratio"`
	When       string        `json:"when" doc:"What puts a case into a period" example:"by day of closing"`
	Part       string        `json:"part,omitempty" doc:"What else its rows come apart by" example:"currency"`
	Dimensions []string      `json:"dimensions" doc:"What it can be broken down by" nullable:"false" example:"[\"owner\",\"product\"]"`
	Periods    []period.Kind `json:"periods" doc:"Kinds of period of the whole" nullable:"false" example:"[\"day\",\"week\",\"month\"]"`
	PeriodsBy  []period.Kind `json:"periods_by" doc:"Kinds of period when it is broken down" nullable:"false" example:"[\"month\"]"`
	Excludes   []Exclusion   `json:"excludes" doc:"Cases it leaves out" nullable:"false"`
	Target     *Target       `json:"target,omitempty" doc:"Goal under the policy in force, if there is one"`
	Moment     bool          `json:"moment" doc:"Whether it is of an instant, so that at may be given"`
}

// MetricCatalogue is every metric.
type MetricCatalogue struct {
	PolicyVersion int          `json:"policy_version" doc:"Version of the policy the goals are of" example:"1"`
	Items         []MetricInfo `json:"items" doc:"By subject" nullable:"false"`
}

// Catalogue lists the metrics, with the goals of a policy.
func Catalogue(v policy.Version) MetricCatalogue {
	c := MetricCatalogue{PolicyVersion: v.Number, Items: make([]MetricInfo, len(AllMetrics))}
	for i, m := range AllMetrics {
		c.Items[i] = MetricInfo{
			Name: m.Name, Title: m.Title, Definition: m.Definition, Formula: m.Formula, Subject: m.Subject, Unit: m.Unit, When: m.When,
			Part: m.Part, Dimensions: append([]string{}, m.Dimensions...), Periods: m.periods(""), PeriodsBy: m.periods("by"), Excludes: append([]Exclusion{}, m.Excludes...), Target: m.goal(&v.Pack), Moment: m.Moment,
		}
	}
	return c
}
