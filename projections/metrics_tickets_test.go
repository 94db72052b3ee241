package projections_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// helpdesk is a year of tickets. Half-way the organisation moves to New York,
// and the first contact has two days more to be the only one.
type helpdesk struct {
	policy policy.Policy
	facts  []projectionstest.Fact
}

func newHelpdesk() *helpdesk {
	h := &helpdesk{}
	moved := policy.Standard()
	moved.Zone, moved.Tickets.FirstFixSeconds = "America/New_York", 9*86400
	for i, v := range []policy.Published{
		{Version: 1, Pack: policy.Standard()},
		{Version: 2, Pack: moved, EffectiveFrom: time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)},
	} {
		h.policy = policy.Evolve(h.policy, v)
		at := time.Date(2023, 10, 1, 0, i, 0, 0, time.UTC)
		h.facts = append(h.facts, projectionstest.Fact{Stream: "policy-standard", Event: v, At: at})
	}
	return h
}

// live takes one ticket through its life, as the domain decides.
func (h *helpdesk) live(id, customer, category string, at time.Time, random func(int) int) {
	var t ticket.Ticket
	do := func(events []ticket.Event, err error) {
		for _, e := range events {
			if err == nil {
				t = ticket.Evolve(t, e)
				h.facts = append(h.facts, projectionstest.Fact{Stream: "ticket-" + id, Event: e, At: at})
			}
		}
	}
	rules := func() policy.Version { return h.policy.InForce(at) }
	do(t.Open(ticket.Opening{
		TicketID: id, CustomerID: customer, Subject: "s", Assignee: []string{"sue", "tom", ""}[random(3)],
		Class: ticket.Class{Priority: []string{"urgent", "general"}[random(2)], Category: category},
	}, rules(), at))
	for range 2 + random(7) {
		at = at.Add(time.Duration(random(3*86400)) * time.Second)
		switch random(10) {
		case 0, 1, 2:
			do(t.Reply(ticket.Reply{Visibility: []string{ticket.Public, ticket.Public, ticket.Internal}[random(3)], Body: "b"}, rules(), at))
		case 3, 4, 5, 6:
			do(t.Resolve(ticket.Resolution{}, at))
		case 7:
			do(t.Reopen("again", rules(), at))
		case 8:
			do(t.Wait(policy.WaitingForCustomer, rules(), at))
		default:
			urgent, other := "urgent", "service_attitude"
			do(t.Triage(ticket.Sorting{Priority: &urgent, Category: &other}, rules(), at))
		}
	}
}

func randomTickets(n int, seed uint64) *helpdesk {
	h, random := newHelpdesk(), seeded(seed)
	for i := range n {
		at := time.Date(2023, 12, 1, 0, 0, random.IntN(390*86400), 0, time.UTC)
		customer := pick(random, "c1", "c2", "c3", "c4", "c5", "c6", "c7", "")
		h.live(fmt.Sprint(i), customer, pick(random, "product_quality", "service_attitude", ""), at, random.IntN)
	}
	slices.SortStableFunc(h.facts, func(a, b projectionstest.Fact) int { return a.At.Compare(b.At) })
	return h
}

func (h *helpdesk) day(t *testing.T, at time.Time) domain.Date {
	t.Helper()
	zone, err := time.LoadLocation(h.policy.InForce(at).Pack.Zone)
	require.NoError(t, err)
	return domain.DateOf(at, zone)
}

// served is a ticket as the test works it out from the events.
type served struct {
	customer, category, assignee string
	opened, responded, resolved  time.Time
	replies, before, reopened    int // before: it was resolved
	met, breached, cancelled     map[string]time.Time
	seconds                      map[string]int64
}

