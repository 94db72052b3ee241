package deal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, deal.Types) }

type (
	events = []deal.Event
	cases  = []domaintest.Case[deal.Deal, deal.Event]
)

var (
	std   = policy.Version{Number: 1, Pack: policy.Standard()}
	day1  = time.Date(2024, 5, 1, 1, 0, 0, 0, time.UTC) // 09:00 in Shanghai
	day2  = day1.AddDate(0, 0, 1)
	day9  = day1.AddDate(0, 0, 8)
	value = yuan(1000)

	opened = deal.Opened{
		DealID: "d1", CustomerID: "c1", Title: "pumps", Owner: "ann", Amount: value, Product: "P1", Region: "East",
		Stage: "lead", Probability: 10, OpenedAt: day1, OpenedOn: "2024-05-01",
	}
	toOpportunity = deal.StageMoved{
		DealID: "d1", CustomerID: "c1", Owner: "ann", From: "lead", To: "opportunity", Direction: deal.Forward,
		FromProbability: 10, Probability: 25, Amount: value, EnteredAt: day1, MovedAt: day2, MovedOn: "2024-05-02",
	}
	quoted = deal.QuoteSent{DealID: "d1", CustomerID: "c1", Owner: "ann", Number: 1, Amount: value, SentOn: "2024-05-02"}
	signed = deal.ContractSigned{DealID: "d1", CustomerID: "c1", Owner: "ann", Amount: value, SignedOn: "2024-05-02", SpecialTerms: "ship before Friday"}
	atDeal = deal.StageMoved{
		DealID: "d1", CustomerID: "c1", Owner: "ann", From: "lead", To: "deal", Direction: deal.Forward, Cause: "contract_signed",
		FromProbability: 10, Probability: 100, Amount: value, EnteredAt: day1, MovedAt: day2, MovedOn: "2024-05-02",
	}
	won = deal.Won{
		DealID: "d1", CustomerID: "c1", Owner: "ann", Product: "P1", Region: "East", Stage: "lead", Probability: 10, Amount: value,
		OpenedOn: "2024-05-01", ClosedOn: "2024-05-02", CycleDays: 1, EnteredAt: day1, ClosedAt: day2,
	}
	lost = deal.Lost{
		DealID: "d1", CustomerID: "c1", Owner: "ann", Product: "P1", Region: "East", Stage: "lead", Probability: 10, Amount: value,
		Reason: "price", OpenedOn: "2024-05-01", ClosedOn: "2024-05-02", CycleDays: 1, EnteredAt: day1, ClosedAt: day2,
	}
)

func yuan(n int64) domain.Money { return domain.Money{Minor: n * 100, Currency: "CNY"} }

func TestOpen(t *testing.T) {
	open := func(in deal.Opening) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Open(in, std, day1) }
	}
	full := deal.Opening{DealID: "d1", CustomerID: "c1", Title: " pumps ", Owner: "ann", Amount: value, Product: "P1", Region: "East"}
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "SP-01 starts in the first stage", When: open(full), Then: events{opened}},
		{
			Name: "only a title is needed", When: open(deal.Opening{DealID: "d1", Title: "pumps"}),
			Then: events{deal.Opened{
				DealID: "d1", Title: "pumps", Amount: domain.Money{Currency: "CNY"}, Stage: "lead", Probability: 10, OpenedAt: day1, OpenedOn: "2024-05-01",
			}},
		},
		{Name: "twice", Given: events{opened}, When: open(full), Err: deal.ErrExists},
		{Name: "no title", When: open(deal.Opening{DealID: "d1", Title: " "}), Err: input.ErrInvalid.In("title")},
		{Name: "no such day", When: open(deal.Opening{DealID: "d1", Title: "x", ExpectedClose: "2024-02-30"}), Err: input.ErrInvalid.In("expected_close"), Says: "2024-05-31"},
		{Name: "negative amount", When: open(deal.Opening{DealID: "d1", Title: "x", Amount: yuan(-1)}), Err: domain.ErrMoney.In("amount")},
	})
	assert.Equal(t, "deal-d1", deal.Aggregate.Stream("d1"))
}

