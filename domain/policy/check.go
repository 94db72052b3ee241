package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/period"
)

// ErrPack refuses a pack that cannot be worked by. Details list every problem
// with the path of its field.
var ErrPack = &domain.Error{Kind: domain.Invalid, Code: "invalid_policy", Message: "the policy has fields that need mending"}

var periods = []string{"week", "month", "quarter"}

// Check fails with ErrPack.
func (p Pack) Check() error {
	var c input.Checker
	if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "" || p.Zone == "Local" {
		c.Add("zone", "zone cannot be %q; it is a name of the IANA list such as Asia/Shanghai", p.Zone)
	}
	money := domain.Money{Currency: p.Currency}
	c.AddError("currency", money.Check("currency"))
	p.Customers.check(&c)
	p.Sales.check(&c)
	p.Tickets.check(&c)
	p.Engagement.check(&c)
	p.Improvement.check(&c)
	p.Goals.check(&c)

	return inPack(&c)
}

// inPack is what was found, as problems of a pack.
func inPack(c *input.Checker) error {
	var found *domain.Error
	if errors.As(c.Err(), &found) {
		return ErrPack.Saying(found.Text()).In(found.Field).With(found.Details)
	}
	return nil
}

func (p Customers) check(c *input.Checker) {
	const at = "customers."
	c.AddError(at+"number_pattern", numberrange.CheckPattern(p.NumberPattern))
	for i, pattern := range p.NumberPatterns {
		c.AddError(fmt.Sprintf(at+"number_patterns[%d]", i), numberrange.CheckPattern(pattern))
	}
	names(c, at+"lifecycle_stages", p.StageNames(), 1)
	for _, field := range p.RequiredFields {
		c.OneOf(at+"required_fields", field, Requirable)
	}
	positive(c, at+"entry_deadline_seconds", p.EntryDeadlineSeconds)
	positive(c, at+"existing_after_won_deals", int64(p.ExistingAfterWonDeals))
	between(c, at+"existing_after_months", p.ExistingAfterMonths, 0, 120)
	spans := within(c, at+"churn_after", p.ChurnAfter, "P1D")
	spans = within(c, at+"cooling_after", p.CoolingAfter, LeastCooling) && spans
	if within(c, at+"dormant_after", p.DormantAfter, LeastCooling) && spans && !p.CoolingAfter.Shorter(p.DormantAfter) {
		c.Add(at+"dormant_after", "dormant_after must be more than cooling_after (%s), from whatever day they are counted", p.CoolingAfter)
	}
	tiers := make([]string, len(p.ValueTiers))
	for i, t := range p.ValueTiers {
		tiers[i] = t.Name
		if i > 0 && t.From >= p.ValueTiers[i-1].From {
			c.Add(fmt.Sprintf(at+"value_tiers[%d].from", i), "tiers go from the highest to the lowest; this one must start below %d", p.ValueTiers[i-1].From)
		}
	}
	names(c, at+"value_tiers", tiers, 1)
	if n := len(p.ValueTiers); n > 0 && p.ValueTiers[n-1].From != 0 {
		c.Add(fmt.Sprintf(at+"value_tiers[%d].from", n-1), "the lowest tier must start at 0, so that every customer has one")
	}
	positive(c, at+"value_window_days", int64(p.ValueWindowDays))
	c.Required(at+"value_basis", p.ValueBasis)
	c.OneOf(at+"value_basis", p.ValueBasis, []string{"signed", "paid"})
	names(c, at+"types", p.Types, 1)
	names(c, at+"acquisition_channels", p.AcquisitionChannels, 1)
	names(c, at+"interaction_channels", p.InteractionChannels, 1)
	names(c, at+"need_types", p.NeedTypes, 0)
	names(c, at+"contact_roles", p.ContactRoles, 0)
	dimensions := make([]string, len(p.TagDimensions))
	for i, d := range p.TagDimensions {
		dimensions[i] = d.Name
		names(c, fmt.Sprintf(at+"tag_dimensions[%d].values", i), d.Values, 0)
	}
	names(c, at+"tag_dimensions", dimensions, 1)
	positive(c, at+"completion_reward.fields", int64(p.CompletionReward.Fields))
	c.AddError(at+"completion_reward.amount", p.CompletionReward.Amount.Check("amount"))
	between(c, at+"completion_reward.hold_days", p.CompletionReward.HoldDays, 0, 3650)
	positive(c, at+"win_back_window_days", int64(p.WinBackWindowDays))
	positive(c, at+"conversion_window_days", int64(p.ConversionWindowDays))
}

// Requirable lists the fields a pack can require of a new customer.
var Requirable = []string{
	"name", "industry", "city", "region", "credit_code", "external_id", "initial_need", "need_type",
	"owner", "source_channel", "acquired_at", "contact",
}

