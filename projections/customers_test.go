package projections_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
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

func with(id string, e customer.Event) projectionstest.Fact {
	return projectionstest.Fact{Stream: "customer-" + id, Event: e}
}

func registered(id, number, name, owner, industry string) projectionstest.Fact {
	return with(id, customer.Registered{
		CustomerID: id, Number: number, Kind: customer.Organisation, Owner: owner, Stage: policy.Potential,
		Details:      customer.Details{Name: name, Industry: industry, Region: "east", ExternalID: "x-" + id},
		RegisteredAt: monday().Add(time.Duration(len(number)+int(id[0])) * time.Hour),
	})
}

func interaction(what string, at time.Time, twoWay bool) projectionstest.Fact {
	return with("a", customer.InteractionLogged{
		CustomerID: "a", InteractionID: what, Direction: customer.Outbound, Channel: "phone", TwoWay: twoWay, Summary: what, At: at,
	})
}

func customerHistory() []domain.Recorded {
	email := customer.Contact{ID: "k1", Kind: customer.Email, Value: "a@acme.example"}
	phone := customer.Contact{ID: "k2", Kind: customer.Phone, Value: "021"}
	strategic := customer.Tag{Dimension: "grade", Value: "strategic"}
	return projectionstest.History(
		of("d1", deal.Opened{DealID: "d1", CustomerID: "a", Stage: "lead", OpenedOn: "2024-05-01"}), // before its customer is known
		registered("a", "202405-001", "Acme Pumps", "alice", "retail"),
		registered("b", "202405-002", "acme tools", "bob", "retail"),
		registered("c", "202405-003", "Zhejiang Silk", "alice", "textiles"),
		with("a", customer.ContactAdded{CustomerID: "a", Contact: email}),
		with("a", customer.ContactAdded{CustomerID: "a", Contact: phone}),
		with("a", customer.ContactVerified{CustomerID: "a", Contact: email, Confirmations: 1}),
		with("a", customer.ContactVerified{CustomerID: "a", Contact: email, Confirmations: 2, Verified: true}),
		with("a", customer.ContactRemoved{CustomerID: "a", Contact: phone}),
		with("a", customer.TagAdded{CustomerID: "a", Tag: customer.Tag{Dimension: "demand", Value: "training"}}),
		with("a", customer.TagAdded{CustomerID: "a", Tag: customer.Tag{Dimension: "demand", Value: "repair"}}),
		with("a", customer.TagAdded{CustomerID: "a", Tag: strategic}),
		with("a", customer.TagRemoved{CustomerID: "a", Tag: strategic, ReplacedBy: "dormant"}),
		with("b", customer.TagAdded{CustomerID: "b", Tag: strategic}),
		with("a", customer.DetailsChanged{CustomerID: "a", Changes: []customer.Change{
			{Field: "region", From: "east", To: "west"}, {Field: "birthday", To: "1990-02-03"}, {Field: "external_id", From: "x-a", To: ""},
		}}),
		with("a", customer.SourceRecorded{CustomerID: "a", To: customer.Source{Channel: "trade_show", AcquiredAt: day("2024-05-01")}}),
		with("a", customer.OwnerAssigned{CustomerID: "a", From: "alice", To: "bob"}),
		with("c", customer.LifecycleStageChanged{CustomerID: "c", From: policy.Potential, To: policy.Interested, EffectiveAt: day("2024-05-09")}),
		interaction("call", day("2024-05-12"), true),
		interaction("mail", day("2024-05-14"), false),
		interaction("visit, told later", day("2024-05-10"), true),
		of("d2", deal.Opened{DealID: "d2", CustomerID: "b", Stage: "lead"}),
		of("d1", deal.Won{DealID: "d1", CustomerID: "a"}),
		of("d3", deal.Opened{DealID: "d3", CustomerID: "a", Stage: "lead"}),
		of("d3", deal.Lost{DealID: "d3", CustomerID: "a"}),
		of("d3", deal.Reopened{DealID: "d3", CustomerID: "a", From: deal.StatusLost}),
		of("d1", deal.DetailsChanged{DealID: "d1", CustomerID: "b", Status: deal.StatusWon, Changes: []deal.Change{
			{Field: "customer_id", From: "a", To: "b"},
		}}),
		of("d3", deal.DetailsChanged{DealID: "d3", CustomerID: "a", Status: deal.Open, Changes: []deal.Change{{Field: "title", To: "x"}}}),
		ticketFact(ticket.Opened{TicketID: "t1", CustomerID: "b", OpenedAt: day("2024-05-20")}),
		ticketFact(ticket.Replied{TicketID: "t1", CustomerID: "b", Visibility: ticket.Public, Author: ticket.Human, RepliedAt: day("2024-05-21")}),
		ticketFact(ticket.Replied{TicketID: "t1", CustomerID: "b", Visibility: ticket.Internal, Author: ticket.Human, RepliedAt: day("2024-05-22")}),
		ticketFact(ticket.Resolved{TicketID: "t1", CustomerID: "b"}),
		ticketFact(ticket.Reopened{TicketID: "t1", CustomerID: "b"}),
		ticketFact(ticket.Resolved{TicketID: "t1", CustomerID: "b"}),
		ticketFact(ticket.CustomerMessaged{TicketID: "t1", CustomerID: "b", MessagedAt: day("2024-05-19")}),
	)
}

