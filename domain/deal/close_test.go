package deal_test

import (
	"testing"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
)

func TestWin(t *testing.T) {
	win := func(in deal.Winning) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Win(in, std, day2) }
	}
	cheaper := deal.AmountChanged{DealID: "d1", CustomerID: "c1", Owner: "ann", Stage: "lead", Probability: 10, From: value, To: yuan(900), Cause: "won"}
	wonCheaper := won
	wonCheaper.Amount = yuan(900)
	less, foreign := domain.Money{Minor: 90000}, domain.Money{Minor: 1, Currency: "EUR"}
	early := func(d deal.Deal) (events, error) { return d.Win(deal.Winning{}, std, day1) }
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "from any stage", Given: events{opened}, When: win(deal.Winning{}), Then: events{won}},
		{Name: "at another amount", Given: events{opened}, When: win(deal.Winning{Amount: &less}), Then: events{cheaper, wonCheaper}},
		{Name: "the same again", Given: events{opened, won}, When: win(deal.Winning{}), Then: nil},
		{Name: "again on other terms", Given: events{opened, won}, When: win(deal.Winning{Amount: &less}), Err: deal.ErrClosed},
		{Name: "lost", Given: events{opened, lost}, When: win(deal.Winning{}), Err: deal.ErrClosed, Says: "lost since"},
		{Name: "another currency", Given: events{opened}, When: win(deal.Winning{Amount: &foreign}), Err: deal.ErrCurrency},
		{Name: "before it was opened", Given: events{opened}, When: win(deal.Winning{ClosedOn: "2024-04-30"}), Err: input.ErrInvalid.In("closed_on"), Says: "2024-05-01"},
		{Name: "tomorrow", Given: events{opened}, When: win(deal.Winning{ClosedOn: "2024-05-03"}), Err: input.ErrInvalid.In("closed_on")},
		{Name: "before its stage", Given: events{opened, toOpportunity}, When: early, Err: input.ErrOutOfOrder},
		{Name: "never opened", When: win(deal.Winning{}), Err: deal.ErrNotFound},
	})
}

func TestLose(t *testing.T) {
	lose := func(in deal.Losing) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Lose(in, std, day2) }
	}
	toGlobex := lost
	toGlobex.Competitor = "Globex"
	early := func(d deal.Deal) (events, error) { return d.Lose(deal.Losing{Reason: "price"}, std, day1) }
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "with a reason", Given: events{opened}, When: lose(deal.Losing{Reason: "price", Competitor: "Globex"}), Then: events{toGlobex}},
		{Name: "without one", Given: events{opened}, When: lose(deal.Losing{}), Err: deal.ErrReason.In("reason")},
		{Name: "the same again", Given: events{opened, lost}, When: lose(deal.Losing{Reason: "price"}), Then: nil},
		{Name: "for another reason", Given: events{opened, lost}, When: lose(deal.Losing{Reason: "no_need"}), Err: deal.ErrClosed},
		{Name: "won", Given: events{opened, won}, When: lose(deal.Losing{Reason: "price"}), Err: deal.ErrClosed},
		{Name: "no such day", Given: events{opened}, When: lose(deal.Losing{Reason: "price", ClosedOn: "May 2"}), Err: input.ErrInvalid.In("closed_on")},
		{Name: "before its stage", Given: events{opened, toOpportunity}, When: early, Err: input.ErrOutOfOrder},
		{Name: "never opened", When: lose(deal.Losing{Reason: "price"}), Err: deal.ErrNotFound},
	})
}

