package projections

import (
	"cmp"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/period"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// JourneyModel holds what metrics need of a customer's way: when we were in
// touch, what it ordered, and which stages of the lifecycle it was put into. It
// is a read model of its own, because facts about customers depend on the policy
// and on their deals; deals tell their orders, so an order goes along when a
// deal is handed to another customer.
var JourneyModel = Declaration[journey]{
	Facts: journeyFigures(slices.Concat(customerMetrics(), churnMetrics())), Basis: journeyBasis, Told: (*journey).told, Figures: journeyFigures,
}.Model("journeys", 1,
	About(func(e customer.Registered) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.Registered) {
		j.buying = nil
		j.RegisteredAt, j.Stage, j.Owner, j.Industry, j.Region, j.Source = e.RegisteredAt, e.Stage, e.Owner, e.Industry, e.Region, e.Source.Channel
	}),
	About(func(e customer.DetailsChanged) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.DetailsChanged) {
		for _, c := range e.Changes {
			switch c.Field {
			case "industry":
				j.Industry = c.To
			case "region":
				j.Region = c.To
			}
		}
	}),
	About(func(e customer.SourceRecorded) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.SourceRecorded) {
		j.Source = e.To.Channel
	}),
	About(func(e customer.OwnerAssigned) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.OwnerAssigned) {
		j.Owner = e.To
	}),
	About(func(e customer.TagAdded) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.TagAdded) {
		if tag := e.Dimension + ":" + e.Value; !slices.Contains(j.Tags, tag) {
			j.Tags = append(j.Tags, tag)
		}
	}),
	About(func(e customer.TagRemoved) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.TagRemoved) {
		j.Tags = slices.DeleteFunc(j.Tags, func(tag string) bool { return tag == e.Dimension+":"+e.Value })
	}),
	About(func(e customer.LifecycleStageChanged) string { return e.CustomerID }, func(j *journey, _ domain.Recorded, e customer.LifecycleStageChanged) {
		j.buying = nil
		j.Stages = append(j.Stages, stageSet{e.To, e.EffectiveAt})
		slices.SortStableFunc(j.Stages, func(a, b stageSet) int { return a.At.Compare(b.At) })
	}),

	About(func(e customer.InteractionLogged) string { return ifSo(e.TwoWay, e.CustomerID) },
		func(j *journey, _ domain.Recorded, e customer.InteractionLogged) { j.touch(e.At) }),
	About(func(e ticket.Opened) string { return e.CustomerID },
		func(j *journey, _ domain.Recorded, e ticket.Opened) { j.touch(e.OpenedAt) }),
	About(func(e ticket.CustomerMessaged) string { return e.CustomerID },
		func(j *journey, _ domain.Recorded, e ticket.CustomerMessaged) { j.touch(e.MessagedAt) }),

	About(func(e deal.ContractSigned) string { return orderedIn(e.DealID) }, func(j *journey, _ domain.Recorded, e deal.ContractSigned) {
		j.order(e.CustomerID).Contract = &signed{e.SignedOn, e.Amount}
	}),
	About(func(e deal.PaymentReceived) string { return orderedIn(e.DealID) }, func(j *journey, _ domain.Recorded, e deal.PaymentReceived) {
		o := j.order(e.CustomerID)
		o.Payments = append(o.Payments, signed{e.ReceivedOn, e.Amount})
	}),
	About(func(e deal.Won) string { return orderedIn(e.DealID) }, func(j *journey, _ domain.Recorded, e deal.Won) {
		o := j.order(e.CustomerID)
		o.Status, o.ClosedOn, o.Amount = deal.StatusWon, e.ClosedOn, e.Amount
	}),
	About(func(e deal.Lost) string { return orderedIn(e.DealID) }, func(j *journey, _ domain.Recorded, e deal.Lost) {
		o := j.order(e.CustomerID)
		o.Status, o.ClosedOn = deal.StatusLost, e.ClosedOn
	}),
	About(func(e deal.Reopened) string { return orderedIn(e.DealID) }, func(j *journey, _ domain.Recorded, e deal.Reopened) {
		o := j.order(e.CustomerID)
		o.Status, o.ClosedOn = deal.Open, ""
	}),
	About(func(e deal.DetailsChanged) string { return ifSo(changesHands(e), orderedIn(e.DealID)) },
		func(j *journey, _ domain.Recorded, e deal.DetailsChanged) { j.order(handedOver(e).To) }),
)

