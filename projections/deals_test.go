package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func cny(yuan int64) domain.Money { return domain.Money{Minor: yuan * 100, Currency: "CNY"} }

func day(d string) time.Time {
	t, err := time.Parse(time.DateOnly, d)
	if err != nil {
		panic(err)
	}
	return t
}

// opened is a deal as most tests need it.
func opened(id, owner, on string, amount domain.Money) projectionstest.Fact {
	return of(id, deal.Opened{
		DealID: id, Title: "deal " + id, Owner: owner, Amount: amount, CustomerID: "c-" + owner, Product: "GTX", Region: "east",
		Stage: policy.Lead, Probability: 10, OpenedAt: day(on), OpenedOn: domain.Date(on),
	})
}

func of(id string, e domain.Event) projectionstest.Fact {
	return projectionstest.Fact{Stream: "deal-" + id, Event: e}
}

func moved(id, from, to string, probability int) projectionstest.Fact {
	return of(id, deal.StageMoved{DealID: id, From: from, To: to, Probability: probability, MovedAt: day("2024-05-20")})
}

// dealHistory has every event a deal can have, with corrections: e is won,
// worth more than it was when it was opened, reopened, given away, and lost.
func dealHistory() []domain.Recorded {
	published := projectionstest.Fact{Stream: "policy-standard", Event: policy.Published{Version: 1, Pack: policy.Standard()}}
	return projectionstest.History(
		published,
		opened("a", "alice", "2024-05-01", cny(100)),
		opened("b", "bob", "2024-05-02", cny(200)),
		opened("c", "alice", "2024-05-03", cny(300)),
		moved("a", policy.Lead, policy.Quote, 50),
		of("a", deal.QuoteSent{DealID: "a", Number: 1, Amount: cny(100)}),
		moved("b", policy.Lead, policy.Quote, 50),
		of("b", deal.Won{DealID: "b", Owner: "bob", Stage: policy.Quote, Amount: cny(200), OpenedOn: "2024-05-02", ClosedOn: "2024-06-01", CycleDays: 30}),
		opened("d", "", "2024-05-04", domain.Money{Minor: 70, Currency: "EUR"}),
		opened("e", "bob", "2024-05-05", cny(500)),
		of("e", deal.ContractSigned{DealID: "e", Amount: cny(900), SignedOn: "2024-05-25", SpecialTerms: "ship before Friday"}),
		of("e", deal.AmountChanged{DealID: "e", From: cny(500), To: cny(900), Cause: "contract_signed"}),
		of("e", deal.PaymentReceived{DealID: "e", Amount: cny(900), PaidTotal: cny(900), Due: cny(900), InFull: true}),
		of("e", deal.Won{DealID: "e", Owner: "bob", Stage: policy.Deal, Amount: cny(900), OpenedOn: "2024-05-05", ClosedOn: "2024-06-04", CycleDays: 30}),
		of("e", deal.Reopened{DealID: "e", From: deal.StatusWon, Stage: policy.Lead, Probability: 10, Amount: cny(900), ReopenedAt: day("2024-06-05")}),
		of("e", deal.OwnerAssigned{DealID: "e", From: "bob", To: "alice"}),
		of("c", deal.DetailsChanged{DealID: "c", CustomerID: "c-9", Changes: []deal.Change{
			{Field: "customer_id", From: "c-alice", To: "c-9"},
			{Field: "title", To: "renamed"},
			{Field: "product", To: "MG"},
			{Field: "region", To: "west"},
			{Field: "source", To: "fair"},
			{Field: "external_id", To: "X1"},
			{Field: "expected_close", To: "2024-09-01"},
		}}),
		of("e", deal.Lost{DealID: "e", Owner: "alice", Stage: policy.Lead, Amount: cny(900), Reason: "price", Competitor: "Acme", OpenedOn: "2024-05-05", ClosedOn: "2024-07-04", CycleDays: 60}),
	)
}

func TestDealModelDoesNotDependOnPages(t *testing.T) {
	projectionstest.Equivalent(t, projections.DealModel, dealHistory()...)
}

