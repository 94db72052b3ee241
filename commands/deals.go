package commands

import (
	"context"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
)

// OpenDeal starts a deal in the first stage of the policy.
type OpenDeal struct {
	At
	Title         string       `json:"title" doc:"What it is about" minLength:"1" maxLength:"200" example:"200 workstations for the Ningbo plant"`
	CustomerID    string       `json:"customer_id,omitempty" doc:"Customer, if known" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
	Owner         string       `json:"owner,omitempty" doc:"Who works on it; the sender if left out" maxLength:"200" example:"ann"`
	Amount        domain.Money `json:"amount,omitempty" doc:"Expected value" example:"{\"minor\":12500000,\"currency\":\"CNY\"}"`
	Product       string       `json:"product,omitempty" doc:"Product" maxLength:"200" example:"GTX Pro"`
	Region        string       `json:"region,omitempty" doc:"Sales region" maxLength:"200" example:"East"`
	Source        string       `json:"source,omitempty" doc:"Where it came from" maxLength:"200" example:"trade_show"`
	ExternalID    string       `json:"external_id,omitempty" doc:"Id in another system; no other deal may have it" maxLength:"200" example:"1C1I7A6R"`
	ExpectedClose domain.Date  `json:"expected_close,omitempty" doc:"Day it is expected to close" format:"date" example:"2024-09-30"`
}

// MoveDeal moves a deal to another stage.
type MoveDeal struct {
	At
	DealRef
	Stage  string `json:"stage" doc:"Stage of the policy to move to" minLength:"1" maxLength:"100" example:"quote"`
	Reason string `json:"reason,omitempty" doc:"Why; required to move backward" maxLength:"200" example:"budget was cut"`
}

// SendQuote records that a quote went out; an earlier deal moves to that stage.
type SendQuote struct {
	At
	DealRef
	Amount domain.Money `json:"amount" doc:"Value of the quote" example:"{\"minor\":12500000,\"currency\":\"CNY\"}"`
	Note   string       `json:"note,omitempty" doc:"What was quoted" maxLength:"10000" example:"incl. three years of service"`
	SentOn domain.Date  `json:"sent_on,omitempty" doc:"Day it went out, if not that of occurred_at" format:"date" example:"2024-05-31"`
}

// SignContract records that the customer signed.
type SignContract struct {
	At
	DealRef
	Amount       domain.Money `json:"amount" doc:"Value of the contract" example:"{\"minor\":12000000,\"currency\":\"CNY\"}"`
	SignedOn     domain.Date  `json:"signed_on,omitempty" doc:"Day of signature, if not that of occurred_at" format:"date" example:"2024-05-31"`
	SpecialTerms string       `json:"special_terms,omitempty" doc:"What was promised beyond the standard" maxLength:"10000" example:"must ship before Friday"`
}

// RecordPayment records money received. Payment in full wins the deal.
type RecordPayment struct {
	At
	DealRef
	Amount     domain.Money `json:"amount" doc:"What came in" example:"{\"minor\":6000000,\"currency\":\"CNY\"}"`
	ReceivedOn domain.Date  `json:"received_on,omitempty" doc:"Day it came in, if not that of occurred_at" format:"date" example:"2024-05-31"`
}

// WinDeal closes a deal with success.
type WinDeal struct {
	At
	DealRef
	Amount   *domain.Money `json:"amount,omitempty" doc:"Value it was won at, if not the deal's" example:"{\"minor\":12000000,\"currency\":\"CNY\"}"`
	ClosedOn domain.Date   `json:"closed_on,omitempty" doc:"Day it was won, if not that of occurred_at" format:"date" example:"2024-05-31"`
}

// LoseDeal closes a deal without success.
type LoseDeal struct {
	At
	DealRef
	Reason     string      `json:"reason" doc:"Why" minLength:"1" maxLength:"200" example:"price"`
	Competitor string      `json:"competitor,omitempty" doc:"Who won it" maxLength:"200" example:"Acme"`
	ClosedOn   domain.Date `json:"closed_on,omitempty" doc:"Day it was lost, if not that of occurred_at" format:"date" example:"2024-05-31"`
}

// ReopenDeal takes back that a deal was won or lost.
type ReopenDeal struct {
	At
	DealRef
	Reason string `json:"reason" doc:"Why" minLength:"1" maxLength:"200" example:"the customer came back"`
}

// AssignDeal gives a deal to another owner.
type AssignDeal struct {
	At
	DealRef
	Owner string `json:"owner" doc:"Who works on it now" minLength:"1" maxLength:"200" example:"bob"`
}

// ChangeDealDetails edits what describes a deal; fields left out stay.
type ChangeDealDetails struct {
	At
	DealRef
	CustomerID    *string       `json:"customer_id,omitempty" doc:"Customer" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
	Title         *string       `json:"title,omitempty" doc:"What it is about" maxLength:"200" example:"250 workstations for the Ningbo plant"`
	Product       *string       `json:"product,omitempty" doc:"Product" maxLength:"200" example:"GTX Pro"`
	Region        *string       `json:"region,omitempty" doc:"Sales region" maxLength:"200" example:"East"`
	Source        *string       `json:"source,omitempty" doc:"Where it came from" maxLength:"200" example:"referral"`
	ExternalID    *string       `json:"external_id,omitempty" doc:"Id in another system" maxLength:"200" example:"1C1I7A6R"`
	ExpectedClose *domain.Date  `json:"expected_close,omitempty" doc:"Day it is expected to close" format:"date" example:"2024-10-31"`
	Amount        *domain.Money `json:"amount,omitempty" doc:"Expected value" example:"{\"minor\":15000000,\"currency\":\"CNY\"}"`
}

