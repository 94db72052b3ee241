package deal

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Event is any fact in a deal's stream. Each says whose deal it is and where the
// deal stands, so no reader has to look up the past.
//
//sumtype:decl
type Event interface {
	domain.Event
	dealEvent()
}

// Opened starts a deal in the first stage of the policy (SP-01).
type Opened struct {
	DealID        string       `json:"deal_id"`
	CustomerID    string       `json:"customer_id,omitempty"` // imports may lack it
	Title         string       `json:"title"`
	Owner         string       `json:"owner,omitempty"`
	Amount        domain.Money `json:"amount"`
	Product       string       `json:"product,omitempty"`
	Region        string       `json:"region,omitempty"`
	Source        string       `json:"source,omitempty"`
	ExternalID    string       `json:"external_id,omitempty"`
	ExpectedClose domain.Date  `json:"expected_close,omitempty"`
	Stage         string       `json:"stage"`
	Probability   int          `json:"probability"`
	OpenedAt      time.Time    `json:"opened_at"`
	OpenedOn      domain.Date  `json:"opened_on"`
}

// StageMoved takes a deal to another stage. Cause is the fact that did it, or
// empty if a person moved it.
type StageMoved struct {
	DealID          string       `json:"deal_id"`
	CustomerID      string       `json:"customer_id,omitempty"`
	Owner           string       `json:"owner,omitempty"`
	From            string       `json:"from"`
	To              string       `json:"to"`
	Direction       string       `json:"direction"` // forward, backward
	Reason          string       `json:"reason,omitempty"`
	Cause           string       `json:"cause,omitempty"` // quote_sent, contract_signed, payment_received
	FromProbability int          `json:"from_probability"`
	Probability     int          `json:"probability"`
	Amount          domain.Money `json:"amount"`
	EnteredAt       time.Time    `json:"entered_at"` // From
	MovedAt         time.Time    `json:"moved_at"`
	MovedOn         domain.Date  `json:"moved_on"`
}

// QuoteSent says a quote went to the customer. Number counts the quotes.
type QuoteSent struct {
	DealID     string       `json:"deal_id"`
	CustomerID string       `json:"customer_id,omitempty"`
	Owner      string       `json:"owner,omitempty"`
	Number     int          `json:"number"`
	Amount     domain.Money `json:"amount"`
	Note       string       `json:"note,omitempty"`
	SentOn     domain.Date  `json:"sent_on"`
}

// ContractSigned says the customer signed. SpecialTerms are what service must
// know was promised (CM-14).
type ContractSigned struct {
	DealID       string       `json:"deal_id"`
	CustomerID   string       `json:"customer_id,omitempty"`
	Owner        string       `json:"owner,omitempty"`
	Amount       domain.Money `json:"amount"`
	SignedOn     domain.Date  `json:"signed_on"`
	SpecialTerms string       `json:"special_terms,omitempty"`
}

// PaymentReceived says money came in. PaidTotal includes this payment; Due is
// what the contract, or without one the deal, amounts to.
type PaymentReceived struct {
	DealID     string       `json:"deal_id"`
	CustomerID string       `json:"customer_id,omitempty"`
	Owner      string       `json:"owner,omitempty"`
	Amount     domain.Money `json:"amount"`
	PaidTotal  domain.Money `json:"paid_total"`
	Due        domain.Money `json:"due"`
	InFull     bool         `json:"in_full"`
	ReceivedOn domain.Date  `json:"received_on"`
}

// Won closes a deal with success. Cause is payment_received if full payment
// closed it (SP-01), or empty if a person did.
type Won struct {
	DealID      string       `json:"deal_id"`
	CustomerID  string       `json:"customer_id,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Product     string       `json:"product,omitempty"`
	Region      string       `json:"region,omitempty"`
	Stage       string       `json:"stage"`
	Probability int          `json:"probability"` // of the stage it leaves the open pipeline from
	Amount      domain.Money `json:"amount"`
	Cause       string       `json:"cause,omitempty"`
	OpenedOn    domain.Date  `json:"opened_on"`
	ClosedOn    domain.Date  `json:"closed_on"`
	CycleDays   int64        `json:"cycle_days"`
	EnteredAt   time.Time    `json:"entered_at"` // Stage
	ClosedAt    time.Time    `json:"closed_at"`
}

// Lost closes a deal without success.
type Lost struct {
	DealID      string       `json:"deal_id"`
	CustomerID  string       `json:"customer_id,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Product     string       `json:"product,omitempty"`
	Region      string       `json:"region,omitempty"`
	Stage       string       `json:"stage"`
	Probability int          `json:"probability"` // of the stage it leaves the open pipeline from
	Amount      domain.Money `json:"amount"`
	Reason      string       `json:"reason"`
	Competitor  string       `json:"competitor,omitempty"`
	OpenedOn    domain.Date  `json:"opened_on"`
	ClosedOn    domain.Date  `json:"closed_on"`
	CycleDays   int64        `json:"cycle_days"`
	EnteredAt   time.Time    `json:"entered_at"` // Stage
	ClosedAt    time.Time    `json:"closed_at"`
}