func ticketFact(e ticket.Event) projectionstest.Fact {
	return projectionstest.Fact{Stream: "ticket-t1", Event: e}
}

func customerCard(t *testing.T, customers projections.Customers, id string) projections.Customer {
	t.Helper()
	text, err := customers.Get(t.Context(), id)
	require.NoError(t, err)
	var c projections.Customer
	require.NoError(t, json.Unmarshal(text, &c))
	return c
}

func TestCustomerModelDoesNotDependOnPages(t *testing.T) {
	projectionstest.Equivalent(t, projections.CustomerModel, customerHistory()...)
}

func TestCustomersGet(t *testing.T) {
	customers := projections.Customers{Views: projectionstest.Folded(t, projections.CustomerModel, customerHistory()...)}
	a := customerCard(t, customers, "a")
	assert.Equal(t, projections.Customer{
		Head:   projections.Head{ID: "a", Revision: 15, UpdatedAt: a.UpdatedAt, UpdatedBy: "alice"},
		Number: "202405-001", Kind: customer.Organisation, Owner: "bob", Stage: policy.Potential,
		Details:    customer.Details{Name: "Acme Pumps", Industry: "retail", Region: "west", Birthday: "1990-02-03"},
		Source:     customer.Source{Channel: "trade_show", AcquiredAt: day("2024-05-01")},
		StageSince: a.RegisteredAt, RegisteredAt: a.RegisteredAt, RegisteredBy: "alice",
		Contacts: []projections.CustomerContact{{
			Contact: customer.Contact{ID: "k1", Kind: customer.Email, Value: "a@acme.example"}, Confirmations: 2, Verified: true,
		}},
		Tags:           map[string][]string{"demand": {"training", "repair"}},
		FirstContactAt: day("2024-05-10"), LastInteractionAt: day("2024-05-14"), LastTwoWayAt: day("2024-05-12"), Interactions: 3,
		Latest: []projections.Interaction{
			{ID: "mail", At: day("2024-05-14"), Channel: "phone", Direction: customer.Outbound, Summary: "mail"},
			{ID: "call", At: day("2024-05-12"), Channel: "phone", Direction: customer.Outbound, TwoWay: true, Summary: "call"},
			{ID: "visit, told later", At: day("2024-05-10"), Channel: "phone", Direction: customer.Outbound, TwoWay: true, Summary: "visit, told later"},
		},
		Deals: projections.DealCounts{Open: 1},
	}, a)

	b := customerCard(t, customers, "b")
	assert.Equal(t, projections.DealCounts{Open: 1, Won: 1}, b.Deals, "one deal came from a, won")
	assert.Equal(t, projections.TicketCounts{Resolved: 1}, b.Tickets)
	assert.Equal(t, day("2024-05-21"), b.LastInteractionAt, "notes reach nobody")
	assert.Equal(t, day("2024-05-20"), b.LastTwoWayAt)
	assert.Equal(t, day("2024-05-19"), b.FirstContactAt)
	assert.Equal(t, uint64(1), b.Revision, "of its own stream")

	assert.Equal(t, policy.Interested, customerCard(t, customers, "c").Stage)
	_, err := customers.Get(t.Context(), "nobody")
	require.ErrorIs(t, err, customer.ErrNotFound)
}

func TestCustomerKnownOnlyFromDealsIsNotFound(t *testing.T) {
	events := projectionstest.History(of("d1", deal.Opened{DealID: "d1", CustomerID: "ghost"}))
	customers := projections.Customers{Views: projectionstest.Folded(t, projections.CustomerModel, events...)}
	_, err := customers.Get(t.Context(), "ghost")
	require.ErrorIs(t, err, customer.ErrNotFound)
	page, err := customers.List(t.Context(), projections.CustomerFilter{})
	require.NoError(t, err)
	assert.Empty(t, page.Items)
}