func (h *helpdesk) served() map[string]*served {
	all := map[string]*served{}
	for _, f := range h.facts {
		s := all[f.Stream]
		switch e := f.Event.(type) {
		case ticket.Opened:
			all[f.Stream] = &served{
				customer: e.CustomerID, category: e.Category, assignee: e.Assignee, opened: e.OpenedAt,
				met: map[string]time.Time{}, breached: map[string]time.Time{}, cancelled: map[string]time.Time{}, seconds: map[string]int64{},
			}
		case ticket.Triaged:
			s.category = e.To.Category
		case ticket.Replied:
			if e.Visibility == ticket.Public {
				s.replies++
				if s.responded.IsZero() {
					s.responded = e.RepliedAt
				}
			}
		case ticket.Resolved:
			s.resolved, s.before = e.ResolvedAt, s.replies
		case ticket.Reopened:
			s.resolved = time.Time{}
			s.reopened++
			delete(s.seconds, policy.Resolution)
		case ticket.SLATargetMet:
			s.met[e.Target], s.seconds[e.Target] = e.MetAt, e.Seconds
			delete(s.breached, e.Target)
		case ticket.SLABreached:
			s.breached[e.Target] = e.EffectiveAt
		case ticket.SLAOverrunEnded:
			s.seconds[e.Target] = e.Seconds
		case ticket.SLAResumed:
			delete(s.met, e.Target)
			delete(s.seconds, e.Target)
		case ticket.SLACancelled:
			s.cancelled[e.Target] = e.CancelledAt
		}
	}
	return all
}

// onlyContact tells whether the first contact solved a ticket.
func (h *helpdesk) onlyContact(stream string, all map[string]*served) bool {
	s := all[stream]
	if s.resolved.IsZero() || s.before != 1 || s.reopened > 0 {
		return false
	}
	until := s.resolved.Add(time.Duration(h.policy.InForce(s.resolved).Pack.Tickets.FirstFixSeconds) * time.Second)
	for other, o := range all {
		again := other != stream && o.customer == s.customer && o.category == s.category
		if s.customer != "" && again && !o.opened.Before(s.resolved) && o.opened.Before(until) {
			return false
		}
	}
	return true
}

func TestTicketMetrics(t *testing.T) {
	h := randomTickets(400, 1)
	all := h.served()
	metrics := metricsAfter(t, endOfDeals, projectionstest.History(h.facts...))
	fixed := 0
	eachKind(t, func(t *testing.T, kind period.Kind) {
		t.Helper()
		for by, key := range map[string]func(*served) string{
			"": func(*served) string { return "" }, projections.ByAssignee: func(s *served) string { return s.assignee },
			projections.ByCategory: func(s *served) string { return s.category },
		} {
			response, solving, sla, rate, first := cells{}, cells{}, cells{}, cells{}, cells{}
			cancelled := map[[3]string]int64{}
			in := func(at time.Time) (string, bool) {
				if at.IsZero() {
					return "", false
				}
				return nameOf(kind, h.day(t, at))
			}
			for stream, s := range all {
				sample := func(cs cells, at time.Time, target string) {
					if name, ok := in(at); ok {
						c := cs.at(name, key(s), "clock")
						c.values = append(c.values, int64(at.Sub(s.opened)/time.Second))
						if ran, ok := s.seconds[target]; ok {
							c = cs.at(name, key(s), "business")
							c.values = append(c.values, ran)
						}
					}
				}
				sample(response, s.responded, policy.FirstResponse)
				sample(solving, s.resolved, policy.Resolution)
				for target, at := range s.met {
					if name, ok := in(at); ok {
						sla.at(name, key(s), target).num++
						sla.at(name, key(s), target).den++
					}
				}
				for target, at := range s.breached {
					if name, ok := in(at); ok {
						sla.at(name, key(s), target).den++
					}
				}
				for target, at := range s.cancelled {
					if name, ok := in(at); ok {
						cancelled[[3]string{name, key(s), target}]++
					}
				}
				if name, ok := in(s.opened); ok {
					rate.at(name, key(s), "").den++
					if !s.resolved.IsZero() {
						rate.at(name, key(s), "").num++
					}
				}
				if name, ok := in(s.resolved); ok {
					first.at(name, key(s), "").den++
					if h.onlyContact(stream, all) {
						fixed++
						first.at(name, key(s), "").num++
					}
				}
			}
			got := read(t, metrics, "sla_compliance", year(kind, by))
			sameRatios(t, sla, got)
			for _, row := range got.Rows {
				assert.Equal(t, cancelled[[3]string{row.Period, row.Key, row.Part}], row.Excluded["cancelled"])
			}
			if by != "" && (kind == period.Day || kind == period.Week) {
				continue
			}
			sameSpreads(t, response, read(t, metrics, "first_response_time", year(kind, by)))
			sameSpreads(t, solving, read(t, metrics, "resolution_time", year(kind, by)))
			sameRatios(t, rate, read(t, metrics, "resolution_rate", year(kind, by)))
			sameRatios(t, first, read(t, metrics, "first_contact_resolution", year(kind, by)))
		}
	})
	assert.Positive(t, fixed, "the histories must have what is tested")
}

