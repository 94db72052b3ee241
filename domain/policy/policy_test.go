package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, policy.Types) }

type (
	events = []policy.Event
	cases  = []domaintest.Case[policy.Policy, policy.Event]
)

var (
	january  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	june     = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	november = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
)

func with(change func(*policy.Pack)) policy.Pack {
	p := policy.Standard()
	change(&p)
	return p
}

func published(version int, pack policy.Pack, from time.Time) policy.Published {
	return policy.Published{Version: version, Pack: pack, EffectiveFrom: from, PublishedBy: "ann"}
}

func TestPublish(t *testing.T) {
	publish := func(pack policy.Pack, from time.Time) func(policy.Policy) (events, error) {
		return func(p policy.Policy) (events, error) {
			return p.Publish(policy.Publishing{Pack: pack, EffectiveFrom: from, By: "ann"}, june)
		}
	}
	standard := policy.Standard()
	stricter := with(func(p *policy.Pack) { p.Tickets.ReopenGraceSeconds = 3600 })
	broken := with(func(p *policy.Pack) { p.Zone = "Mars/Olympus" })
	domaintest.Run(t, policy.Aggregate, cases{
		{Name: "first", When: publish(standard, time.Time{}), Then: events{published(1, standard, june)}},
		{Name: "another", Given: events{published(1, standard, june)}, When: publish(stricter, november), Then: events{published(2, stricter, november)}},
		{Name: "a correction of the past", Given: events{published(1, standard, june)}, When: publish(stricter, january), Then: events{published(2, stricter, january)}},
		{Name: "the first again, whenever", Given: events{published(1, standard, june)}, When: publish(standard, january), Then: nil},
		{Name: "what applies anyway", Given: events{published(1, standard, june), published(2, stricter, june)}, When: publish(stricter, november), Then: nil},
		{
			Name: "the same, but earlier", Given: events{published(1, standard, january), published(2, stricter, november)}, When: publish(stricter, june),
			Then: events{published(3, stricter, june)},
		},
		{Name: "broken", When: publish(broken, june), Err: policy.ErrPack.In("zone"), Says: "Asia/Shanghai"},
	})
	assert.Equal(t, "policy-standard", policy.Aggregate.Stream(policy.StandardID))
}

func TestInForce(t *testing.T) {
	a, b, c := policy.Standard(), with(func(p *policy.Pack) { p.Zone = "UTC" }), with(func(p *policy.Pack) { p.Zone = "Europe/Berlin" })
	fold := func(e ...policy.Event) policy.Policy { return domaintest.Fold(policy.Aggregate, e...) }
	for _, tt := range []struct {
		name   string
		policy policy.Policy
		at     time.Time
		want   int
	}{
		{"nothing published: the standard pack", fold(), june, 0},
		{"history before the first version", fold(published(1, a, november)), january, 1},
		{"before the second", fold(published(1, a, january), published(2, b, june)), june.Add(-time.Second), 1},
		{"from the second on", fold(published(1, a, january), published(2, b, june)), june, 2},
		{"a correction outdoes what it corrects", fold(published(1, a, january), published(2, b, november), published(3, c, june)), november, 3},
		{"but not what was before", fold(published(1, a, january), published(2, b, june), published(3, c, november)), june, 2},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, tt.policy.InForce(tt.at).Number) })
	}
	p := fold(published(1, a, january), published(2, b, june))
	v, ok := p.Version(2)
	assert.True(t, ok)
	assert.Equal(t, "UTC", v.Pack.Zone)
	_, ok = p.Version(3)
	assert.False(t, ok)
	assert.Equal(t, "Asia/Shanghai", policy.Policy{}.InForce(june).Pack.Zone)
}

