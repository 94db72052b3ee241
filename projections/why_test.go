package projections_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// explain asks why; the standard pack is in force as version 1.
func explain(t *testing.T, of, id, field string, events ...domain.Recorded) projections.Explanation {
	t.Helper()
	for i := range events {
		events[i].Meta.PolicyVersion = 1
	}
	h := historyOf(t, events...)
	h.Policy = func() policy.Policy {
		return policy.Policy{Versions: []policy.Version{{Number: 1, Pack: policy.Standard()}}}
	}
	e, err := h.Why(t.Context(), kind(of), id, field, projections.Point{})
	require.NoError(t, err)
	_, err = json.Marshal(e)
	require.NoError(t, err)
	return e
}

func inputs(e projections.Explanation) map[string]any {
	all := map[string]any{}
	for _, in := range e.Inputs {
		all[in.Name] = in.Value
	}
	return all
}

func TestWhyADealIsWhereItIs(t *testing.T) {
	money := func(minor int64) domain.Money { return domain.Money{Minor: minor, Currency: "CNY"} }
	events := projectionstest.History(
		of("d", deal.Opened{DealID: "d", Stage: "lead", Owner: "ann", Amount: money(500)}),
		of("d", deal.StageMoved{DealID: "d", From: "lead", To: "opportunity", Direction: deal.Forward}),
		of("d", deal.QuoteSent{DealID: "d", Number: 1, Amount: money(900)}),
		of("d", deal.AmountChanged{DealID: "d", From: money(500), To: money(900), Cause: "quote_sent"}),
		of("d", deal.StageMoved{DealID: "d", From: "opportunity", To: "quote", Direction: deal.Forward, Cause: "quote_sent", Probability: 50}),
		of("d", deal.OwnerAssigned{DealID: "d", From: "ann", To: "bob"}),
	)
	for i := 2; i <= 4; i++ {
		events[i].Meta.CausationID = "quoting"
	}
	stage := explain(t, "deals", "d", "stage", events...)
	assert.Equal(t, "quote", stage.Value)
	assert.Equal(t, 3, stage.Times)
	assert.Equal(t, []string{"deal.stage_moved.v1"}, types(stage.Cause))
	assert.Equal(t, []string{"deal.quote_sent.v1", "deal.amount_changed.v1"}, types(stage.With))
	assert.Equal(t, "sales.stages[quote]", stage.Rule.Path)
	assert.Equal(t, 1, stage.Rule.PolicyVersion)
	assert.Equal(t, policy.QuoteSent, stage.Rule.Value.(policy.Stage).Requires) //nolint:errcheck // fails the test
	assert.Equal(t, "quote_sent", inputs(stage)["fact"])

	owner := explain(t, "deals", "d", "owner", events...)
	assert.Equal(t, "bob", owner.Value)
	assert.Equal(t, "ann", inputs(owner)["from"])
	minor := explain(t, "deals", "d", "amount.minor", events...)
	assert.Equal(t, json.Number("900"), minor.Value)
	assert.Equal(t, []string{"deal.amount_changed.v1"}, types(minor.Cause))
	never := explain(t, "deals", "d", "loss_reason", events...)
	assert.Nil(t, never.Value)
	assert.Empty(t, never.Cause)
	assert.Equal(t, "a deal is open until it is won or lost", explain(t, "deals", "d", "status", events...).Rule.Text)

	for _, field := range []string{"", "colour", "amounts"} {
		_, err := historyOf(t, events...).Why(t.Context(), kind("deals"), "d", field, projections.Point{})
		require.ErrorIs(t, err, projections.ErrNoField, field)
	}
	_, err := historyOf(t, events...).Why(t.Context(), kind("deals"), "zz", "stage", projections.Point{})
	require.ErrorIs(t, err, kind("deals").Missing)
}

func TestWhyADealWasWon(t *testing.T) {
	money := func(minor int64) domain.Money { return domain.Money{Minor: minor, Currency: "CNY"} }
	won := explain(t, "deals", "d", "status", projectionstest.History(
		of("d", deal.Opened{DealID: "d", Stage: "lead"}),
		of("d", deal.PaymentReceived{DealID: "d", Amount: money(300), PaidTotal: money(300), Due: money(900)}),
		of("d", deal.PaymentReceived{DealID: "d", Amount: money(600), PaidTotal: money(900), Due: money(900), InFull: true}),
		of("d", deal.Won{DealID: "d", Cause: "payment_received"}),
	)...)
	assert.Equal(t, "payment in full wins the deal", won.Rule.Text)
	require.Len(t, won.Inputs, 3)
	assert.Equal(t, money(900), won.Inputs[2].Value)
}

