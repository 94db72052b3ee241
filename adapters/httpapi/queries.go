package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
)

// Queries is the read side of the API.
type Queries struct {
	Views        projections.Views
	Log          projections.Log // what histories are told from
	Policy       interface{ State() policy.Policy }
	Tokens       interface{ State() access.Tokens }
	Organisation interface {
		State() organisation.Organisation
	}
	ReadModels func(context.Context) ([]ReadModel, error) // nil: not shown here
	Builds     Builds                                     // nil: not shown here
	Decisions  interface{ State() readmodel.Decisions }
	Analyses   AnalysesUnderWay
	Feed       *Feed // nil: not served here
	Webhooks   WebhooksUnderWay
	// Disclosures keeps account of who was shown personal data; nil: nobody does.
	Disclosures Disclosures
	Now         func() time.Time
}

// routes is the table of contents of all queries: path, summary, who may ask,
// the read model it waits for, and what answers it.
func (q *Queries) routes() []route {
	var (
		people   = projections.Customers{Views: q.Views}
		deals    = projections.Deals{Views: q.Views}
		pipeline = projections.Pipeline{Views: q.Views}
		sales    = projections.Sales{Views: q.Views}
		tickets  = projections.Tickets{Views: q.Views}
		taken    = projections.TicketDurations{Views: q.Views}
		watchers = roles(access.Auditor)
		readers  = readers()
		sellers  = sellers()

		ofCustomers, ofDeals, ofTickets = q.pasts(readers)
	)
	routes := []route{
		list[projections.Customer]("customers", "list-customers", "List customers", readers, projections.CustomerModel, people.List).personal("customers"),
		record[projections.Customer]("customers", "Read a customer", readers, projections.CustomerModel, people.Get, ofCustomers.then, customer.ErrNotFound).personal("customers"),
		ofCustomers.history(),
		ofCustomers.difference(),
		ofCustomers.why(),
		held[projections.Deal](ofCustomers, ofDeals.kind),
		held[projections.Ticket](ofCustomers, ofTickets.kind),

		list[projections.Deal]("deals", "list-deals", "List deals", readers, projections.DealModel, deals.List).personal("deals"),
		record[projections.Deal]("deals", "Read a deal", readers, projections.DealModel, deals.Get, ofDeals.then, deal.ErrNotFound).personal("deals"),
		ofDeals.history(),
		ofDeals.difference(),
		ofDeals.why(),
		figures("pipeline", "pipeline", "Read the pipeline board", readers, boardOf(pipeline), projections.DealModel).personal("deals"),
		figures("dashboards/sales", "sales-dashboard", "Read the sales figures", sellers, salesBy(sales), projections.DealModel).failing(access.ErrBeyondReach),

		list[projections.Ticket]("tickets", "list-tickets", "List tickets, such as the queue by due time", readers, projections.TicketModel, tickets.List).personal("tickets"),
		record[projections.Ticket]("tickets", "Read a ticket", readers, projections.TicketModel, tickets.Get, ofTickets.then, ticket.ErrNotFound).personal("tickets"),
		ofTickets.history(),
		ofTickets.difference(),
		ofTickets.why(),
		figures("dashboards/tickets", "tickets-dashboard", "Read how long tickets take and how their targets came out", counters(), unfiltered(taken.Dashboard), projections.TicketModel),
		figures("timers", "list-timers", "List the running clocks, first due first", roles(access.Service, access.Auditor, access.Application), q.timers, projections.TicketModel),

		q.metricList(),
		q.metric(),

		list[projections.Disclosure]("disclosures", "list-disclosures", "List who was shown personal data: every read by an auditor, and every export", watchers,
			projections.DisclosureModel, projections.Disclosures{Views: q.Views}.List),
		figures("tokens", "list-tokens", "List the tokens ever issued; never their secrets", watchers, unfiltered(q.tokens)),
		figures("service-accounts", "list-service-accounts", "List the programs that tokens are issued for", watchers, unfiltered(q.serviceAccounts)),
		figures("me", whoAmI, "Read who you are here, and what you may do", everyone(), unfiltered(q.me)),
	}
	if q.Feed != nil {
		routes = append(routes, q.events())
	}
	return slices.Concat(routes, q.onAnalyses(), q.onOrganisation(ofCustomers.History), q.onWebhooks(), q.onPolicies(), q.onReadModels(watchers))
}

// readers may read records, and so their histories (RB-02, RB-03).
func readers() rights {
	return roles(access.Service, access.Marketing, access.Auditor, access.Application).
		own(access.Sales).team(access.Manager).masked(access.Product, access.Analyst)
}

// counters may read figures of all records, sellers those of their own, too.
func counters() rights {
	return roles(access.Service, access.Marketing, access.Product, access.Analyst, access.Auditor, access.Application)
}

func sellers() rights { return counters().own(access.Sales).team(access.Manager) }

// pasts are the queries about the past of each kind of record. They share what
// is remembered of the log.
func (q *Queries) pasts(who rights) (customers, deals, tickets past) {
	history := projections.History{
		Streams: projections.NewStreams(q.Log, 0), Views: q.Views, Now: q.Now,
		Policy: func() policy.Policy { return q.Policy.State() },
	}
	kinds := projections.Kinds()
	return past{history, kinds["customers"], who}, past{history, kinds["deals"], who}, past{history, kinds["tickets"], who}
}