// Reopened takes back that a deal was won or lost; it is in the stage it had.
type Reopened struct {
	DealID      string       `json:"deal_id"`
	CustomerID  string       `json:"customer_id,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Product     string       `json:"product,omitempty"`
	Region      string       `json:"region,omitempty"`
	From        string       `json:"from"` // won, lost
	Stage       string       `json:"stage"`
	Probability int          `json:"probability"`
	Amount      domain.Money `json:"amount"`
	Reason      string       `json:"reason"`
	OpenedOn    domain.Date  `json:"opened_on"`
	ClosedOn    domain.Date  `json:"closed_on"`  // when it had been closed
	CycleDays   int64        `json:"cycle_days"` // as it had been counted
	ReopenedAt  time.Time    `json:"reopened_at"`
	ReopenedOn  domain.Date  `json:"reopened_on"`
}

// OwnerAssigned gives the deal to another owner.
type OwnerAssigned struct {
	DealID      string       `json:"deal_id"`
	CustomerID  string       `json:"customer_id,omitempty"`
	From        string       `json:"from,omitempty"`
	To          string       `json:"to"`
	Status      string       `json:"status"` // open, won, lost
	Stage       string       `json:"stage"`
	Probability int          `json:"probability"`
	Amount      domain.Money `json:"amount"`
}

// AmountChanged says what the deal is worth now. Cause is the fact that changed
// it (quote_sent, contract_signed, won), or empty if a person edited it.
type AmountChanged struct {
	DealID      string       `json:"deal_id"`
	CustomerID  string       `json:"customer_id,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Stage       string       `json:"stage"`
	Probability int          `json:"probability"`
	From        domain.Money `json:"from"`
	To          domain.Money `json:"to"`
	Cause       string       `json:"cause,omitempty"`
}

// DetailsChanged edits what describes the deal; only what differs is listed.
type DetailsChanged struct {
	DealID     string   `json:"deal_id"`
	CustomerID string   `json:"customer_id,omitempty"` // after the change
	Status     string   `json:"status"`                // open, won, lost: who counts deals by customer must know when it changes hands
	Changes    []Change `json:"changes"`
}

// Change is one edited field, by its name on the wire.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// EventType is the wire name.
func (Opened) EventType() string          { return "deal.opened.v1" }
func (StageMoved) EventType() string      { return "deal.stage_moved.v1" }
func (QuoteSent) EventType() string       { return "deal.quote_sent.v1" }
func (ContractSigned) EventType() string  { return "deal.contract_signed.v1" }
func (PaymentReceived) EventType() string { return "deal.payment_received.v1" }
func (Won) EventType() string             { return "deal.won.v1" }
func (Lost) EventType() string            { return "deal.lost.v1" }
func (Reopened) EventType() string        { return "deal.reopened.v1" }
func (OwnerAssigned) EventType() string   { return "deal.owner_assigned.v1" }
func (AmountChanged) EventType() string   { return "deal.amount_changed.v1" }
func (DetailsChanged) EventType() string  { return "deal.details_changed.v1" }

func (Opened) dealEvent()          {}
func (StageMoved) dealEvent()      {}
func (QuoteSent) dealEvent()       {}
func (ContractSigned) dealEvent()  {}
func (PaymentReceived) dealEvent() {}
func (Won) dealEvent()             {}
func (Lost) dealEvent()            {}
func (Reopened) dealEvent()        {}
func (OwnerAssigned) dealEvent()   {}
func (AmountChanged) dealEvent()   {}
func (DetailsChanged) dealEvent()  {}

// Types lists every wire type found in deal streams.
var Types = []domain.Type{
	domain.Current[Opened](),
	domain.Current[StageMoved](),
	domain.Current[QuoteSent](),
	domain.Current[ContractSigned](),
	domain.Current[PaymentReceived](),
	domain.Current[Won](),
	domain.Current[Lost](),
	domain.Current[Reopened](),
	domain.Current[OwnerAssigned](),
	domain.Current[AmountChanged](),
	domain.Current[DetailsChanged](),
}