func TestWhyATicketIsDueThen(t *testing.T) {
	at := monday()
	fact := func(e ticket.Event, after time.Duration) projectionstest.Fact {
		return projectionstest.Fact{Stream: "ticket-t", Event: e, At: at.Add(after)}
	}
	applied := ticket.SLAApplied{PolicyVersion: 1, SLA: "default", Targets: []ticket.Applied{
		{Target: policy.FirstResponse, Seconds: 3600, StartedAt: at, DueAt: at.Add(time.Hour)},
		{Target: policy.Resolution, Seconds: 7200, StartedAt: at, DueAt: at.Add(2 * time.Hour)},
	}}
	events := projectionstest.History(
		fact(ticket.Opened{TicketID: "t", OpenedAt: at, Assignee: "sue"}, 0), fact(applied, 0),
		fact(ticket.SLATargetMet{Target: policy.FirstResponse, MetAt: at.Add(time.Minute), DueAt: at.Add(time.Hour)}, time.Minute),
		fact(ticket.SLAPaused{Target: policy.Resolution, PausedAt: at.Add(2 * time.Minute)}, 2*time.Minute),
		fact(ticket.SLAResumed{Target: policy.Resolution, ResumedAt: at.Add(12 * time.Minute), DueAt: at.Add(130 * time.Minute)}, 12*time.Minute),
		fact(ticket.SLABreached{
			Target: policy.Resolution, DueAt: at.Add(130 * time.Minute), EffectiveAt: at.Add(130 * time.Minute), DetectedAt: at.Add(3 * time.Hour),
		}, 3*time.Hour),
	)
	due := explain(t, "tickets", "t", "due_at", events[:5]...)
	assert.Equal(t, "2024-05-06T11:10:00Z", due.Value)
	assert.Equal(t, []string{"ticket.sla_resumed.v1"}, types(due.Cause))
	assert.Equal(t, &projections.RuleShown{
		PolicyVersion: 1, Path: `tickets.sla["default"].targets[resolution]`, Value: int64(7200),
		Text: "a clock is due when it has run for its target, pauses left out",
	}, due.Rule)
	assert.Equal(t, at, inputs(due)["started_at"])
	assert.Equal(t, projections.Pause{From: at.Add(2 * time.Minute), To: at.Add(12 * time.Minute), Seconds: 600}, inputs(due)["pause"])
	first := explain(t, "tickets", "t", "due_at", events[:2]...)
	assert.Equal(t, `tickets.sla["default"].targets[first_response]`, first.Rule.Path)
	assert.Equal(t, int64(3600), first.Rule.Value)

	breach := explain(t, "tickets", "t", "breach", events...)
	assert.Equal(t, "2024-05-06T11:10:00Z", breach.Value)
	assert.Equal(t, `tickets.sla["default"].targets[resolution]`, breach.Rule.Path)
	assert.Equal(t, at.Add(3*time.Hour), inputs(breach)["detected_at"])
	assert.Nil(t, explain(t, "tickets", "t", "breach", events[:5]...).Value)
	assert.Equal(t, "sue", explain(t, "tickets", "t", "owner", events...).Value)
	assert.Equal(t, `tickets.sla["default"]`, explain(t, "tickets", "t", "sla", events...).Rule.Path)
	part := explain(t, "tickets", "t", "clocks[first_response].seconds", events...)
	assert.Equal(t, json.Number("3600"), part.Value)
}

func TestWhyACustomerIsInAStageAndTier(t *testing.T) {
	signed := func(id, whose string, minor int64, on domain.Date) []projectionstest.Fact {
		return []projectionstest.Fact{
			of(id, deal.Opened{DealID: id, CustomerID: whose}),
			of(id, deal.ContractSigned{DealID: id, CustomerID: whose, Amount: domain.Money{Minor: minor, Currency: "CNY"}, SignedOn: on}),
		}
	}
	facts := []projectionstest.Fact{registered("a", "1", "Acme", "ann", "retail")}
	facts = append(facts, signed("d1", "a", 4_000_000, "2024-06-30")...)
	facts = append(facts, signed("d2", "a", 2_000_000, "2023-07-03")...) // the first day that counts
	facts = append(facts, signed("d3", "a", 9_000_000, "2023-07-02")...) // too long ago
	facts = append(facts, signed("d4", "b", 9_000_000, "2024-06-30")...)
	facts = append(facts, with("a", customer.LifecycleStageChanged{
		CustomerID: "a", From: policy.Potential, To: policy.ClosedWon, Trigger: customer.Manual, Reason: "by phone", EffectiveAt: day("2024-05-07"),
	}))
	events := projectionstest.History(facts...)
	tier := explain(t, "customers", "a", "tier", events...)
	assert.Equal(t, "medium", tier.Value)
	assert.Equal(t, "customers.value_tiers[medium]", tier.Rule.Path)
	assert.Equal(t, domain.Money{Minor: 6_000_000, Currency: "CNY"}, inputs(tier)["value"])
	assert.Len(t, tier.Cause, 2)
	stage := explain(t, "customers", "a", "stage", events...)
	assert.Equal(t, "customers.lifecycle_stages[closed_won]", stage.Rule.Path)
	assert.Equal(t, "by phone", inputs(stage)["reason"])
}