func TestMove(t *testing.T) {
	move := func(to, reason string) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.Move(to, reason, std, day2) }
	}
	back := deal.StageMoved{
		DealID: "d1", CustomerID: "c1", Owner: "ann", From: "opportunity", To: "lead", Direction: deal.Backward, Reason: "budget cut",
		FromProbability: 25, Probability: 10, Amount: value, EnteredAt: day2, MovedAt: day2, MovedOn: "2024-05-02",
	}
	toQuote := toOpportunity
	toQuote.To, toQuote.Probability = "quote", 50
	early := func(d deal.Deal) (events, error) { return d.Move("opportunity", "", std, day1.Add(-time.Hour)) }
	skewed := func(d deal.Deal) (events, error) { return d.Move("opportunity", "", std, day1.Add(-time.Second)) }
	atOnce := toOpportunity
	atOnce.MovedAt, atOnce.MovedOn = day1, "2024-05-01"
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "forward", Given: events{opened}, When: move("opportunity", ""), Then: events{toOpportunity}},
		{Name: "to where it is", Given: events{opened}, When: move("lead", ""), Then: nil},
		{Name: "back with a reason", Given: events{opened, toOpportunity}, When: move("lead", "budget cut"), Then: events{back}},
		{Name: "back without one", Given: events{opened, toOpportunity}, When: move("lead", " "), Err: deal.ErrReason.In("reason"), Says: "opportunity to lead"},
		{Name: "SP-01 quote needs a quote", Given: events{opened}, When: move("quote", ""), Err: deal.ErrStageRule.In("stage"), Says: "send-quote records it"},
		{Name: "SP-01 deal needs a contract", Given: events{opened, quoted}, When: move("deal", ""), Err: deal.ErrStageRule.In("stage"), Says: "sign-contract"},
		{Name: "SP-01 payment needs a payment", Given: events{opened, signed}, When: move("payment", ""), Err: deal.ErrStageRule.In("stage"), Says: "record-payment"},
		{Name: "skipping where every rule holds", Given: events{opened, quoted}, When: move("quote", ""), Then: events{toQuote}},
		{Name: "unknown stage", Given: events{opened}, When: move("negotiation", ""), Err: deal.ErrUnknownStage.In("stage"), Says: "lead, opportunity, quote, deal, payment"},
		{Name: "won", Given: events{opened, won}, When: move("opportunity", ""), Err: deal.ErrClosed, Says: "won since 2024-05-02"},
		{Name: "never opened", When: move("opportunity", ""), Err: deal.ErrNotFound},
		{Name: "before it came to its stage", Given: events{opened}, When: early, Err: input.ErrOutOfOrder.In("occurred_at"), Says: "2024-05-01T01:00:00Z"},
		{Name: "clocks a little apart", Given: events{opened}, When: skewed, Then: events{atOnce}},
	})
}

func TestSendQuote(t *testing.T) {
	send := func(in deal.Quoting) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.SendQuote(in, std, day2) }
	}
	dearer := quoted
	dearer.Amount = yuan(1200)
	worthMore := deal.AmountChanged{
		DealID: "d1", CustomerID: "c1", Owner: "ann", Stage: "lead", Probability: 10, From: value, To: yuan(1200), Cause: "quote_sent",
	}
	moved := toOpportunity
	moved.To, moved.Probability, moved.Amount, moved.Cause = "quote", 50, yuan(1200), "quote_sent"
	second := quoted
	second.Number, second.Note = 2, "revised"
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "SP-01 moves the deal", Given: events{opened}, When: send(deal.Quoting{Amount: yuan(1200)}), Then: events{dearer, worthMore, moved}},
		{Name: "a deal further on stays there", Given: events{opened, signed, atDeal}, When: send(deal.Quoting{}), Then: events{quoted}},
		{Name: "revised", Given: events{opened, signed, atDeal, quoted}, When: send(deal.Quoting{Note: "revised"}), Then: events{second}},
		{Name: "another currency", Given: events{opened}, When: send(deal.Quoting{Amount: domain.Money{Minor: 1, Currency: "EUR"}}), Err: deal.ErrCurrency.In("amount"), Says: "CNY"},
		{Name: "no currency at all", Given: events{opened}, When: send(deal.Quoting{Amount: domain.Money{Minor: 1, Currency: "yen"}}), Err: domain.ErrMoney.In("amount")},
		{Name: "sent tomorrow", Given: events{opened}, When: send(deal.Quoting{SentOn: "2024-05-03"}), Err: input.ErrInvalid.In("sent_on")},
		{Name: "lost", Given: events{opened, lost}, When: send(deal.Quoting{}), Err: deal.ErrClosed},
		{Name: "never opened", When: send(deal.Quoting{}), Err: deal.ErrNotFound},
	})
}

func TestSignContract(t *testing.T) {
	sign := func(in deal.Signing) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.SignContract(in, std, day2) }
	}
	terms := deal.Signing{Amount: value, SpecialTerms: "ship before Friday"}
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "CM-14 keeps what was promised; a contract stands for its quote", Given: events{opened}, When: sign(terms), Then: events{signed, atDeal}},
		{Name: "the same again", Given: events{opened, signed, atDeal}, When: sign(terms), Then: nil},
		{Name: "another one", Given: events{opened, signed, atDeal}, When: sign(deal.Signing{Amount: yuan(5)}), Err: deal.ErrSigned, Says: "2024-05-02"},
		{Name: "another currency", Given: events{opened}, When: sign(deal.Signing{Amount: domain.Money{Minor: 1, Currency: "EUR"}}), Err: deal.ErrCurrency.In("amount")},
		{Name: "signed tomorrow", Given: events{opened}, When: sign(deal.Signing{SignedOn: "2024-05-03"}), Err: input.ErrInvalid.In("signed_on")},
		{Name: "won", Given: events{opened, won}, When: sign(terms), Err: deal.ErrClosed},
		{Name: "never opened", When: sign(terms), Err: deal.ErrNotFound},
	})
}