func (p Sales) check(c *input.Checker) {
	const at = "sales."
	names(c, at+"stages", p.StageNames(), 2)
	seen := map[Fact]bool{}
	for i, s := range p.Stages {
		between(c, fmt.Sprintf(at+"stages[%d].probability", i), s.Probability, 0, 100)
		field := fmt.Sprintf(at+"stages[%d].requires", i)
		c.OneOf(field, string(s.Requires), []string{string(QuoteSent), string(ContractSigned), string(PaymentReceived)})
		switch {
		case s.Requires != "" && i == 0:
			c.Add(field, "a deal starts in the first stage, so that stage can require nothing")
		case s.Requires != "" && seen[s.Requires]:
			c.Add(field, "an earlier stage requires %s already", s.Requires)
		}
		seen[s.Requires] = true
	}
	notNegative(c, at+"first_solution_seconds", p.FirstSolutionSeconds)
	notNegative(c, at+"needs_answer_seconds", p.NeedsAnswerSeconds)
	notNegative(c, at+"handover_seconds", p.HandoverSeconds)
	names(c, at+"loss_reasons", p.LossReasons, 0)
}

func (p Engagement) check(c *input.Checker) {
	const at = "engagement."
	for i, cadence := range p.Cadences {
		c.Required(fmt.Sprintf(at+"cadences[%d].segment", i), cadence.Segment)
		recurring(c, fmt.Sprintf(at+"cadences[%d].every", i), cadence.Every)
		positive(c, fmt.Sprintf(at+"cadences[%d].times", i), int64(cadence.Times))
	}
	for i, months := range p.RepurchaseMonths {
		between(c, fmt.Sprintf(at+"repurchase_months[%d]", i), months, 1, 120)
	}
	between(c, at+"birthday_days_before", p.BirthdayDaysBefore, 0, 60)
	between(c, at+"reminder_hour", p.ReminderHour, 0, 23)
}

func (p Improvement) check(c *input.Checker) {
	const at = "improvement."
	notNegative(c, at+"product_feedback_seconds", p.ProductFeedbackSeconds)
	between(c, at+"hot_category_pct", p.HotCategoryPct, 1, 100)
	between(c, at+"hot_category_rearm_pct", p.HotCategoryRearmPct, 0, p.HotCategoryPct)
	positive(c, at+"hot_category_window_days", int64(p.HotCategoryWindowDays))
	positive(c, at+"hot_category_minimum", int64(p.HotCategoryMinimum))
	for i, weeks := range p.EffectAfterWeeks {
		between(c, fmt.Sprintf(at+"effect_after_weeks[%d]", i), weeks, 1, 104)
	}
	recurring(c, at+"meeting_every", p.MeetingEvery)
	recurring(c, at+"metrics_extract_every", p.MetricsExtractEvery)
	for i, every := range p.ReviewEvery {
		recurring(c, fmt.Sprintf(at+"review_every[%d]", i), every)
	}
	positive(c, at+"survey_link_days", int64(p.SurveyLinkDays))
	notNegative(c, at+"survey_edit_seconds", p.SurveyEditSeconds)
	notNegative(c, at+"survey_dedupe_days", int64(p.SurveyDedupeDays))
	notNegative(c, at+"survey_minimum_answers", int64(p.SurveyMinimumAnswers))
}

func (p Goals) check(c *input.Checker) {
	between(c, "goals.entry_timeliness_pct", p.EntryTimelinessPct, 0, 100)
	between(c, "goals.completeness_pct", p.CompletenessPct, 0, 100)
	between(c, "goals.dormant_wakeup_pct", p.DormantWakeupPct, 0, 100)
	notNegative(c, "goals.mean_first_response_seconds", p.MeanFirstResponseSeconds)
	between(c, "goals.first_contact_resolution_pct", p.FirstContactResolutionPct, 0, 100)
	between(c, "goals.satisfaction_points", p.SatisfactionPoints, 0, 100)
}

// names checks a list of names: as many as needed, none empty, none twice.
func names(c *input.Checker, field string, list []string, atLeast int) {
	if len(list) < atLeast {
		c.Add(field, "%s needs at least %d", field, atLeast)
	}
	for i, name := range list {
		switch {
		case strings.TrimSpace(name) != name || name == "":
			c.Add(fmt.Sprintf("%s[%d]", field, i), "a name must not be empty or have blanks around it")
		case slices.Contains(list[:i], name):
			c.Add(fmt.Sprintf("%s[%d]", field, i), "%q stands in the list twice", name)
		}
	}
}

func between(c *input.Checker, field string, n, least, most int) {
	if n < least || n > most {
		c.Add(field, "%s cannot be %d; it lies between %d and %d", field, n, least, most)
	}
}

// LeastCooling is how long customers are at least taken for active. Read models
// rely on it: contacts less far apart need not be told apart.
const LeastCooling period.Span = "P7D"

const longestSpan period.Span = "P10Y"

// within checks that a span is one, and how long it is.
func within(c *input.Checker, field string, s, least period.Span) bool {
	switch {
	case !s.Valid():
		c.Add(field, "%s cannot be %q; it is so many months or days, such as P3M or P90D", field, s)
	case s.Shorter(least) || longestSpan.Shorter(s):
		c.Add(field, "%s cannot be %s; it lies between %s and %s", field, s, least, longestSpan)
	default:
		return true
	}
	return false
}

func positive(c *input.Checker, field string, n int64) {
	if n <= 0 {
		c.Add(field, "%s must be more than 0", field)
	}
}

func notNegative(c *input.Checker, field string, n int64) {
	if n < 0 {
		c.Add(field, "%s must not be negative", field)
	}
}

func recurring(c *input.Checker, field, value string) {
	c.Required(field, value)
	c.OneOf(field, value, periods)
}