func TestDealsGet(t *testing.T) {
	deals := projections.Deals{Views: projectionstest.Folded(t, projections.DealModel, dealHistory()...)}

	text, err := deals.Get(t.Context(), "e")
	require.NoError(t, err)
	var e projections.Deal
	require.NoError(t, json.Unmarshal(text, &e))
	paid := cny(900)
	assert.Equal(t, projections.Deal{
		Head:       projections.Head{ID: "e", Revision: 7, UpdatedAt: e.UpdatedAt, UpdatedBy: "alice"},
		CustomerID: "c-bob", Title: "deal e", Owner: "alice", Amount: cny(900), Product: "GTX", Region: "east",
		Status: deal.StatusLost, Stage: policy.Lead, Probability: 10, StageSince: day("2024-06-05"),
		Passed:   []projections.StagePassed{{Stage: policy.Lead, EnteredOn: "2024-05-05", LeftOn: "2024-07-04"}},
		OpenedAt: day("2024-05-05"), OpenedOn: "2024-05-05", OpenedBy: "alice", ClosedOn: "2024-07-04", CycleDays: 60,
		LossReason: "price", Competitor: "Acme", Reopened: 1, Paid: &paid,
		Contract: &projections.Contract{Amount: cny(900), SignedOn: "2024-05-25", SpecialTerms: "ship before Friday"},
	}, e)

	for _, id := range []string{"nobody", "stages"} {
		_, err := deals.Get(t.Context(), id)
		require.ErrorIs(t, err, deal.ErrNotFound)
	}
}

func TestDealsList(t *testing.T) {
	deals := projections.Deals{Views: projectionstest.Folded(t, projections.DealModel, dealHistory()...)}
	for name, test := range map[string]struct {
		filter projections.DealFilter
		want   []string
		total  int64
	}{
		"all, newest first":             {projections.DealFilter{}, []string{"e", "d", "c", "b", "a"}, 5},
		"greatest amount first":         {projections.DealFilter{Sort: "amount"}, []string{"e", "c", "b", "a", "d"}, 5},
		"greatest amount of an owner":   {projections.DealFilter{Sort: "amount", Owner: "alice"}, []string{"e", "c", "a"}, 3},
		"greatest amount, open":         {projections.DealFilter{Sort: "amount", Status: "open"}, []string{"c", "a", "d"}, -1},
		"owner":                         {projections.DealFilter{Owner: "alice"}, []string{"e", "c", "a"}, 3},
		"stage is of open deals":        {projections.DealFilter{Stage: policy.Lead}, []string{"d", "c"}, 2},
		"stage and owner":               {projections.DealFilter{Stage: policy.Quote, Owner: "alice"}, []string{"a"}, 1},
		"lost in a stage":               {projections.DealFilter{Stage: policy.Lead, Status: "lost"}, []string{"e"}, -1},
		"status":                        {projections.DealFilter{Status: "won"}, []string{"b"}, 1},
		"customer, as changed":          {projections.DealFilter{CustomerID: "c-9"}, []string{"c"}, 1},
		"customer a deal was taken off": {projections.DealFilter{CustomerID: "c-alice"}, []string{"a"}, 1},
		"product":                       {projections.DealFilter{Product: "GTX"}, []string{"e", "d", "b", "a"}, 4},
		"region":                        {projections.DealFilter{Region: "west"}, []string{"c"}, 1},
		"product, region and owner":     {projections.DealFilter{Product: "MG", Region: "west", Owner: "alice"}, []string{"c"}, -1},
		"nothing":                       {projections.DealFilter{Owner: "zoe"}, []string{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := deals.List(t.Context(), test.filter)
			require.NoError(t, err)
			assert.Equal(t, test.want, ids(t, page))
			assert.Equal(t, test.total, page.Total)
			assert.Empty(t, page.Next)

			test.filter.Limit = 1 // one at a time gives the same
			assert.Equal(t, test.want, walk(t, func(p projections.Paging) (projections.List, error) {
				test.filter.Paging = p
				return deals.List(t.Context(), test.filter)
			}))
		})
	}
}