func TestReopen(t *testing.T) {
	reopen := func(reason string, at time.Time) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Reopen(reason, std, at) }
	}
	reopened := deal.Reopened{
		DealID: "d1", CustomerID: "c1", Owner: "ann", Product: "P1", Region: "East", From: "lost", Stage: "lead", Probability: 10, Amount: value,
		Reason: "they came back", OpenedOn: "2024-05-01", ClosedOn: "2024-05-02", CycleDays: 1, ReopenedAt: day9, ReopenedOn: "2024-05-09",
	}
	fromWon := reopened
	fromWon.From = "won"
	move := func(d deal.Deal) (events, error) { return d.Move("opportunity", "", std, day9) }
	moved := toOpportunity
	moved.EnteredAt, moved.MovedAt, moved.MovedOn = day9, day9, "2024-05-09"
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "back to the stage it had", Given: events{opened, lost}, When: reopen("they came back", day9), Then: events{reopened}},
		{Name: "a won one", Given: events{opened, won}, When: reopen("they came back", day9), Then: events{fromWon}},
		{Name: "then it moves again", Given: events{opened, lost, reopened}, When: move, Then: events{moved}},
		{Name: "without a reason", Given: events{opened, lost}, When: reopen("", day9), Err: deal.ErrReason.In("reason")},
		{Name: "an open one", Given: events{opened}, When: reopen("x", day9), Err: deal.ErrOpen},
		{Name: "before it was closed", Given: events{opened, lost}, When: reopen("x", day1), Err: input.ErrOutOfOrder},
		{Name: "never opened", When: reopen("x", day9), Err: deal.ErrNotFound},
	})
}

func TestAssign(t *testing.T) {
	assign := func(owner string) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Assign(owner) }
	}
	toBob := deal.OwnerAssigned{DealID: "d1", CustomerID: "c1", From: "ann", To: "bob", Status: "open", Stage: "lead", Probability: 10, Amount: value}
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "names both owners", Given: events{opened}, When: assign("bob"), Then: events{toBob}},
		{Name: "to its owner", Given: events{opened}, When: assign("ann"), Then: nil},
		{Name: "handed back", Given: events{opened, toBob}, When: assign("bob"), Then: nil},
		{Name: "to nobody", Given: events{opened}, When: assign(" "), Err: input.ErrInvalid.In("owner")},
		{Name: "to the program", Given: events{opened}, When: assign("system"), Err: input.ErrInvalid.In("owner"), Says: "no records"},
		{Name: "never opened", When: assign("bob"), Err: deal.ErrNotFound},
	})
}

func TestChange(t *testing.T) {
	change := func(in deal.Edit) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Change(in) }
	}
	text := func(s string) *string { return &s }
	day := domain.Date("2024-12-31")
	badDay := domain.Date("31.12.2024")
	more, foreign := yuan(1500), domain.Money{Minor: 1, Currency: "EUR"}
	changed := deal.DetailsChanged{DealID: "d1", CustomerID: "c2", Status: deal.Open, Changes: []deal.Change{
		{Field: "customer_id", From: "c1", To: "c2"},
		{Field: "region", From: "East", To: ""},
		{Field: "expected_close", To: "2024-12-31"},
	}}
	worthMore := deal.AmountChanged{DealID: "d1", CustomerID: "c1", Owner: "ann", Stage: "lead", Probability: 10, From: value, To: more}
	domaintest.Run(t, deal.Aggregate, cases{
		{
			Name: "only what differs", Given: events{opened}, Then: events{changed},
			When: change(deal.Edit{CustomerID: text("c2"), Title: text("pumps"), Region: text(""), ExpectedClose: &day}),
		},
		{Name: "nothing differs", Given: events{opened, changed}, When: change(deal.Edit{CustomerID: text("c2"), Region: text(" ")}), Then: nil},
		{Name: "amount", Given: events{opened}, When: change(deal.Edit{Amount: &more}), Then: events{worthMore}},
		{Name: "amount of a closed deal", Given: events{opened, won}, When: change(deal.Edit{Amount: &more}), Err: deal.ErrClosed},
		{Name: "another currency", Given: events{opened}, When: change(deal.Edit{Amount: &foreign}), Err: deal.ErrCurrency},
		{Name: "no title", Given: events{opened}, When: change(deal.Edit{Title: text("")}), Err: input.ErrInvalid.In("title")},
		{Name: "no such day", Given: events{opened}, When: change(deal.Edit{ExpectedClose: &badDay}), Err: input.ErrInvalid.In("expected_close")},
		{Name: "never opened", When: change(deal.Edit{}), Err: deal.ErrNotFound},
	})
}
