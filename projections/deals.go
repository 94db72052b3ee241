package projections

import (
	"context"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// DealModel holds one document per deal. Lists (deals_list.go), the pipeline
// board (pipeline.go) and the sales dashboard (sales.go) are one read model, not
// three: they need the same facts of a deal, so a page of events is folded,
// encoded and stored once, and the three always agree.
var DealModel = Declaration[dealDocument]{Facts: (*dealDocument).facts, Figures: dealFigures}.Model("deals", 3,
	On(func(d *dealDocument, r domain.Recorded, e deal.Opened) {
		d.CustomerID, d.Title, d.Owner, d.Amount = e.CustomerID, e.Title, e.Owner, e.Amount
		d.Product, d.Region, d.Source, d.ExternalID = e.Product, e.Region, e.Source, e.ExternalID
		d.ExpectedClose, d.OpenedAt, d.OpenedOn = e.ExpectedClose, e.OpenedAt, e.OpenedOn
		d.Status, d.Stage, d.Probability, d.StageSince = deal.Open, e.Stage, e.Probability, e.OpenedAt
		d.OpenedBy = r.Meta.Actor.ID
		d.enter(e.Stage, e.OpenedOn)
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.StageMoved) {
		d.leave(e.MovedAt, e.MovedOn)
		d.Stage, d.Probability, d.StageSince = e.To, e.Probability, e.MovedAt
		d.enter(e.To, e.MovedOn)
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.QuoteSent) { d.Quotes = e.Number }),
	On(func(d *dealDocument, _ domain.Recorded, e deal.ContractSigned) {
		d.Contract = &Contract{Amount: e.Amount, SignedOn: e.SignedOn, SpecialTerms: e.SpecialTerms}
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.PaymentReceived) { d.Paid = &e.PaidTotal }),
	On(func(d *dealDocument, _ domain.Recorded, e deal.Won) {
		d.leave(e.ClosedAt, e.ClosedOn)
		d.Status, d.Amount, d.ClosedOn, d.CycleDays = deal.StatusWon, e.Amount, e.ClosedOn, e.CycleDays
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.Lost) {
		d.leave(e.ClosedAt, e.ClosedOn)
		d.Status, d.ClosedOn, d.CycleDays = deal.StatusLost, e.ClosedOn, e.CycleDays
		d.LossReason, d.Competitor = e.Reason, e.Competitor
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.Reopened) {
		d.Status, d.Probability, d.StageSince = deal.Open, e.Probability, e.ReopenedAt
		d.ClosedOn, d.CycleDays, d.LossReason, d.Competitor = "", 0, "", ""
		d.Reopened++
		d.enter(d.Stage, e.ReopenedOn)
	}),
	On(func(d *dealDocument, _ domain.Recorded, e deal.OwnerAssigned) { d.Owner = e.To }),
	On(func(d *dealDocument, _ domain.Recorded, e deal.AmountChanged) { d.Amount = e.To }),
	On(func(d *dealDocument, _ domain.Recorded, e deal.DetailsChanged) {
		for _, c := range e.Changes {
			d.change(c.Field, c.To)
		}
	}),
	About(stagesOf, (*dealDocument).publishStages),
)

// Deal is a deal as readers see it.
type Deal struct {
	Head
	CustomerID    string        `json:"customer_id,omitempty" doc:"Whose deal it is"`
	Formerly      []string      `json:"former_customers,omitempty" doc:"Whose it was before"`
	Title         string        `json:"title" doc:"What it is about" example:"40 pumps"`
	Owner         string        `json:"owner,omitempty" doc:"Who is responsible on our side"`
	Amount        domain.Money  `json:"amount" doc:"What it is worth"`
	Product       string        `json:"product,omitempty" doc:"What is to be sold" example:"GTX"`
	Region        string        `json:"region,omitempty" doc:"Where" example:"east"`
	Source        string        `json:"source,omitempty" doc:"Where it came from"`
	ExternalID    string        `json:"external_id,omitempty" doc:"Its id in another system"`
	ExpectedClose domain.Date   `json:"expected_close,omitempty" doc:"When it is expected to close" example:"2024-06-30"`
	Status        string        `json:"status" enum:"open,won,lost" doc:"Whether it is still open, or how it was closed"`
	Stage         string        `json:"stage" doc:"Of a closed deal, the one it had" example:"quote"`
	Probability   int           `json:"probability" doc:"Of the stage, in per cent"`
	StageSince    time.Time     `json:"stage_since" doc:"When it entered the stage"`
	Passed        []StagePassed `json:"stages_passed,omitempty" doc:"Its way through the stages, in the order it first entered them"`
	OpenedAt      time.Time     `json:"opened_at" doc:"When it was opened"`
	OpenedOn      domain.Date   `json:"opened_on" doc:"Day it was opened" example:"2024-05-31"`
	OpenedBy      string        `json:"opened_by" doc:"Who opened it"`
	ClosedOn      domain.Date   `json:"closed_on,omitempty" doc:"Day it was won or lost" example:"2024-06-30"`
	CycleDays     int64         `json:"cycle_days,omitempty" doc:"Calendar days from opened_on to closed_on"`
	LossReason    string        `json:"loss_reason,omitempty" doc:"Why it was lost" example:"price"`
	Competitor    string        `json:"competitor,omitempty" doc:"Who got it instead"`
	Reopened      int           `json:"reopened,omitempty" doc:"How often it was reopened"`
	Quotes        int           `json:"quotes,omitempty" doc:"How many quotes were sent"`
	Contract      *Contract     `json:"contract,omitempty" doc:"What was signed"`
	Paid          *domain.Money `json:"paid,omitempty" doc:"What came in so far"`
}

// Contract is what was signed.
type Contract struct {
	Amount       domain.Money `json:"amount" doc:"What it is worth"`
	SignedOn     domain.Date  `json:"signed_on" doc:"Day it was signed" example:"2024-06-01"`
	SpecialTerms string       `json:"special_terms,omitempty" doc:"What service must know was promised"` // CM-14
}

// dealDocument is a deal, or, under the id stagesID, the stages of the policy,
// so that one read tells the figures and the order of the pipeline.
type dealDocument struct {
	Deal
	Stages []string `json:"stages,omitempty"`
}

const stagesID = "stages"

func stagesOf(policy.Published) string { return stagesID }

// change takes over one edited detail, by its name on the wire.
func (d *Deal) change(field, to string) {
	switch field {
	case "customer_id":
		if d.CustomerID != "" && !slices.Contains(d.Formerly, d.CustomerID) {
			d.Formerly = append(d.Formerly, d.CustomerID)
		}
		d.CustomerID = to
	case "title":
		d.Title = to
	case "product":
		d.Product = to
	case "region":
		d.Region = to
	case "source":
		d.Source = to
	case "external_id":
		d.ExternalID = to
	case "expected_close":
		d.ExpectedClose = domain.Date(to)
	}
}

func (d *dealDocument) facts(f *Facts) {
	switch {
	case d.Stages != nil:
		d.stageFacts(f)
	case d.Status != "":
		d.listFacts(f)
		d.pipelineFacts(f)
		d.salesFacts(f)
		dealFacts(d, f)
	}
}

// Deals answers queries about single deals and lists of them.
type Deals struct{ Views Views }

// Get returns one deal, see Deal. It fails with deal.ErrNotFound.
func (q Deals) Get(ctx context.Context, id string) ([]byte, error) {
	document, err := q.Views.Document(ctx, DealModel, id)
	if err == nil && (document == nil || id == stagesID) {
		return nil, deal.ErrNotFound
	}
	return document, err
}