// walk reads a list page by page, one item each.
func walk(t *testing.T, read func(projections.Paging) (projections.List, error)) []string {
	t.Helper()
	all, next := []string{}, projections.Paging{Limit: 1}
	for range 1000 {
		page, err := read(next)
		require.NoError(t, err)
		all = append(all, ids(t, page)...)
		if page.Next == "" {
			break
		}
		next.Cursor = page.Next
	}
	return all
}

func ids(t *testing.T, page projections.List) []string {
	t.Helper()
	ids := []string{}
	for _, item := range page.Items {
		var head projections.Head
		require.NoError(t, json.Unmarshal(item, &head))
		ids = append(ids, head.ID)
	}
	return ids
}

func TestDealsListOfManyWithRareMatches(t *testing.T) {
	var facts []projectionstest.Fact
	for i := range 2600 {
		owner := "alice"
		if i%1200 == 0 {
			owner = "bob"
		}
		facts = append(facts, opened(fmt.Sprintf("d%04d", i), owner, "2024-05-01", cny(int64(i))))
	}
	deals := projections.Deals{Views: projectionstest.Folded(t, projections.DealModel, projectionstest.History(facts...)...)}
	filter := projections.DealFilter{Product: "GTX", Region: "east", CustomerID: "c-bob"}
	page, err := deals.List(t.Context(), filter)
	require.NoError(t, err)
	assert.Equal(t, []string{"d2400", "d1200", "d0000"}, ids(t, page), "answered from the few deals of the customer")

	filter = projections.DealFilter{Sort: "amount", CustomerID: "c-bob"}
	page, err = deals.List(t.Context(), filter)
	require.NoError(t, err)
	assert.Equal(t, []string{"d2400", "d1200"}, ids(t, page), "short, for only so many are read for one page")
	filter.Cursor = page.Next
	page, err = deals.List(t.Context(), filter)
	require.NoError(t, err)
	assert.Equal(t, []string{"d0000"}, ids(t, page))
	assert.Empty(t, page.Next)
}

func TestCursorIsOfOneList(t *testing.T) {
	deals := projections.Deals{Views: projectionstest.Folded(t, projections.DealModel, dealHistory()...)}
	page, err := deals.List(t.Context(), projections.DealFilter{Owner: "alice", Paging: projections.Paging{Limit: 1}})
	require.NoError(t, err)
	require.NotEmpty(t, page.Next)
	for _, filter := range []projections.DealFilter{
		{Paging: projections.Paging{Cursor: page.Next}},
		{Owner: "bob", Paging: projections.Paging{Cursor: page.Next}},
		{Owner: "alice", Sort: "amount", Paging: projections.Paging{Cursor: page.Next}},
		{Owner: "alice", Region: "east", Paging: projections.Paging{Cursor: page.Next}},
		{Owner: "alice", Paging: projections.Paging{Cursor: "@"}},
		{Owner: "alice", Paging: projections.Paging{Cursor: "AAAA"}},
	} {
		_, err := deals.List(t.Context(), filter)
		require.ErrorIs(t, err, projections.ErrCursor, "%+v", filter)
	}
}

func TestListAppendIsItsJSON(t *testing.T) {
	for _, list := range []projections.List{
		{Items: []json.RawMessage{}},
		{Items: []json.RawMessage{[]byte(`{"id":"a"}`), []byte(`{"id":"b"}`)}, Total: -1, Next: "abc_-"},
	} {
		want, err := json.Marshal(list)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(list.Append(nil)))
	}
}

func TestQueriesFailWhileBuilding(t *testing.T) {
	views := projectionstest.NewMemory()
	for name, query := range map[string]func(context.Context) error{
		"get": func(ctx context.Context) error { _, err := projections.Deals{Views: views}.Get(ctx, "a"); return err },
		"list": func(ctx context.Context) error {
			_, err := projections.Deals{Views: views}.List(ctx, projections.DealFilter{})
			return err
		},
		"board": func(ctx context.Context) error {
			_, err := projections.Pipeline{Views: views}.Board(ctx, projections.BoardFilter{})
			return err
		},
		"sales": func(ctx context.Context) error {
			_, err := projections.Sales{Views: views}.Dashboard(ctx, "")
			return err
		},
	} {
		require.ErrorIs(t, query(t.Context()), projections.ErrBuilding, name)
	}
}
