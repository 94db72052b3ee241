// Package deal decides what may happen to a sales deal: how it moves through the
// stages of the policy, and when it is won or lost (SP-01, definitions 5.2).
package deal

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Reasons a deal refuses a command.
var (
	ErrNotFound     = &domain.Error{Kind: domain.Missing, Code: "deal_not_found", Message: "no such deal"}
	ErrExists       = &domain.Error{Kind: domain.Conflict, Code: "deal_exists", Message: "this deal was opened already"}
	ErrClosed       = &domain.Error{Kind: domain.Refused, Code: "deal_closed", Message: "the deal is closed; reopen it first"}
	ErrOpen         = &domain.Error{Kind: domain.Refused, Code: "deal_open", Message: "the deal is open; only a won or lost deal can be reopened"}
	ErrUnknownStage = &domain.Error{Kind: domain.Invalid, Code: "unknown_stage", Message: "the policy has no such stage", Field: "stage"}
	ErrStageRule    = &domain.Error{Kind: domain.Refused, Code: "stage_rule_unmet", Message: "the stage needs a fact that is not recorded", Field: "stage"}
	ErrReason       = &domain.Error{Kind: domain.Invalid, Code: "reason_required", Message: "say why", Field: "reason"}
	ErrCurrency     = &domain.Error{Kind: domain.Invalid, Code: "currency_differs", Message: "a deal has one currency", Field: "amount"}
	ErrSigned       = &domain.Error{Kind: domain.Refused, Code: "contract_signed_already", Message: "the contract was signed already"}
	ErrNotSigned    = &domain.Error{Kind: domain.Refused, Code: "contract_missing", Message: "no contract is signed, so there is nothing to pay; sign-contract comes first"}
	ErrOverpaid     = &domain.Error{Kind: domain.Refused, Code: "overpaid", Message: "more was paid than is due", Field: "amount"}
)

// What a deal's status can be.
const (
	Open       = "open"
	StatusWon  = "won"
	StatusLost = "lost"
)

// Directions a deal moves in.
const (
	Forward  = "forward"
	Backward = "backward"
)

// Deal is what decisions about a deal need to know.
type Deal struct {
	ID            string       `json:"id"`
	CustomerID    string       `json:"customer_id,omitempty"`
	Title         string       `json:"title"`
	Owner         string       `json:"owner,omitempty"`
	Amount        domain.Money `json:"amount"`
	Product       string       `json:"product,omitempty"`
	Region        string       `json:"region,omitempty"`
	Source        string       `json:"source,omitempty"`
	ExternalID    string       `json:"external_id,omitempty"`
	ExpectedClose domain.Date  `json:"expected_close,omitempty"`
	Status        string       `json:"status"`
	Stage         string       `json:"stage"` // of a closed deal, the one it had
	Probability   int          `json:"probability"`
	Since         time.Time    `json:"since"` // of stage and status
	OpenedAt      time.Time    `json:"opened_at"`
	OpenedOn      domain.Date  `json:"opened_on"`
	ClosedOn      domain.Date  `json:"closed_on,omitempty"`
	ClosedBecause string       `json:"closed_because,omitempty"` // reason of a loss
	Quotes        int          `json:"quotes,omitempty"`
	Contract      *Contract    `json:"contract,omitempty"`
	Paid          int64        `json:"paid,omitempty"` // minor units
}

// Contract is what was signed.
type Contract struct {
	Amount       domain.Money `json:"amount"`
	SignedOn     domain.Date  `json:"signed_on"`
	SpecialTerms string       `json:"special_terms,omitempty"`
}

// Aggregate says where deals are kept.
var Aggregate = domain.Aggregate[Deal, Event]{
	Category: "deal", Evolve: Evolve, Snapshot: 2, NotFound: ErrNotFound,
	Began: func(d Deal) time.Time { return d.OpenedAt },
	Whose: func(d Deal) (string, string) { return d.Owner, d.CustomerID },
}

// Evolve is the deal after e.
func Evolve(d Deal, e Event) Deal {
	switch e := e.(type) {
	case Opened:
		d = Deal{
			ID: e.DealID, CustomerID: e.CustomerID, Title: e.Title, Owner: e.Owner, Amount: e.Amount,
			Product: e.Product, Region: e.Region, Source: e.Source, ExternalID: e.ExternalID, ExpectedClose: e.ExpectedClose,
			Status: Open, Stage: e.Stage, Probability: e.Probability, Since: e.OpenedAt,
			OpenedAt: e.OpenedAt, OpenedOn: e.OpenedOn,
		}
	case StageMoved:
		d.Stage, d.Probability, d.Since = e.To, e.Probability, e.MovedAt
	case QuoteSent:
		d.Quotes++
	case ContractSigned:
		d.Contract = &Contract{Amount: e.Amount, SignedOn: e.SignedOn, SpecialTerms: e.SpecialTerms}
	case PaymentReceived:
		d.Paid = e.PaidTotal.Minor
	case Won:
		d.Status, d.ClosedOn, d.Since = StatusWon, e.ClosedOn, e.ClosedAt
	case Lost:
		d.Status, d.ClosedOn, d.ClosedBecause, d.Since = StatusLost, e.ClosedOn, e.Reason, e.ClosedAt
	case Reopened:
		d.Status, d.ClosedOn, d.ClosedBecause = Open, "", ""
		d.Probability, d.Since = e.Probability, e.ReopenedAt
	case OwnerAssigned:
		d.Owner = e.To
	case AmountChanged:
		d.Amount = e.To
	case DetailsChanged:
		for _, c := range e.Changes {
			if value := d.detail(c.Field); value != nil {
				*value = c.To
			}
		}
	}
	return d
}