// Requirements 1.0: the numbers that the product ships.
func TestStandard(t *testing.T) {
	p := policy.Standard()
	require.NoError(t, p.Check())
	assert.Equal(t, "Asia/Shanghai", p.Location().String())
	assert.Equal(t, []string{"lead", "opportunity", "quote", "deal", "payment"}, p.Sales.StageNames())
	assert.Equal(t, []string{"potential", "interested", "closed_won", "existing", "churned"}, p.Customers.StageNames())
	assert.GreaterOrEqual(t, len(p.Customers.TagDimensions), 10, "CM-25")
	for stage, probability := range map[string]int{"lead": 10, "opportunity": 25, "quote": 50, "deal": 100, "payment": 100, "none": 0} {
		assert.Equal(t, probability, p.Sales.Probability(stage), stage)
	}
	for minor, tier := range map[int64]string{10_000_000: "high", 9_999_999: "medium", 5_000_000: "medium", 4_999_999: "low", 0: "low", -1: ""} {
		assert.Equal(t, tier, p.Customers.Tier(minor), "X6 %d", minor)
	}
	for _, tt := range []struct {
		ticket              policy.Condition
		response, solution  int64
		resolution, missing int64
	}{
		{policy.Condition{Priority: "general", Complexity: "general"}, 3600, 86400, 172800, 0},
		{policy.Condition{Priority: "important", Complexity: "complex"}, 3600, 86400, 259200, 0},
		{policy.Condition{Priority: "urgent", Complexity: "general"}, 1800, 86400, 172800, 0},
		{policy.Condition{Priority: "urgent", Complexity: "complex", Scene: "pre_sale"}, 1800, 86400, 259200, 0},
	} {
		s := p.Tickets.SLAFor(tt.ticket)
		assert.Equal(t, tt.response, s.Target(policy.FirstResponse).Seconds, tt.ticket)
		assert.Equal(t, tt.solution, s.Target(policy.FirstSolution).Seconds, tt.ticket)
		assert.Equal(t, tt.resolution, s.Target(policy.Resolution).Seconds, tt.ticket)
		assert.Equal(t, tt.missing, s.Target("next_response").Seconds, tt.ticket)
	}
	assert.Empty(t, policy.Tickets{}.SLAFor(policy.Condition{}).Name)
	assert.Equal(t, time.UTC, policy.Pack{Zone: "Mars/Olympus"}.Location())
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		field  string
		breaks func(*policy.Pack)
	}{
		{"zone", func(p *policy.Pack) { p.Zone = "" }},
		{"currency", func(p *policy.Pack) { p.Currency = "yuan" }},
		{"customers.number_pattern", func(p *policy.Pack) { p.Customers.NumberPattern = "C{YYYY}" }},
		{"customers.number_patterns[1]", func(p *policy.Pack) { p.Customers.NumberPatterns = []string{"{seq}", "{DD}{seq}"} }},
		{"customers.lifecycle_stages", func(p *policy.Pack) { p.Customers.LifecycleStages = nil }},
		{"customers.lifecycle_stages[1]", func(p *policy.Pack) { p.Customers.LifecycleStages = []policy.LifecycleStage{{Name: "a"}, {Name: "a"}} }},
		{"customers.required_fields", func(p *policy.Pack) { p.Customers.RequiredFields = []string{"shoe_size"} }},
		{"customers.entry_deadline_seconds", func(p *policy.Pack) { p.Customers.EntryDeadlineSeconds = 0 }},
		{"customers.existing_after_months", func(p *policy.Pack) { p.Customers.ExistingAfterMonths = -1 }},
		{"customers.churn_after", func(p *policy.Pack) { p.Customers.ChurnAfter = "P0D" }},
		{"customers.churn_after", func(p *policy.Pack) { p.Customers.ChurnAfter = "P11Y" }},
		{"customers.cooling_after", func(p *policy.Pack) { p.Customers.CoolingAfter = "P6D" }},
		{"customers.cooling_after", func(p *policy.Pack) { p.Customers.CoolingAfter = "3 months" }},
		{"customers.dormant_after", func(p *policy.Pack) { p.Customers.DormantAfter = "" }},
		{"customers.dormant_after", func(p *policy.Pack) { p.Customers.DormantAfter = "P3M" }},
		{"customers.dormant_after", func(p *policy.Pack) { p.Customers.DormantAfter = "P91D" }}, // a quarter may have 92 days
		{"customers.value_tiers[1].from", func(p *policy.Pack) {
			p.Customers.ValueTiers = []policy.ValueTier{{Name: "a", From: 5}, {Name: "b", From: 5}, {Name: "c"}}
		}},
		{"customers.value_tiers[0].from", func(p *policy.Pack) { p.Customers.ValueTiers = []policy.ValueTier{{Name: "a", From: 5}} }},
		{"customers.value_basis", func(p *policy.Pack) { p.Customers.ValueBasis = "guessed" }},
		{"customers.tag_dimensions[0].values[1]", func(p *policy.Pack) {
			p.Customers.TagDimensions = []policy.TagDimension{{Name: "grade", Values: []string{"a", " b"}}}
		}},
		{"customers.completion_reward.amount", func(p *policy.Pack) { p.Customers.CompletionReward.Amount.Minor = -1 }},
		{"sales.stages", func(p *policy.Pack) { p.Sales.Stages = p.Sales.Stages[:1] }},
		{"sales.stages[1].probability", func(p *policy.Pack) { p.Sales.Stages[1].Probability = 101 }},
		{"sales.stages[0].requires", func(p *policy.Pack) { p.Sales.Stages[0].Requires = policy.QuoteSent }},
		{"sales.stages[3].requires", func(p *policy.Pack) { p.Sales.Stages[3].Requires = policy.QuoteSent }},
		{"sales.stages[3].requires", func(p *policy.Pack) { p.Sales.Stages[3].Requires = "handshake" }},
		{"tickets.default_priority", func(p *policy.Pack) { p.Tickets.DefaultPriority = "P0" }},
		{"tickets.default_complexity", func(p *policy.Pack) { p.Tickets.DefaultComplexity = "" }},
		{"tickets.warn_at_pct[0]", func(p *policy.Pack) { p.Tickets.WarnAtPct = []int{100} }},
		{"tickets.reopen_grace_seconds", func(p *policy.Pack) { p.Tickets.ReopenGraceSeconds = -1 }},
		{"tickets.ranking_every", func(p *policy.Pack) { p.Tickets.RankingEvery = "fortnight" }},
		{"tickets.sla", func(p *policy.Pack) { p.Tickets.SLA = nil }},
		{"tickets.sla[0].when", func(p *policy.Pack) { p.Tickets.SLA = p.Tickets.SLA[:1] }},
		{"tickets.sla[1].when", func(p *policy.Pack) { s := p.Tickets.SLA; s[0], s[1] = s[1], s[0] }},
		{"tickets.sla[0].when.priority", func(p *policy.Pack) { p.Tickets.SLA[0].When.Priority = "P0" }},
		{"tickets.sla[3].calendar", func(p *policy.Pack) { p.Tickets.SLA[3].Calendar = "office" }},
		{"tickets.sla[3].targets[0].name", func(p *policy.Pack) { p.Tickets.SLA[3].Targets[0].Name = "lunch" }},
		{"tickets.sla[3].targets[0].seconds", func(p *policy.Pack) { p.Tickets.SLA[3].Targets[0].Seconds = -1 }},
		{"tickets.sla[3].targets[1].paused_by", func(p *policy.Pack) { p.Tickets.SLA[3].Targets[1].PausedBy = []string{"lunch"} }},
		{"engagement.cadences[0].every", func(p *policy.Pack) { p.Engagement.Cadences[0].Every = "day" }},
		{"engagement.repurchase_months[1]", func(p *policy.Pack) { p.Engagement.RepurchaseMonths[1] = 0 }},
		{"engagement.reminder_hour", func(p *policy.Pack) { p.Engagement.ReminderHour = 24 }},
		{"improvement.hot_category_pct", func(p *policy.Pack) { p.Improvement.HotCategoryPct = 101 }},
		{"improvement.hot_category_rearm_pct", func(p *policy.Pack) { p.Improvement.HotCategoryRearmPct = 31 }},
		{"improvement.effect_after_weeks[0]", func(p *policy.Pack) { p.Improvement.EffectAfterWeeks[0] = 0 }},
		{"improvement.review_every[0]", func(p *policy.Pack) { p.Improvement.ReviewEvery[0] = "" }},
		{"goals.satisfaction_points", func(p *policy.Pack) { p.Goals.SatisfactionPoints = 101 }},
	} {
		t.Run(tt.field, func(t *testing.T) {
			err := with(tt.breaks).Check()
			require.ErrorIs(t, err, policy.ErrPack)
			var refusal *domain.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, tt.field, refusal.Field)
			assert.NotEmpty(t, refusal.Message)
		})
	}
}

func TestSpansOfMonthsAndDays(t *testing.T) {
	for _, spans := range [][2]period.Span{{"P30D", "P60D"}, {"P3M", "P93D"}, {"P1W", "P1M"}, {"P1Y", "P10Y"}} {
		assert.NoError(t, with(func(p *policy.Pack) { p.Customers.CoolingAfter, p.Customers.DormantAfter = spans[0], spans[1] }).Check(), spans)
	}
}

func TestCheckNamesEveryProblem(t *testing.T) {
	err := policy.Pack{}.Check()
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	problems, ok := refusal.Details.([]input.Problem)
	require.True(t, ok)
	assert.Greater(t, len(problems), 30)
}