func TestTicketsFollowedAtTheInstant(t *testing.T) {
	for after, fixed := range map[time.Duration]int64{
		-time.Millisecond: 1, 0: 0, 7*24*time.Hour - time.Millisecond: 0, 7 * 24 * time.Hour: 1, 7*24*time.Hour + time.Millisecond: 1,
	} {
		d := newDesk(t)
		d.open(0, "a", "sue", "general")
		d.reply(1, "a")
		d.resolve(60*24*24, "a") // 30 May, so the shards of two months are needed
		at := monday().Add(60 * 24 * 24 * time.Minute).Add(after)
		events, err := ticket.Ticket{}.Open(ticket.Opening{TicketID: "b", CustomerID: "c-sue", Subject: "again", Class: ticket.Class{Category: "other"}}, d.policy, at)
		require.NoError(t, err)
		for _, e := range events {
			d.facts = append(d.facts, projectionstest.Fact{Stream: "ticket-b", Event: e, At: at})
		}
		m := metricsAfter(t, endOfDeals, d.history())
		row := read(t, m, "first_contact_resolution", projections.MetricFilter{Period: "whole"}).Rows[0]
		assert.Equal(t, []int64{fixed, 1}, []int64{*row.Numerator, *row.Denominator}, after)
		assert.Equal(t, fixed == 1, *row.Met, "the goal is 90 per cent")
		projectionstest.Equivalent(t, projections.TicketModel, d.history()...)
	}
}

func TestTicketMetricsAgreeWithTheDashboard(t *testing.T) {
	h := randomTickets(150, 3)
	metrics := metricsAfter(t, endOfDeals, projectionstest.History(h.facts...))
	dashboard, err := projections.TicketDurations{Views: metrics.Views}.Dashboard(t.Context())
	require.NoError(t, err)
	whole := projections.MetricFilter{Period: "whole"}
	for name, want := range map[string]projections.Durations{"first_response_time": dashboard.FirstResponse.Minutes, "resolution_time": dashboard.ResolutionDays} {
		unit := map[string]float64{"first_response_time": 60, "resolution_time": 86400}[name]
		for _, row := range read(t, metrics, name, whole).Rows {
			if row.Part == "clock" {
				assert.Equal(t, want.Count, row.Samples)
				assert.InDelta(t, *want.Mean, *row.Value/unit, 1e-9)
				assert.InDelta(t, *want.Median, *row.Median/unit, 1e-9)
				assert.InDelta(t, *want.P90, float64(*row.P90)/unit, 1e-9)
			}
		}
	}
	rows := rowsBy(read(t, metrics, "sla_compliance", whole))
	for _, target := range dashboard.Targets {
		for k, row := range rows {
			if k[2] == target.Target {
				assert.Equal(t, []int64{target.Met, target.Met + target.Breached}, []int64{*row.Numerator, *row.Denominator})
			}
		}
	}
}

func TestRandomTicketsDoNotDependOnPages(t *testing.T) {
	projectionstest.Equivalent(t, projections.TicketModel, projectionstest.History(randomTickets(25, 4).facts...)...)
}