func TestCustomersList(t *testing.T) {
	customers := projections.Customers{Views: projectionstest.Folded(t, projections.CustomerModel, customerHistory()...)}
	for name, test := range map[string]struct {
		filter projections.CustomerFilter
		want   []string
		total  int64
	}{
		"newest first":           {projections.CustomerFilter{}, []string{"c", "b", "a"}, 3},
		"by name":                {projections.CustomerFilter{Sort: "name"}, []string{"a", "b", "c"}, 3},
		"owner":                  {projections.CustomerFilter{Owner: "bob"}, []string{"b", "a"}, 2},
		"owner, by name":         {projections.CustomerFilter{Owner: "bob", Sort: "name"}, []string{"a", "b"}, -1},
		"stage":                  {projections.CustomerFilter{Stage: policy.Interested}, []string{"c"}, 1},
		"industry":               {projections.CustomerFilter{Industry: "retail"}, []string{"b", "a"}, 2},
		"tag":                    {projections.CustomerFilter{Tag: "demand:training"}, []string{"a"}, 1},
		"tag taken away":         {projections.CustomerFilter{Tag: "grade:strategic"}, []string{"b"}, 1},
		"stage and owner":        {projections.CustomerFilter{Stage: policy.Potential, Owner: "bob"}, []string{"b", "a"}, -1},
		"tag, owner, industry":   {projections.CustomerFilter{Tag: "grade:strategic", Owner: "bob", Industry: "retail"}, []string{"b"}, -1},
		"start of the name":      {projections.CustomerFilter{Q: "ACME"}, []string{"a", "b"}, -1},
		"more of the name":       {projections.CustomerFilter{Q: "acme  t"}, []string{"b"}, -1},
		"not the middle":         {projections.CustomerFilter{Q: "silk"}, []string{}, -1},
		"name and tag":           {projections.CustomerFilter{Q: "acme", Tag: "demand:repair"}, []string{"a"}, -1},
		"number":                 {projections.CustomerFilter{Number: "202405-002"}, []string{"b"}, -1},
		"not a part of a number": {projections.CustomerFilter{Number: "202405-00"}, []string{}, -1},
		"external id":            {projections.CustomerFilter{ExternalID: "x-c"}, []string{"c"}, -1},
		"external id given up":   {projections.CustomerFilter{ExternalID: "x-a"}, []string{}, -1},
		"number, another owner":  {projections.CustomerFilter{Number: "202405-003", Owner: "bob"}, []string{}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := customers.List(t.Context(), test.filter)
			require.NoError(t, err)
			assert.Equal(t, test.want, ids(t, page))
			assert.Equal(t, test.total, page.Total)
			assert.Equal(t, test.want, walk(t, func(p projections.Paging) (projections.List, error) {
				test.filter.Paging = p
				return customers.List(t.Context(), test.filter)
			}))
		})
	}
}

func TestLatestInteractionsAreFewAndShort(t *testing.T) {
	facts := []projectionstest.Fact{registered("a", "1", "Acme", "", "")}
	for i := range 8 {
		facts = append(facts, interaction(strings.Repeat("话", 95+i), monday().AddDate(0, 0, i), true))
	}
	events := projectionstest.History(facts...)
	projectionstest.Equivalent(t, projections.CustomerModel, events...)
	a := customerCard(t, projections.Customers{Views: projectionstest.Folded(t, projections.CustomerModel, events...)}, "a")
	assert.Equal(t, 8, a.Interactions)
	require.Len(t, a.Latest, 5)
	assert.Equal(t, strings.Repeat("话", 99)+"…", a.Latest[0].Summary)
	assert.Equal(t, strings.Repeat("话", 98), a.Latest[4].Summary)
}

// A cursor made up by its bearer leads to no place outside the list.
func TestCursorStaysInsideTheList(t *testing.T) {
	customers := projections.Customers{Views: projectionstest.Folded(t, projections.CustomerModel, customerHistory()...)}
	filter := projections.CustomerFilter{Q: "acme", Paging: projections.Paging{Limit: 1}}
	page, err := customers.List(t.Context(), filter)
	require.NoError(t, err)
	mark, err := base64.RawURLEncoding.DecodeString(page.Next)
	require.NoError(t, err)
	filter.Cursor = base64.RawURLEncoding.EncodeToString(append(mark[:8], "aaa\x00x"...))
	_, err = customers.List(t.Context(), filter)
	require.ErrorIs(t, err, projections.ErrCursor)
}