// journey is a document about a customer or, under an id of its own, the orders
// of a deal.
type journey struct {
	RegisteredAt time.Time            `json:"registered_at,omitzero"`
	Stage        string               `json:"stage,omitempty"` // it was registered in
	Owner        string               `json:"owner,omitempty"`
	Industry     string               `json:"industry,omitempty"`
	Region       string               `json:"region,omitempty"`
	Source       string               `json:"source,omitempty"`
	Tags         []string             `json:"tags,omitempty"`
	Stages       []stageSet           `json:"stages,omitempty"`  // by time
	Touches      []touches            `json:"touches,omitempty"` // by time
	Orders       map[string]orderFact `json:"orders,omitempty"`  // told by deals

	Deal *dealOrders `json:"deal,omitempty"`

	sorted []orderFact // see amounts
	buying *buying     // see bought
}

// journeyFigures contributes to metrics, which is all that a journey does.
func journeyFigures(metrics []Metric) func(*journey, *Facts) {
	of := contributions[journey](metrics)
	return func(j *journey, f *Facts) {
		switch {
		case j.Deal != nil:
			j.Deal.tell(f.id[len(orderPrefix):], f)
		case !j.RegisteredAt.IsZero(): // else it is known from its deals only
			in := append(make([]dimension, 0, 4+len(j.Tags)), dimension{ByOwner, j.Owner}, dimension{ByIndustry, j.Industry}, dimension{ByRegion, j.Region}, dimension{BySource, j.Source})
			for _, tag := range j.Tags {
				in = append(in, dimension{ByTag, tag})
			}
			contribute(of, j, f, in)
		}
	}
}

// journeyBasis is what facts of customers depend on in a pack.
func journeyBasis(p policy.Pack) any {
	return struct {
		zone, currency, basis   string
		churn, cooling, dormant period.Span
		window, conversion      int
		tiers                   []policy.ValueTier
	}{
		p.Zone, p.Currency, p.Customers.ValueBasis, p.Customers.ChurnAfter, p.Customers.CoolingAfter, p.Customers.DormantAfter,
		p.Customers.ValueWindowDays, p.Customers.ConversionWindowDays, p.Customers.ValueTiers,
	}
}

// stageSet is a stage of the lifecycle that the customer came into.
type stageSet struct {
	To string    `json:"to"`
	At time.Time `json:"at"`
}

// touches is a run of two-way contacts (definitions 5.7), from the first to the
// last, in milliseconds. Contacts less than runGap apart are one run: nobody is
// out of touch in between under any policy.
type touches [2]int64

// runGap is less than policy.LeastCooling, even where clocks or days are skipped.
const runGap = 5 * 24 * int64(time.Hour/time.Millisecond)

// touch notes a contact, however late it is recorded.
func (j *journey) touch(at time.Time) {
	run := touches{at.UnixMilli(), at.UnixMilli()}
	first, _ := slices.BinarySearchFunc(j.Touches, run[0]-runGap+1, func(r touches, least int64) int { return cmp.Compare(r[1], least) })
	next := first
	for ; next < len(j.Touches) && j.Touches[next][0] < at.UnixMilli()+runGap; next++ {
		run[0], run[1] = min(run[0], j.Touches[next][0]), max(run[1], j.Touches[next][1])
	}
	j.Touches = slices.Replace(j.Touches, first, next, run)
}