// DealRef is embedded by the commands on one deal.
type DealRef struct {
	DealID string `json:"deal_id" doc:"Id of the deal" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// Deals handles the commands on deals.
type Deals struct{ Loop *Loop }

// Open fails with input.ErrInvalid, domain.ErrMoney, customer.ErrNotFound, or
// deal.ErrExists when a deal with the same external id was opened by another
// request.
func (h Deals) Open(ctx context.Context, env Envelope, c OpenDeal) (Result, error) {
	if c.Owner == "" {
		c.Owner = env.Actor.ID
	}
	if err := known(ctx, h.Loop, env, customer.Aggregate, "customer_id", c.CustomerID); err != nil {
		return Result{}, err
	}
	id := newID(env, deal.Aggregate.Category, c.ExternalID)
	result, err := onNew(ctx, h.Loop, deal.Aggregate, env, id, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.Open(deal.Opening{
			DealID: id, CustomerID: c.CustomerID, Title: c.Title, Owner: c.Owner, Amount: c.Amount,
			Product: c.Product, Region: c.Region, Source: c.Source, ExternalID: c.ExternalID, ExpectedClose: c.ExpectedClose,
		}, m.policy, m.at)
	})
	return existing(result, err, env, deal.ErrExists, id)
}

// Move fails with deal.ErrUnknownStage, ErrStageRule, ErrReason or ErrClosed.
func (h Deals) Move(ctx context.Context, env Envelope, c MoveDeal) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.Move(c.Stage, c.Reason, m.policy, m.at)
	})
}

// SendQuote fails with deal.ErrCurrency or ErrClosed.
func (h Deals) SendQuote(ctx context.Context, env Envelope, c SendQuote) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.SendQuote(deal.Quoting{Amount: c.Amount, Note: c.Note, SentOn: c.SentOn}, m.policy, m.at)
	})
}

// SignContract fails with deal.ErrCurrency, ErrSigned or ErrClosed.
func (h Deals) SignContract(ctx context.Context, env Envelope, c SignContract) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.SignContract(deal.Signing{Amount: c.Amount, SignedOn: c.SignedOn, SpecialTerms: c.SpecialTerms}, m.policy, m.at)
	})
}

// RecordPayment fails with deal.ErrCurrency, ErrNotSigned, ErrOverpaid or ErrClosed.
func (h Deals) RecordPayment(ctx context.Context, env Envelope, c RecordPayment) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.RecordPayment(deal.Paying{Amount: c.Amount, ReceivedOn: c.ReceivedOn}, m.policy, m.at)
	})
}

// Win fails with deal.ErrCurrency or ErrClosed.
func (h Deals) Win(ctx context.Context, env Envelope, c WinDeal) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.Win(deal.Winning{Amount: c.Amount, ClosedOn: c.ClosedOn}, m.policy, m.at)
	})
}

// Lose fails with deal.ErrReason or ErrClosed.
func (h Deals) Lose(ctx context.Context, env Envelope, c LoseDeal) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.Lose(deal.Losing{Reason: c.Reason, Competitor: c.Competitor, ClosedOn: c.ClosedOn}, m.policy, m.at)
	})
}

// Reopen fails with deal.ErrReason or ErrOpen.
func (h Deals) Reopen(ctx context.Context, env Envelope, c ReopenDeal) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, m moment) ([]deal.Event, error) {
		return d.Reopen(c.Reason, m.policy, m.at)
	})
}

// Assign fails with input.ErrInvalid.
func (h Deals) Assign(ctx context.Context, env Envelope, c AssignDeal) (Result, error) {
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, _ moment) ([]deal.Event, error) {
		return d.Assign(c.Owner)
	})
}

// ChangeDetails fails with input.ErrInvalid, deal.ErrCurrency, ErrClosed or
// customer.ErrNotFound.
func (h Deals) ChangeDetails(ctx context.Context, env Envelope, c ChangeDealDetails) (Result, error) {
	if c.CustomerID != nil {
		if err := known(ctx, h.Loop, env, customer.Aggregate, "customer_id", *c.CustomerID); err != nil {
			return Result{}, err
		}
	}
	return h.on(ctx, env, c.DealID, c, func(d deal.Deal, _ moment) ([]deal.Event, error) {
		return d.Change(deal.Edit{
			CustomerID: c.CustomerID, Title: c.Title, Product: c.Product, Region: c.Region,
			Source: c.Source, ExternalID: c.ExternalID, ExpectedClose: c.ExpectedClose, Amount: c.Amount,
		})
	})
}

func (h Deals) on(ctx context.Context, env Envelope, id string, command any, decide func(deal.Deal, moment) ([]deal.Event, error)) (Result, error) {
	return onOne(ctx, h.Loop, deal.Aggregate, env, id, command, decide)
}