func TestRecordPayment(t *testing.T) {
	pay := func(amount domain.Money) func(deal.Deal) (events, error) {
		return func(d deal.Deal) (events, error) { return d.RecordPayment(deal.Paying{Amount: amount}, std, day9) }
	}
	paid := func(amount, total int64) deal.PaymentReceived {
		return deal.PaymentReceived{
			DealID: "d1", CustomerID: "c1", Owner: "ann", Amount: yuan(amount), PaidTotal: yuan(total), Due: value, InFull: total == 1000, ReceivedOn: "2024-05-09",
		}
	}
	toPayment := deal.StageMoved{
		DealID: "d1", CustomerID: "c1", Owner: "ann", From: "deal", To: "payment", Direction: deal.Forward, Cause: "payment_received",
		FromProbability: 100, Probability: 100, Amount: value, EnteredAt: day2, MovedAt: day9, MovedOn: "2024-05-09",
	}
	wonByPayment := deal.Won{
		DealID: "d1", CustomerID: "c1", Owner: "ann", Product: "P1", Region: "East", Stage: "payment", Probability: 100, Amount: value, Cause: "payment_received",
		OpenedOn: "2024-05-01", ClosedOn: "2024-05-09", CycleDays: 8, EnteredAt: day9, ClosedAt: day9,
	}
	atContract := events{opened, signed, atDeal}
	advance := func(d deal.Deal) (events, error) {
		return d.RecordPayment(deal.Paying{Amount: value, ReceivedOn: "2024-04-20"}, std, day1) // a day before it came to its stage
	}
	prepaid, prepaidMove, prepaidWon := paid(1000, 1000), toPayment, wonByPayment
	prepaid.ReceivedOn = "2024-04-20"
	prepaidMove.MovedAt, prepaidMove.MovedOn = day2, "2024-05-02"
	prepaidWon.ClosedOn, prepaidWon.CycleDays, prepaidWon.EnteredAt, prepaidWon.ClosedAt = "2024-05-01", 0, day2, day2
	domaintest.Run(t, deal.Aggregate, cases{
		{Name: "SP-01 the first payment moves the deal", Given: atContract, When: pay(yuan(400)), Then: events{paid(400, 400), toPayment}},
		{Name: "SP-01 full payment closes", Given: append(atContract[:3:3], paid(400, 400), toPayment), When: pay(yuan(600)), Then: events{paid(600, 1000), wonByPayment}},
		{Name: "all at once", Given: atContract, When: pay(yuan(1000)), Then: events{paid(1000, 1000), toPayment, wonByPayment}},
		{Name: "all at once, before the deal was opened here", Given: atContract, When: advance, Then: events{prepaid, prepaidMove, prepaidWon}},
		{Name: "won before it was paid", Given: events{opened, won}, When: pay(yuan(400)), Then: events{paid(400, 400)}},
		{Name: "more than is due", Given: append(atContract[:3:3], paid(400, 400), toPayment), When: pay(yuan(601)), Err: deal.ErrOverpaid.In("amount"), Says: "only 60000"},
		{Name: "no contract", Given: events{opened, quoted}, When: pay(yuan(1)), Err: deal.ErrNotSigned, Says: "sign-contract"},
		{Name: "nothing", Given: atContract, When: pay(yuan(0)), Err: input.ErrInvalid.In("amount")},
		{Name: "another currency", Given: atContract, When: pay(domain.Money{Minor: 1, Currency: "EUR"}), Err: deal.ErrCurrency.In("amount")},
		{Name: "lost", Given: events{opened, lost}, When: pay(yuan(1)), Err: deal.ErrClosed},
		{Name: "never opened", When: pay(yuan(1)), Err: deal.ErrNotFound},
	})
}

func TestRefusedMoveNamesTheCommand(t *testing.T) {
	_, err := domaintest.Fold(deal.Aggregate, deal.Event(opened)).Move("payment", "", std, day2)
	var refusal *domain.Error
	assert.ErrorAs(t, err, &refusal)
	assert.Equal(t, deal.Unmet{Stage: "quote", Requires: policy.QuoteSent, Command: "send-quote"}, refusal.Details)
}
