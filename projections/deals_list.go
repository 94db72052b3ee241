package projections

import (
	"context"

	"github.com/annals-crm/annals/domain/deal"
)

// DealFilter asks for a page of deals. Fields are combined with "and".
type DealFilter struct {
	Paging
	Stage      string `query:"stage" doc:"Stage of the pipeline. Without status, only open deals: a closed one has left the pipeline" maxLength:"200" example:"quote"`
	Owner      string `query:"owner" doc:"Who is responsible on our side" maxLength:"200" example:"ann"`
	Status     string `query:"status" enum:"open,won,lost" doc:"Whether it is still open, or how it was closed"`
	CustomerID string `query:"customer_id" doc:"Whose deals" format:"uuid"`
	Product    string `query:"product" doc:"What is to be sold" maxLength:"200" example:"GTX"`
	Region     string `query:"region" doc:"Where" maxLength:"200" example:"east"`
	Sort       string `query:"sort" enum:"opened,amount" default:"opened" doc:"Newest first, or greatest amount first"`
}

// Names of the indexes of deals. The unit separator occurs in no value.
const (
	dealsAll        = "all"
	dealsByStage    = "stage\x1f" // of open deals only
	dealsByOwner    = "owner\x1f"
	dealsByStatus   = "status\x1f"
	dealsByCustomer = "customer\x1f"
	dealsFormer     = "former\x1f" // by a customer they once belonged to; histories read it
	dealsByProduct  = "product\x1f"
	dealsByRegion   = "region\x1f"
	dealsByAmount   = "amount"
	dealsOwnAmount  = "amount\x1f" // by owner
)

const sortByAmount = "amount"

// listFacts places the deal in orderings. Each costs every change of it, so
// only what people page through has one: each filter alone, and the pair stage
// and owner. By amount: all, and those of one owner.
func (d *Deal) listFacts(f *Facts) {
	opened, amount := SortTime(d.OpenedAt), sortNumber(d.Amount.Minor)
	f.Index(dealsAll, opened)
	f.Index(dealsByAmount, amount)
	f.Index(dealsByStatus+d.Status, opened)
	if d.Owner != "" {
		f.Index(dealsByOwner+d.Owner, opened)
		f.Index(dealsOwnAmount+d.Owner, amount)
	}
	if d.CustomerID != "" {
		f.Index(dealsByCustomer+d.CustomerID, opened)
	}
	for _, former := range d.Formerly {
		f.Index(dealsFormer+former, opened)
	}
	if d.Product != "" {
		f.Index(dealsByProduct+d.Product, opened)
	}
	if d.Region != "" {
		f.Index(dealsByRegion+d.Region, opened)
	}
	if d.Status == deal.Open {
		f.Index(dealsByStage+d.Stage, opened)
		f.Index(dealsByStage+d.Stage+"\x1f"+d.Owner, opened)
	}
}

// List returns a page of deals, see Deal. It fails with ErrCursor.
func (q Deals) List(ctx context.Context, filter DealFilter) (List, error) {
	return list(ctx, q.Views, filter.listing(), filter.Paging)
}

// listing chooses the index that leaves the fewest documents to check.
func (f DealFilter) listing() listing {
	f.Paging = Paging{}
	if f.Sort != sortByAmount {
		f.Sort = "" // one list, and so one cursor, however it is asked for
	}
	if f.Stage != "" && f.Status == "" {
		f.Status = deal.Open
	}
	l := listing{model: DealModel, newest: true, filter: f}
	left := f // what the index does not answer
	left.Sort = ""
	switch {
	case f.Sort == sortByAmount && f.Owner != "":
		l.index, left.Owner = dealsOwnAmount+f.Owner, ""
	case f.Sort == sortByAmount:
		l.index = dealsByAmount
	case f.CustomerID != "":
		l.index, left.CustomerID = dealsByCustomer+f.CustomerID, ""
	case f.Stage != "" && f.Status == deal.Open && f.Owner != "":
		l.index, left.Stage, left.Status, left.Owner = dealsByStage+f.Stage+"\x1f"+f.Owner, "", "", ""
	case f.Owner != "":
		l.index, left.Owner = dealsByOwner+f.Owner, ""
	case f.Stage != "" && f.Status == deal.Open:
		l.index, left.Stage, left.Status = dealsByStage+f.Stage, "", ""
	case f.Product != "":
		l.index, left.Product = dealsByProduct+f.Product, ""
	case f.Region != "":
		l.index, left.Region = dealsByRegion+f.Region, ""
	case f.Status != "":
		l.index, left.Status = dealsByStatus+f.Status, ""
	default:
		l.index = dealsAll
	}
	if left != (DealFilter{}) {
		l.fits = checked(left.fits)
	}
	return l
}

// dealKeys is what can be filtered by.
type dealKeys struct {
	Stage      string `json:"stage"`
	Owner      string `json:"owner"`
	Status     string `json:"status"`
	CustomerID string `json:"customer_id"`
	Product    string `json:"product"`
	Region     string `json:"region"`
}

func (f DealFilter) fits(d dealKeys) bool {
	return asked(f.Stage, d.Stage) && asked(f.Owner, d.Owner) && asked(f.Status, d.Status) &&
		asked(f.CustomerID, d.CustomerID) && asked(f.Product, d.Product) && asked(f.Region, d.Region)
}

// asked tells whether a value is what a filter wants, which may be anything.
func asked(want, value string) bool { return want == "" || want == value }
